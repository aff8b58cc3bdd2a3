#include "formats/json_text.h"

#include <fmt/compile.h>
#include <fmt/format.h>

namespace labelloom::json {
namespace {

using detail::NumberPiece;

constexpr NumberPiece whole_piece(int number) {
  NumberPiece piece;
  for (int power = 1000; power > 0; power /= 10) {
    if (number >= power || power == 1) {
      piece.text[piece.length++] = static_cast<char>('0' + number / power % 10);
    }
  }
  return piece;
}

constexpr NumberPiece fraction_piece(int ten_thousandths) {
  NumberPiece piece;
  if (ten_thousandths == 0) return piece;
  piece.text[piece.length++] = '.';
  for (int power = 1000; ten_thousandths > 0; power /= 10) {
    piece.text[piece.length++] = static_cast<char>('0' + ten_thousandths / power);
    ten_thousandths %= power;
  }
  return piece;
}

template <typename Make>
constexpr std::array<NumberPiece, 10000> pieces(const Make& make) {
  std::array<NumberPiece, 10000> all;
  for (int i = 0; i < 10000; ++i) all[static_cast<std::size_t>(i)] = make(i);
  return all;
}

}  // namespace

constinit const std::array<NumberPiece, 10000> detail::kWholes = pieces(whole_piece);
constinit const std::array<NumberPiece, 10000> detail::kFractions = pieces(fraction_piece);

char* detail::write_other_number(char* to, double number) {
  const double magnitude = std::fabs(number);
  const double scaled = magnitude * kScale;
  if (scaled < 1e15) {
    // NOLINTNEXTLINE(bugprone-incorrect-roundings): whether it was right is checked next
    const auto n = static_cast<std::int64_t>(scaled + 0.5);
    if (static_cast<double>(n) / kScale == magnitude) {
      if (number < 0) *to++ = '-';
      return write_piece(write_integer(to, n / 10000),
                         kFractions[static_cast<std::size_t>(n % 10000)]);
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
