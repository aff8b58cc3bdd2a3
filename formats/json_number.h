#pragma once

// Internal: JSON numbers.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

namespace labelloom::json {

/// How far behind its first byte the reader of a number may look.
inline constexpr std::size_t kNumberLookahead = 32;

namespace detail {

// Powers of ten that a double holds exactly.
inline constexpr std::array<double, 17> kPower = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
inline constexpr std::array<std::uint64_t, 9> kWholePower = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

inline bool ends_token(char c) {
  return c == ',' || c == ']' || c == '}' || c == '\n' || c == ' ' || c == '\r' || c == '\t';
}

/// Up to eight digits at once: how many there are, and their value.
struct Digits {
  unsigned count = 0;
  std::uint64_t value = 0;
};

/// The bytes of a register worked on side by side, as in Lemire, "Number parsing at a gigabyte per
/// second" (2021), and Anderson, "Bit twiddling hacks".
inline Digits read_digits(const char* text) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, text, sizeof bytes);
  if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
  constexpr std::uint64_t kEvery = 0x0101010101010101U;
  bytes ^= kEvery * '0';  // digits become 0 to 9
  // Carries of the sum only reach bytes behind the first that is no digit.
  const std::uint64_t others = ((bytes + kEvery * 0x76) | bytes) & (kEvery * 0x80);
  const auto count = static_cast<unsigned>(std::countr_zero(others)) / 8;
  if (count == 0) return {};
  bytes <<= 64 - 8 * count;  // zeros in front
  bytes = bytes * 10 + (bytes >> 8U);
  constexpr std::uint64_t kPairs = 0x000000FF000000FFU;
  const std::uint64_t value = (bytes & kPairs) * ((std::uint64_t{1000000} << 32U) + 100) +
                              ((bytes >> 16U) & kPairs) * ((std::uint64_t{10000} << 32U) + 1);
  return {count, value >> 32U};
}

/// digits / 10^power to the last bit, for digits below 2^63; false where the last bit is in doubt.
inline bool divide(std::uint64_t digits, unsigned power, double& quotient) {
  if constexpr (std::numeric_limits<long double>::digits == 64) {
    // x86 rounds the quotient to 64 bits and then to 53, which gives what rounding once does,
    // unless the first ends halfway between two doubles.
    const long double wide = static_cast<long double>(static_cast<std::int64_t>(digits)) /
                             static_cast<long double>(kPower[power]);
    std::uint64_t significand = 0;
    std::memcpy(&significand, &wide, sizeof significand);
    quotient = static_cast<double>(wide);
    return (significand & 0x7FFU) != 0x400U;
  } else {
    quotient = static_cast<double>(digits) / kPower[power];
    return digits <= (std::uint64_t{1} << 53U);
  }
}

/// Any number, by the grammar and the standard library.
const char* read_any_number(const char* text, double& number);

}  // namespace detail

/// Reads the JSON number at `text` to the last bit. Returns its end, or null for what is no number
/// or none that a double can hold; a token must end there (white space, comma, closing bracket).
/// Bytes up to kNumberLookahead behind `text` are looked at.
inline const char* read_number(const char* text, double& number) {
  // Nearly all numbers have up to seven digits before the point and up to sixteen behind it.
  const bool negative = *text == '-';
  const char* at = text + (negative ? 1 : 0);
  const detail::Digits whole = detail::read_digits(at);
  if (whole.count == 0 || (*at == '0' && whole.count > 1)) return nullptr;
  at += whole.count;
  std::uint64_t digits = whole.value;
  double magnitude = 0;
  bool exact = true;
  bool has_point = false;
  if (*at == '.') {
    has_point = true;
    ++at;
    detail::Digits fraction = detail::read_digits(at);
    if (fraction.count == 0) return nullptr;
    at += fraction.count;
    unsigned behind_point = fraction.count;
    digits = digits * detail::kWholePower[fraction.count] + fraction.value;
    if (fraction.count == 8) {
      fraction = detail::read_digits(at);
      at += fraction.count;
      behind_point += fraction.count;
      if (whole.count + behind_point > 18) return detail::read_any_number(text, number);
      digits = digits * detail::kWholePower[fraction.count] + fraction.value;
      exact = detail::divide(digits, behind_point, magnitude);
    } else {
      // Up to 15 digits: an exact quotient of two exact doubles.
      magnitude = static_cast<double>(digits) / detail::kPower[behind_point];
    }
  } else {
    magnitude = static_cast<double>(digits);
  }
  if (!exact || !detail::ends_token(*at)) return detail::read_any_number(text, number);
  number = negative && (has_point || digits != 0) ? -magnitude : magnitude;
  return at;
}

}  // namespace labelloom::json
