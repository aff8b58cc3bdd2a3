#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace labelloom::json {

inline constexpr int kMaxNumberLength = 32;

namespace detail {

/// A few characters of a number, in one register: all of it is written, and `length` says how much
/// of that counts.
struct NumberPiece {
  std::array<char, 7> text = {};
  std::uint8_t length = 0;
};

inline char* write_piece(char* to, const NumberPiece& piece) {
  std::memcpy(to, &piece, sizeof piece);
  return to + piece.length;
}

inline constexpr double kScale = 10000.0;
extern const std::array<NumberPiece, 10000> kWholes;     ///< "0" to "9999"
extern const std::array<NumberPiece, 10000> kFractions;  ///< "", ".0001", ".0002", ..., ".9999"

char* write_other_number(char* to, double number);

}  // namespace detail

/// Writes what append_number appends; returns its end. At least kMaxNumberLength bytes must be
/// free.
inline char* write_number(char* to, double number) {
  // Nearly every number here is a coordinate of at most four decimals. If n / 10^4 is exactly this
  // double and n has at most 15 digits, then n's digits are the shortest text for it. There are no
  // branches on lengths, which could not be foretold.
  const double magnitude = std::fabs(number);
  const double scaled = magnitude * detail::kScale;
  if (scaled < 99'999'999.0) {
    // NOLINTNEXTLINE(bugprone-incorrect-roundings): whether it was right is checked next
    const auto n = static_cast<std::int32_t>(scaled + 0.5);
    if (static_cast<double>(n) / detail::kScale == magnitude) {
      *to = '-';
      to += number < 0 ? 1 : 0;
      const auto digits = static_cast<std::uint32_t>(n);
      to = detail::write_piece(to, detail::kWholes[digits / 10000]);
      return detail::write_piece(to, detail::kFractions[digits % 10000]);
    }
  }
  return detail::write_other_number(to, number);
}
/// The same for integers.
char* write_integer(char* to, std::int64_t number);

/// Appends the shortest text that reads back to the same double, never an exponent below 2^53;
/// whole numbers without a point. The number must be finite.
void append_number(std::string& out, double number);

/// Appends a JSON string literal. Text must be UTF-8.
void append_string(std::string& out, std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace labelloom::json
