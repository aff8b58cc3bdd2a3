# Installs a build, then configures, builds and runs a project that finds it with find_package.
# cmake -DBUILD_DIR=... -DWORK_DIR=... -DCONFIG=... -DGENERATOR=... -DCOMPILER=... -P check.cmake
set(prefix ${WORK_DIR}/prefix)
set(consumer ${WORK_DIR}/consumer)
file(REMOVE_RECURSE ${WORK_DIR})
file(MAKE_DIRECTORY ${WORK_DIR})

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# A prefix of its own, whatever the one of the build is.
set(ENV{DESTDIR} "")
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix} --config ${CONFIG})
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${consumer} -G ${GENERATOR}
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_PREFIX_PATH=${prefix}
  # Only the prefix, never a package that is installed on this computer or registered by a user.
  -DLabelLoom_ROOT=${prefix} -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)
run(${CMAKE_COMMAND} --build ${consumer} --config ${CONFIG})

file(WRITE ${WORK_DIR}/coco.json [==[{
"images":[{"id":1,"file_name":"a.jpg","width":40,"height":30}],
"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[2,3,10,8],"area":80,"iscrowd":0,
  "segmentation":[[2,3,12,3,12,11,2,11]],"keypoints":[3,4,2,11,10,2],"num_keypoints":2}],
"categories":[{"id":1,"name":"bolt","keypoints":["head","tip"]}]}]==])
execute_process(COMMAND ${consumer}/count_objects ${WORK_DIR}/coco.json
  OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
set(expected "1 images, 1 objects, 2 kinds of key point, 0 findings\n")
if(NOT output STREQUAL expected)
  message(FATAL_ERROR "the consumer printed\n${output}instead of\n${expected}")
endif()

execute_process(COMMAND ${consumer}/count_variants OUTPUT_VARIABLE output
  COMMAND_ERROR_IS_FATAL ANY)
if(NOT output STREQUAL "10 transforms\n")
  message(FATAL_ERROR "the consumer of augment printed\n${output}")
endif()

# The installed programs find each other: one hands over to its neighbour.
foreach(arguments "--version" "label-config;--classes;bolt" "view;--help" "augment;--help")
  execute_process(COMMAND ${prefix}/bin/labelloom ${arguments} OUTPUT_QUIET
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
