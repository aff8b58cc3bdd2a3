// Any text: a manifest comes out, or an Error; what comes out says of itself what it needs.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "formats/error.h"
#include "model/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labelloom::model;  // NOLINT(google-build-using-namespace): a fuzz target
  try {
    const Manifest manifest =
        parse_manifest({reinterpret_cast<const char*>(data), size}, "model.json");
    validate(manifest.config);
    if (manifest.multiple_of < 1) std::abort();
    const auto is_known = [](const std::string& name) {
      return std::ranges::find(kOutputNames, name) != kOutputNames.end();
    };
    for (const std::string& name : manifest.required_outputs()) {
      if (!is_known(name)) std::abort();
    }
    if (!std::ranges::all_of(manifest.order, is_known)) std::abort();
    for (const auto& [ours, theirs] : manifest.names) {
      if (!is_known(ours)) std::abort();
    }
  } catch (const labelloom::Error&) {  // anything else is a finding
  }
  return 0;
}
