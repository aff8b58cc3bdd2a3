# Tests of what labelloom-torch reads and writes around the network.
add_executable(training_app_tests
  ${CMAKE_CURRENT_LIST_DIR}/model_setup_test.cc ${CMAKE_CURRENT_LIST_DIR}/training_source_test.cc)
target_link_libraries(training_app_tests PRIVATE labelloom_training_app labelloom_test_support
  fmt::fmt GTest::gtest GTest::gmock GTest::gtest_main labelloom_flags)
gtest_discover_tests(training_app_tests TEST_PREFIX apps. DISCOVERY_TIMEOUT 60
  PROPERTIES LABELS unit TIMEOUT 120)
