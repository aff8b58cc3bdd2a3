# Tests of what labelloom-torch reads and writes around the network.
add_executable(training_app_tests
  ${CMAKE_CURRENT_LIST_DIR}/ideal_outputs_test.cc ${CMAKE_CURRENT_LIST_DIR}/model_setup_test.cc
  ${CMAKE_CURRENT_LIST_DIR}/training_source_test.cc)
target_link_libraries(training_app_tests PRIVATE labelloom_training_app labelloom::evaluate
  labelloom_test_support
  fmt::fmt GTest::gtest GTest::gmock GTest::gtest_main labelloom_flags)
gtest_discover_tests(training_app_tests TEST_PREFIX apps. DISCOVERY_TIMEOUT 300
  PROPERTIES LABELS unit TIMEOUT ${test_timeout})

# End to end. Needs the scenes that the project draws itself.
add_executable(cli_train_tests ${CMAKE_CURRENT_LIST_DIR}/cli_train_test.cc
  ${CMAKE_CURRENT_LIST_DIR}/cli_predict_test.cc
  ${CMAKE_CURRENT_LIST_DIR}/cli_score_test.cc ${CMAKE_CURRENT_LIST_DIR}/cli_support.cc)
target_compile_definitions(cli_train_tests PRIVATE LABELLOOM_PROGRAM="$<TARGET_FILE:labelloom>"
  LABELLOOM_MAKE_SCENES="$<TARGET_FILE:make_scenes>")
target_link_libraries(cli_train_tests PRIVATE labelloom::model_core labelloom::select_core
  labelloom_test_support
  fmt::fmt GTest::gtest GTest::gmock GTest::gtest_main labelloom_flags)
add_dependencies(cli_train_tests labelloom labelloom-torch make_scenes)
gtest_discover_tests(cli_train_tests TEST_PREFIX apps. DISCOVERY_TIMEOUT 300
  TEST_FILTER -Slow* PROPERTIES LABELS cli TIMEOUT ${test_timeout})
gtest_discover_tests(cli_train_tests TEST_PREFIX apps. DISCOVERY_TIMEOUT 300
  TEST_LIST cli_train_slow_tests TEST_FILTER Slow* PROPERTIES LABELS slow TIMEOUT ${test_timeout})

# Scoring with a model that is read off the picture.
add_executable(pool_scorer_tests ${CMAKE_CURRENT_LIST_DIR}/pool_scorer_test.cc)
target_link_libraries(pool_scorer_tests PRIVATE labelloom_scoring_app labelloom_test_support
  GTest::gtest GTest::gmock GTest::gtest_main labelloom_flags)
gtest_discover_tests(pool_scorer_tests TEST_PREFIX apps. DISCOVERY_TIMEOUT 300
  PROPERTIES LABELS unit TIMEOUT ${test_timeout})

# Studies of selection, end to end.
add_executable(cli_study_tests ${CMAKE_CURRENT_LIST_DIR}/cli_study_test.cc
  ${CMAKE_CURRENT_LIST_DIR}/cli_loop_test.cc ${CMAKE_CURRENT_LIST_DIR}/annotator.cc
  ${CMAKE_CURRENT_LIST_DIR}/cli_support.cc)
target_compile_definitions(cli_study_tests PRIVATE LABELLOOM_PROGRAM="$<TARGET_FILE:labelloom>"
  LABELLOOM_MAKE_SCENES="$<TARGET_FILE:make_scenes>")
target_link_libraries(cli_study_tests PRIVATE labelloom_study_app labelloom_test_support
  labelloom_rapidjson fmt::fmt GTest::gtest GTest::gmock GTest::gtest_main labelloom_flags)
add_dependencies(cli_study_tests labelloom labelloom-images labelloom-torch make_scenes)
gtest_discover_tests(cli_study_tests TEST_PREFIX apps. DISCOVERY_TIMEOUT 300
  TEST_FILTER -*.Slow* PROPERTIES LABELS cli TIMEOUT ${test_timeout})
gtest_discover_tests(cli_study_tests TEST_PREFIX apps. DISCOVERY_TIMEOUT 300
  TEST_LIST cli_study_slow_tests TEST_FILTER *.Slow* PROPERTIES LABELS slow TIMEOUT ${test_timeout})
