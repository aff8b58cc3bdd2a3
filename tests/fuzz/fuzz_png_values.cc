// PNGs of values: the bytes as they come, or with check sums that are put right; what is read can
// be written and read again.

#include <string>
#include <string_view>

#include "formats/error.h"
#include "formats/png_values.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/fuzz_png.h"

namespace labelloom {
namespace {

void read_both(std::string_view png) {
  try {
    const LabelMap map = decode_label_map(png);
    test::require(decode_label_map(encode_label_map(map, label_palette())) == map);
    test::require(decode_label_map(encode_label_map(map, {})) == map);
  } catch (const Error&) {  // anything else is a finding
  }
  try {
    const DepthMap map = decode_depth_map(png);
    test::require(decode_depth_map(encode_depth_map(map)) == map);
  } catch (const Error&) {
  }
}

}  // namespace
}  // namespace labelloom

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  labelloom::test::FuzzInput in({data, size});
  const bool mend = in.byte() % 4 != 0;
  labelloom::test::Bytes png(in.bytes().begin(), in.bytes().end());
  if (mend) labelloom::test::mend_check_sums(png);
  labelloom::read_both({reinterpret_cast<const char*>(png.data()), png.size()});
  return 0;
}
