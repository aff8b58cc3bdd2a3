#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>

#include "formats/geometry.h"

namespace labelloom::test {

/// An invariant; a violation is a crash, which every fuzzer notices.
inline void require(bool condition) {
  if (!condition) std::abort();
}

/// Cuts a fuzzer's bytes into values; zeros when they are used up.
class FuzzInput {
 public:
  explicit FuzzInput(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool empty() const { return bytes_.empty(); }

  template <typename Value>
  Value take() {
    Value value = {};
    const std::size_t count = std::min(sizeof(Value), bytes_.size());
    if (count > 0) std::memcpy(&value, bytes_.data(), count);
    bytes_ = bytes_.subspan(count);
    return value;
  }

  int byte() { return take<std::uint8_t>(); }
  std::uint32_t number() { return take<std::uint32_t>(); }

  /// Any two doubles at all.
  Point2d point() {
    const auto x = take<double>();
    return {x, take<double>()};
  }

  /// A point in and about an image, to tenths of a pixel.
  Point2d small_point() {
    const auto x = take<std::int16_t>();
    return {0.1 * x, 0.1 * take<std::int16_t>()};
  }

  /// What is left, as bytes or as text.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
  [[nodiscard]] std::string_view rest() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

}  // namespace labelloom::test
