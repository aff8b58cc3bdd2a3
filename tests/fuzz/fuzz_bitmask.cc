// Mask pictures in data URLs: the text as it comes, or a PNG whose check sums are put right first,
// or no change would get past them.

#include <array>
#include <string>
#include <vector>

#include "formats/error.h"
#include "formats/png_mask.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/fuzz_png.h"

namespace labelloom {
namespace {

using test::Bytes;

std::string base64(const Bytes& bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = i; k < i + 3; ++k)
      group = group << 8U | (k < bytes.size() ? bytes[k] : 0U);
    for (unsigned k = 0; k < 4; ++k) {
      const bool padding = i + k > bytes.size();
      text += padding ? '=' : kAlphabet[group >> (18 - 6 * k) & 63U];
    }
  }
  return text;
}

void fuzz_png(std::span<const std::uint8_t> input) {
  Bytes png(input.begin(), input.end());
  test::mend_check_sums(png);
  test::require(decode_base64(base64(png)) == png);
  Size size{1, 1};
  if (png.size() >= 24) {  // the size that the picture claims
    size = {static_cast<int>(test::big_endian(png, 16) & 0xFFFU),
            static_cast<int>(test::big_endian(png, 20) & 0xFFFU)};
  }
  const Rle rle = decode_bitmask_data_url("data:image/png;base64," + base64(png), size);
  validate(rle);
  test::require(encode(decode(rle), size) == rle);
}

}  // namespace
}  // namespace labelloom

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  labelloom::test::FuzzInput in({data, size});
  try {
    if (in.byte() % 4 == 0) {
      const labelloom::Size picture{in.byte(), in.byte()};
      (void)labelloom::decode_bitmask_data_url(in.rest(), picture);
    } else {
      labelloom::fuzz_png(in.bytes());
    }
  } catch (const labelloom::Error&) {  // anything else is a finding
  }
  return 0;
}
