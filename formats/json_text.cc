#include "formats/json_text.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

namespace labelloom::json {
namespace {

constexpr double kScale = 10000.0;

/// "00" to "99".
constexpr auto kPairs = [] {
  std::array<char, 200> pairs = {};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

char* write_pair(char* to, std::uint64_t value) {
  std::memcpy(to, &kPairs[2 * value], 2);
  return to + 2;
}

char* write_whole(char* to, std::uint64_t value) {
  if (value < 10) {
    *to = static_cast<char>('0' + value);
    return to + 1;
  }
  if (value < 100) return write_pair(to, value);
  if (value < 1000) {
    *to = static_cast<char>('0' + value / 100);
    return write_pair(to + 1, value % 100);
  }
  return fmt::format_to(to, "{}", value);
}

/// ".25" for 2500 ten-thousandths.
char* write_fraction(char* to, std::uint64_t ten_thousandths) {
  *to++ = '.';
  to = write_pair(to, ten_thousandths / 100);
  if (ten_thousandths % 100 != 0) to = write_pair(to, ten_thousandths % 100);
  return to[-1] == '0' ? to - 1 : to;
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
      to = write_whole(to, n / 10000);
      return n % 10000 == 0 ? to : write_fraction(to, n % 10000);
    }
  }
  return fmt::format_to(to, "{}", number);
}

void append_number(std::string& out, double number) {
  std::array<char, kMaxNumberLength> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const char* const end = write_number(buffer.data(), number);
  out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
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
        if (static_cast<unsigned char>(c) < 0x20) {
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
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
