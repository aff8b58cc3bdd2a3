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

// The bytes of a register worked on side by side, as in Lemire, "Number parsing at a gigabyte per
// second" (2021), and Anderson, "Bit twiddling hacks". Places in it are counted in bits.
inline constexpr std::uint64_t kEvery = 0x0101010101010101U;

/// Eight characters, the first one lowest; digits become 0 to 9.
inline std::uint64_t load_digits(const char* text) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, text, sizeof bytes);
  if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
  return bytes ^ (kEvery * '0');
}

/// Place of the first byte that is no digit; 64 if all are.
inline unsigned find_other(std::uint64_t bytes) {
  // Carries of the sum only reach bytes behind the first that is no digit.
  const std::uint64_t others = ((bytes + kEvery * 0x76) | bytes) & (kEvery * 0x80);
  return static_cast<unsigned>(std::countr_zero(others)) & ~7U;
}

/// The number that the first `end` bits spell, of at least one digit and at most eight.
inline std::uint64_t value_of(std::uint64_t bytes, unsigned end) {
  bytes <<= 64 - end;  // zeros in front
  bytes = bytes * 10 + (bytes >> 8U);
  constexpr std::uint64_t kPairs = 0x000000FF000000FFU;
  const std::uint64_t value = (bytes & kPairs) * ((std::uint64_t{1000000} << 32U) + 100) +
                              ((bytes >> 16U) & kPairs) * ((std::uint64_t{10000} << 32U) + 1);
  return value >> 32U;
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

/// The rest of a number with more digits, from behind its point on, where `whole_count` digits
/// spell `whole` before it: null if it is not that.
inline const char* read_fraction(const char* at,
                                 unsigned whole_count,
                                 std::uint64_t whole,
                                 double& magnitude) {
  const std::uint64_t first = load_digits(at);
  const unsigned first_end = find_other(first);
  unsigned count = first_end / 8;
  if (count == 0) return nullptr;
  std::uint64_t digits = whole * kWholePower[count] + value_of(first, first_end);
  at += count;
  if (count == 8) {
    const std::uint64_t rest = load_digits(at);
    const unsigned rest_end = find_other(rest);
    const unsigned rest_count = rest_end / 8;
    if (whole_count + 8 + rest_count > 18) return nullptr;
    if (rest_count > 0) digits = digits * kWholePower[rest_count] + value_of(rest, rest_end);
    at += rest_count;
    count += rest_count;
    return ends_token(*at) && divide(digits, count, magnitude) ? at : nullptr;
  }
  magnitude = static_cast<double>(static_cast<std::int64_t>(digits)) / kPower[count];
  return ends_token(*at) ? at : nullptr;
}

}  // namespace detail

/// Reads the JSON number at `text` to the last bit. Returns its end, or null for what is no number
/// or none that a double can hold; a token must end there (white space, comma, closing bracket).
/// Bytes up to kNumberLookahead behind `text` are looked at.
[[gnu::always_inline]] inline const char* read_number(const char* text, double& number) {
  // Most numbers have up to seven digits, with or without a point among them, and most of the
  // others up to seven before the point and sixteen behind it.
  const bool negative = *text == '-';
  const char* const at = text + (negative ? 1 : 0);
  const std::uint64_t bytes = detail::load_digits(at);
  const unsigned point = detail::find_other(bytes);
  if (point == 0 || point == 64 || (*at == '0' && point > 8)) {
    return detail::read_any_number(text, number);
  }
  const char* end = at + point / 8;
  double magnitude = 0;
  if (*end == '.') {
    const std::uint64_t whole = bytes & ((std::uint64_t{1} << point) - 1);
    const std::uint64_t without_point = whole | ((bytes >> point >> 8U) << point);
    const unsigned last = detail::find_other(without_point | (std::uint64_t{0xFF} << 56U));
    end = at + last / 8 + 1;
    if (detail::ends_token(*end) && last > point) {
      // An exact quotient of two exact doubles.
      magnitude =
          static_cast<double>(static_cast<std::int64_t>(detail::value_of(without_point, last))) /
          detail::kPower[(last - point) / 8];
    } else {
      end = detail::read_fraction(
          at + point / 8 + 1, point / 8, detail::value_of(whole, point), magnitude);
      if (end == nullptr) return detail::read_any_number(text, number);
    }
    number = negative ? -magnitude : magnitude;
    return end;
  }
  if (!detail::ends_token(*end)) return detail::read_any_number(text, number);
  const auto whole = static_cast<std::int64_t>(detail::value_of(bytes, point));
  number = static_cast<double>(negative ? -whole : whole);  // a whole zero has no sign
  return end;
}

}  // namespace labelloom::json
