// Any bytes as a pipeline: an Error, or a pipeline whose canonical text reads back to itself.

#include <cstdint>
#include <string_view>

#include "augment/pipeline_file.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace augment = labelloom::augment;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  labelloom::Report report;
  std::string canonical;
  try {
    canonical = augment::parse_pipeline(text, "fuzz", report).canonical;
  } catch (const labelloom::Error&) {
    return 0;
  }
  labelloom::test::require(augment::parse_pipeline(canonical, "again", report).canonical ==
                           canonical);
  return 0;
}
