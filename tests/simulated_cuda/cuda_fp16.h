#pragma once

#include <bit>
#include <cstdint>

struct __half {
  std::uint16_t bits;
  constexpr operator float() const {  // NOLINT(google-explicit-constructor): as CUDA's
    const std::uint32_t magnitude = bits & 0x7FFFU;
    float value = static_cast<float>(magnitude) / (1 << 24);  // subnormal
    if (magnitude >= 0x7C00U) {
      value = std::bit_cast<float>(0x7F800000U | (magnitude & 0x3FFU) << 13U);
    } else if (magnitude >= 0x400U) {
      value = std::bit_cast<float>((magnitude << 13U) + (112U << 23U));
    }
    return (bits & 0x8000U) != 0 ? -value : value;
  }
};
