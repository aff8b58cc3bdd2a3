# labelloom_embed_text(<target> <file> <symbol>)
# Compiles a text file into <target>, so that no file has to be found at run time:
#   #include "embedded/<symbol>.h"
#   std::string_view labelloom::embedded::<symbol>();
# The text is made into C++ again whenever the file changes. Bytes, not a string literal: compilers
# need not take literals beyond 65536 characters.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${INPUT}" bytes HEX)
  string(LENGTH "${bytes}" length)
  math(EXPR length "${length} / 2")
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  file(WRITE "${OUTPUT}" "#include \"embedded/${SYMBOL}.h\"

namespace labelloom::embedded {

std::string_view ${SYMBOL}() {
  static constexpr unsigned char kBytes[] = {
${bytes}0};
  return {reinterpret_cast<const char*>(kBytes), ${length}};
}

}  // namespace labelloom::embedded
")
  return()
endif()

set(LABELLOOM_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(labelloom_embed_text target file symbol)
  get_filename_component(input ${file} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/embedded_text)
  set(source ${folder}/embedded/${symbol}.cc)
  file(CONFIGURE OUTPUT ${folder}/embedded/${symbol}.h @ONLY CONTENT "#pragma once

#include <string_view>

namespace labelloom::embedded {
[[nodiscard]] std::string_view ${symbol}();
}
")
  add_custom_command(OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${input} -DOUTPUT=${source} -DSYMBOL=${symbol}
            -P ${LABELLOOM_EMBED_SCRIPT}
    DEPENDS ${input} ${LABELLOOM_EMBED_SCRIPT}
    COMMENT "Embedding ${symbol}" VERBATIM)
  target_sources(${target} PRIVATE ${source})
  target_include_directories(${target} PRIVATE ${folder})
endfunction()
