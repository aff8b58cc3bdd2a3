# Flags of our own build. Linked privately, so that users of the installed libraries never get them.
add_library(labelloom_flags INTERFACE)
target_compile_options(labelloom_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual>)
if(LABELLOOM_DEVELOPER_MODE)
  target_compile_options(labelloom_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports maybe-uninitialised and overflow inside inlined library code.
  target_compile_options(labelloom_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:
    -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds -Wno-restrict>)
endif()
if(LABELLOOM_SANITIZE)
  add_compile_options(-fsanitize=${LABELLOOM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LABELLOOM_SANITIZE})
endif()
if(LABELLOOM_FUZZ)
  # RapidJSON adds an offset to a null pointer when its stack is empty (internal/stack.h).
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize=pointer-overflow)
endif()
