#pragma once

#include <bit>
#include <cstdint>

struct __nv_bfloat16 {
  std::uint16_t bits;
  constexpr operator float() const {  // NOLINT(google-explicit-constructor): as CUDA's
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
  }
};
