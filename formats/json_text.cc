#include "formats/json_text.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <fmt/compile.h>
#include <fmt/format.h>

namespace labelloom::json {
namespace {

constexpr double kScale = 10000.0;

/// The eight digits of a number below 10^8 as bytes, the first digit lowest.
std::uint64_t eight_digits(std::uint32_t value) {
  // Four, two and one digits a lane, all lanes at once: quotients by 100 and by 10 as products.
  const std::uint64_t fours = value / 10000U + (std::uint64_t{value % 10000U} << 32U);
  const std::uint64_t hundreds = (fours * 10486U >> 20U) & 0x0000007f0000007fU;
  const std::uint64_t twos = hundreds + ((fours - 100U * hundreds) << 16U);
  const std::uint64_t tens = (twos * 103U >> 10U) & 0x000f000f000f000fU;
  return tens + ((twos - 10U * tens) << 8U);
}

constexpr std::uint32_t kZeros = 0x30303030;  // "0000"

void write_bytes(char* to, std::uint32_t bytes) {
  if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap32(bytes);
  std::memcpy(to, &bytes, 4);
}

/// ".25" for the digits 2500, nothing for 0000. May write up to 4 bytes behind the end.
char* write_fraction(char* to, std::uint32_t digits) {
  if (digits == 0) return to;
  *to = '.';
  write_bytes(to + 1, digits | kZeros);
  return to + 5 - std::countl_zero(digits) / 8;
}

}  // namespace

char* write_number(char* to, double number) {
  // Nearly every number here is a coordinate of at most four decimals. If n / 10^4 is exactly this
  // double and n has at most 15 digits, then n's digits are the shortest text for it.
  const double magnitude = std::fabs(number);
  const double scaled = magnitude * kScale;
  if (scaled < 1e15) {
    // NOLINTNEXTLINE(bugprone-incorrect-roundings): whether it was right is checked next
    const auto n = static_cast<std::uint64_t>(static_cast<std::int64_t>(scaled + 0.5));
    if (static_cast<double>(static_cast<std::int64_t>(n)) / kScale == magnitude) {
      if (number < 0) *to++ = '-';
      if (n < 100'000'000) {
        const std::uint64_t digits = eight_digits(static_cast<std::uint32_t>(n));
        const auto whole = static_cast<std::uint32_t>(digits);
        // Leading zeros go, but for the last digit; branches on lengths could not be foretold.
        const int skipped = std::countr_zero(whole | 0x01000000U) / 8;
        write_bytes(to, (whole | kZeros) >> (8 * skipped));
        return write_fraction(to + 4 - skipped, static_cast<std::uint32_t>(digits >> 32U));
      }
      to = write_integer(to, static_cast<std::int64_t>(n / 10000));
      return write_fraction(
          to,
          static_cast<std::uint32_t>(eight_digits(static_cast<std::uint32_t>(n % 10000)) >> 32U));
    }
  }
  return fmt::format_to(to, FMT_COMPILE("{}"), number);
}

char* write_integer(char* to, std::int64_t number) {
  const fmt::format_int text(number);
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

void append_number(std::string& out, double number) {
  std::array<char, kMaxNumberLength> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const char* const end = write_number(buffer.data(), number);
  out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, done, i - done);
    done = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    }
  }
  out.append(text, done);
  out += '"';
}

bool is_utf8(std::string_view text) {
  // Table 3-7 of the Unicode standard: overlong forms, surrogates and values above U+10FFFF are
  // out.
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i);
    if (lead < 0x80) {
      i += 1;
    } else if (lead >= 0xC2 && lead <= 0xDF && follows(i + 1)) {
      i += 2;
    } else if (lead >= 0xE0 && lead <= 0xEF && follows(i + 1) && follows(i + 2) &&
               !(lead == 0xE0 && byte(i + 1) < 0xA0) && !(lead == 0xED && byte(i + 1) > 0x9F)) {
      i += 3;
    } else if (lead >= 0xF0 && lead <= 0xF4 && follows(i + 1) && follows(i + 2) && follows(i + 3) &&
               !(lead == 0xF0 && byte(i + 1) < 0x90) && !(lead == 0xF4 && byte(i + 1) > 0x8F)) {
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace labelloom::json
