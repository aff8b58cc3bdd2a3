// Mask pictures in data URLs: the text as it comes, or a PNG whose check sums are put right first,
// or no change would get past them.

#include <array>
#include <string>
#include <vector>

#include "formats/error.h"
#include "formats/png_mask.h"
#include "tests/fuzz/fuzz_input.h"

namespace labelloom {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::uint32_t big_endian(const Bytes& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = value << 8U | bytes[i];
  return value;
}

std::uint32_t crc(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0xFFFFFFFFU;
  for (const std::uint8_t byte : bytes) {
    value ^= byte;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1U ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~value;
}

void mend_check_sums(Bytes& png) {
  constexpr std::size_t kSignature = 8;
  constexpr std::size_t kAround = 12;  // a chunk's length, kind and check sum
  for (std::size_t at = kSignature; at + kAround <= png.size();) {
    const std::size_t length = big_endian(png, at);
    if (length > png.size() - at - kAround) return;
    const std::uint32_t sum = crc(std::span(png).subspan(at + 4, length + 4));
    for (std::size_t i = 0; i < 4; ++i) {
      png[at + 8 + length + i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
    }
    at += kAround + length;
  }
}

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
  mend_check_sums(png);
  test::require(decode_base64(base64(png)) == png);
  Size size{1, 1};
  if (png.size() >= 24) {  // the size that the picture claims
    size = {static_cast<int>(big_endian(png, 16) & 0xFFFU),
            static_cast<int>(big_endian(png, 20) & 0xFFFU)};
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
