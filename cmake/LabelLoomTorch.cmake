# labelloom_torch: LibTorch (1.13 of Debian or 2.x, from CMAKE_PREFIX_PATH) as one target. Rooms that
# need it are left out where there is none.
option(LABELLOOM_TORCH "Build what needs LibTorch: model, select and labelloom-torch" ON)
set(LABELLOOM_HAS_TORCH FALSE)
if(LABELLOOM_TORCH)
  find_package(Torch QUIET)
  if(Torch_FOUND)
    set(LABELLOOM_HAS_TORCH TRUE)
    add_library(labelloom_torch INTERFACE)
    target_include_directories(labelloom_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
    target_link_libraries(labelloom_torch INTERFACE ${TORCH_LIBRARIES})
    # LibTorch 2 puts its own fmt before Debian's, another version: then nothing of it may be linked.
    foreach(dir IN LISTS TORCH_INCLUDE_DIRS)
      if(NOT dir STREQUAL "/usr/include" AND EXISTS "${dir}/fmt/format.h")
        target_compile_definitions(labelloom_torch INTERFACE FMT_HEADER_ONLY)
      endif()
    endforeach()
    # LibTorch 1.13's types.h alone: clang meets a use of IValue before its definition.
    target_compile_options(labelloom_torch INTERFACE
      $<$<CXX_COMPILER_ID:Clang>:SHELL:-include ATen/core/ivalue.h>)
    separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
    target_compile_options(labelloom_torch INTERFACE ${torch_flags})
  else()
    message(STATUS "no LibTorch: model, select and labelloom-torch are left out")
  endif()
endif()

# labelloom_precompile_torch(<target>): torch.h takes 20 s a file; compiled once for the target.
function(labelloom_precompile_torch target)
  target_precompile_headers(${target} PRIVATE <torch/torch.h>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)  # what ccache needs
  endif()
endfunction()
