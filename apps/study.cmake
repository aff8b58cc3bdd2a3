# Studies of selection: protocol, cells, statistics and charts. Neither OpenCV nor LibTorch.
set(sources correlation_report.cc mask_accuracy.cc study_cell.cc study_chart.cc study_design.cc study_folder.cc study_pool.cc study_tables.cc)
list(TRANSFORM sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
add_library(labelloom_study_app STATIC ${sources})
target_include_directories(labelloom_study_app PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(labelloom_study_app
  PUBLIC labelloom::evaluate labelloom::select_core labelloom::formats labelloom::model_core
  PRIVATE labelloom_train_report labelloom_rapidjson fmt::fmt labelloom_flags)
