#include "formats/fingerprint.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

namespace labelloom {

std::string fingerprint(std::string_view bytes) {
  // Multiply and shift, eight bytes at a time, two lanes: no protection against intent, which there
  // is none against in one's own folder.
  std::uint64_t a = 0x9E3779B97F4A7C15ULL ^ bytes.size();
  std::uint64_t b = 0xC2B2AE3D27D4EB4FULL;
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t length = bytes.size() < sizeof word ? bytes.size() : sizeof word;
    std::memcpy(&word, bytes.data(), length);
    bytes.remove_prefix(length);
    a = (a ^ word) * 0xBF58476D1CE4E5B9ULL;
    a ^= a >> 29U;
    b = (b + word) * 0x94D049BB133111EBULL;
    b ^= b >> 32U;
  }
  return fmt::format("{:016x}{:016x}", a, b);
}

}  // namespace labelloom
