# labelloom_find_opencv(<target>): gives <target> the modules of OpenCV that are used here. OpenCV's
# own CMake package comes only with all of its modules (libopencv-dev, 500 MB more).
function(labelloom_find_opencv target)
  find_path(OPENCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
  target_include_directories(${target} SYSTEM INTERFACE ${OPENCV_INCLUDE_DIR})
  foreach(module imgcodecs imgproc core)
    find_library(OPENCV_${module}_LIBRARY opencv_${module} REQUIRED)
    target_link_libraries(${target} INTERFACE ${OPENCV_${module}_LIBRARY})
  endforeach()
endfunction()
