#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace labelloom::test {

using Bytes = std::vector<std::uint8_t>;

inline std::uint32_t big_endian(const Bytes& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = value << 8U | bytes[i];
  return value;
}

inline std::uint32_t crc(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0xFFFFFFFFU;
  for (const std::uint8_t byte : bytes) {
    value ^= byte;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1U ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~value;
}

/// Puts a PNG's check sums right, or no change of its bytes would get past them.
inline void mend_check_sums(Bytes& png) {
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

}  // namespace labelloom::test
