# Everything comes from Debian's packages; nothing is downloaded. `./dev` installs what is missing.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(pugixml REQUIRED)
find_package(TBB REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
pkg_check_modules(spng REQUIRED IMPORTED_TARGET spng)
pkg_check_modules(exif REQUIRED IMPORTED_TARGET libexif)
pkg_check_modules(stb REQUIRED IMPORTED_TARGET stb)

# Header-only, without a CMake target of their own.
add_library(labelloom_rapidjson INTERFACE)
find_path(RAPIDJSON_INCLUDE_DIR rapidjson/reader.h REQUIRED)
target_include_directories(labelloom_rapidjson SYSTEM INTERFACE
  $<BUILD_INTERFACE:${RAPIDJSON_INCLUDE_DIR}>)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_definitions(labelloom_rapidjson INTERFACE RAPIDJSON_SSE2)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  target_compile_definitions(labelloom_rapidjson INTERFACE RAPIDJSON_NEON)
endif()

# OpenCV's own CMake package comes only with all of its modules (libopencv-dev, 500 MB more).
add_library(labelloom_opencv INTERFACE)
find_path(OPENCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
target_include_directories(labelloom_opencv SYSTEM INTERFACE ${OPENCV_INCLUDE_DIR})
foreach(module imgcodecs imgproc core)
  find_library(OPENCV_${module}_LIBRARY opencv_${module} REQUIRED)
  target_link_libraries(labelloom_opencv INTERFACE ${OPENCV_${module}_LIBRARY})
endforeach()
