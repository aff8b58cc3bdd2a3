# Tests of what labelloom-images does: drawing, the gallery's files, the gallery in a browser.
add_executable(images_app_tests
  ${CMAKE_CURRENT_LIST_DIR}/overlay_test.cc ${CMAKE_CURRENT_LIST_DIR}/gallery_test.cc)
target_link_libraries(images_app_tests PRIVATE labelloom_images_app labelloom_test_support
  labelloom_rapidjson fmt::fmt TBB::tbb GTest::gtest GTest::gmock GTest::gtest_main labelloom_flags)
gtest_discover_tests(images_app_tests TEST_PREFIX apps. DISCOVERY_TIMEOUT 300
  PROPERTIES LABELS unit TIMEOUT ${test_timeout})

# Debian's own Python, because that is the one with Debian's selenium.
find_program(LABELLOOM_PYTHON3 python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(TARGET labelloom-images AND LABELLOOM_PYTHON3)
  add_test(NAME apps.gallery_browser COMMAND ${LABELLOOM_PYTHON3}
    ${CMAKE_CURRENT_LIST_DIR}/gallery_browser_test.py $<TARGET_FILE:labelloom-images>)
  set_tests_properties(apps.gallery_browser PROPERTIES
    LABELS browser SKIP_RETURN_CODE 77 TIMEOUT ${test_timeout} RUN_SERIAL TRUE)
endif()
