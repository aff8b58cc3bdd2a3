# What only the executable with LibTorch needs: training and running models.
set(sources check_model.cc prediction_writer.cc)
list(TRANSFORM sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
add_executable(labelloom-torch torch_main.cc ${sources})
target_link_libraries(labelloom-torch PRIVATE labelloom_apps labelloom::model labelloom::augment
  labelloom_opencv labelloom_rapidjson TBB::tbb fmt::fmt labelloom_flags)
labelloom_precompile_torch(labelloom-torch)
install(TARGETS labelloom-torch DESTINATION ${CMAKE_INSTALL_BINDIR})
