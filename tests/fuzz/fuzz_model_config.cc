// Any text: a configuration comes out, or an Error; what comes out is written and read as it was.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "formats/error.h"
#include "model/model_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labelloom::model;  // NOLINT(google-build-using-namespace): a fuzz target
  try {
    const ModelConfig config =
        parse_model_config({reinterpret_cast<const char*>(data), size}, "model.json");
    if (parse_model_config(to_json(config), "model.json") != config) std::abort();
  } catch (const labelloom::Error&) {  // anything else is a finding
  }
  return 0;
}
