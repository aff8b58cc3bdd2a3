#include "formats/json_text.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

namespace labelloom::json {
namespace {

constexpr double kScale = 10000.0;

/// Two digits at a time, least significant first; returns the first character.
char* write_digits(char* end, std::uint64_t value) {
  do {
    *--end = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  return end;
}

}  // namespace

void append_number(std::string& out, double number) {
  // Nearly every number here is a coordinate of at most four decimals. If n / 10^4 is exactly this
  // double and n has at most 15 digits, then n's digits are the shortest text for it.
  const double magnitude = std::fabs(number);
  const double scaled = magnitude * kScale;
  if (scaled < 1e15) {
    const auto n = static_cast<std::uint64_t>(scaled + 0.5);
    if (static_cast<double>(n) / kScale == magnitude) {
      std::array<char, 32> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): written below
      char* const end = buffer.data() + buffer.size();
      char* begin = end;
      std::uint64_t fraction = n % 10000;
      std::uint64_t whole = n / 10000;
      if (fraction != 0) {
        int digits = 4;
        while (fraction % 10 == 0) {
          fraction /= 10;
          --digits;
        }
        for (; digits > 0; --digits, fraction /= 10) {
          *--begin = static_cast<char>('0' + fraction % 10);
        }
        *--begin = '.';
      }
      begin = write_digits(begin, whole);
      if (number < 0) *--begin = '-';
      out.append(begin, static_cast<std::size_t>(end - begin));
      return;
    }
  }
  fmt::format_to(std::back_inserter(out), "{}", number);
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
