# The page about a training: plain text, neither OpenCV nor LibTorch.
include(EmbedText)
add_library(labelloom_train_report STATIC
  ${CMAKE_CURRENT_LIST_DIR}/line_chart.cc ${CMAKE_CURRENT_LIST_DIR}/train_report.cc)
labelloom_embed_text(labelloom_train_report train_report.html train_report_html)
labelloom_embed_text(labelloom_train_report train_report.css train_report_css)
target_include_directories(labelloom_train_report PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(labelloom_train_report
  PUBLIC labelloom::model_core PRIVATE fmt::fmt labelloom_flags)
