#include "formats/json_text.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/text_buffer.h"

namespace labelloom::json {
namespace {

std::string text(double number) {
  std::string out;
  append_number(out, number);
  return out;
}

double back(const std::string& text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

TEST(JsonText, NumbersAreShort) {
  EXPECT_EQ(text(0), "0");
  EXPECT_EQ(text(-0.5), "-0.5");
  EXPECT_EQ(text(325), "325");
  EXPECT_EQ(text(10.25), "10.25");
  EXPECT_EQ(text(0.0001), "0.0001");
  EXPECT_EQ(text(100.01), "100.01");
  EXPECT_EQ(text(2765.1486500000005), "2765.1486500000005");
}

TEST(JsonText, NumbersOfFewDecimalsAreWrittenAsAnyOthers) {
  // Every fraction behind whole parts of every length, and numbers too long for the short way.
  for (const double whole : {0, 7, 42, 999, 1000, 9999, 10000, 12345678}) {
    for (int i = 0; i < 10000; ++i) {
      const double number = (whole * 10000 + i) / 10000;
      EXPECT_EQ(text(number), fmt::format("{}", number));
      if (number > 0) {
        EXPECT_EQ(text(-number), fmt::format("{}", -number));
      }
    }
  }
  EXPECT_EQ(text(9999.9998), "9999.9998");  // the last of the short way
  EXPECT_EQ(text(9999.9999), "9999.9999");
  EXPECT_EQ(text(-9999.9999), "-9999.9999");
  EXPECT_EQ(text(9999.99989), "9999.99989");
  EXPECT_EQ(text(9999.99985), "9999.99985");
  EXPECT_EQ(text(10000), "10000");
  EXPECT_EQ(text(-10000.5), "-10000.5");
  EXPECT_EQ(text(0.00005), "5e-05");
  EXPECT_EQ(text(-0.00004), "-4e-05");
  EXPECT_EQ(text(-0.0), "0");
  EXPECT_EQ(text(99999999999.9999), "99999999999.9999");
  EXPECT_EQ(text(9007199254740992), "9007199254740992");
}

TEST(JsonText, BuffersKeepWhatTheyHoldWhenTheyGrow) {
  TextBuffer buffer;
  std::string expected;
  for (int round = 0; round < 2; ++round) {
    buffer.clear();
    expected.clear();
    for (int i = 0; i < 1000; ++i) {
      buffer.append_integer(-i);
      buffer += ',';
      buffer.append_number(i / 4.0);
      buffer += std::string_view("; ");
      expected += fmt::format("{},{}; ", -i, i / 4.0);
    }
    EXPECT_EQ(buffer.text(), expected);
  }
  buffer.append_integer(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(buffer.text(), expected + "-9223372036854775808");
}

TEST(JsonText, NumbersReadBackToTheSameDouble) {
  std::mt19937_64 random(1);  // NOLINT(bugprone-random-generator-seed): the same every time
  for (int i = 0; i < 200000; ++i) {
    const auto decimals = static_cast<double>(static_cast<std::int64_t>(random() >> 20U)) / 1e4;
    const auto bits = std::bit_cast<double>(random());
    EXPECT_EQ(back(text(decimals)), decimals);
    EXPECT_EQ(back(text(-decimals / 997)), -decimals / 997);
    if (std::isfinite(bits)) {
      EXPECT_EQ(back(text(bits)), bits);
    }
  }
}

TEST(JsonText, StringsAreEscaped) {
  std::string out;
  append_string(out, "a\"b\\c\n\r\t\x01\x1f/\u00fc");
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u001f/\u00fc\"");
}

TEST(JsonText, Utf8IsToldFromOtherBytes) {
  EXPECT_TRUE(is_utf8("plain"));
  EXPECT_TRUE(is_utf8("\u00fc\u20ac\U0001F600"));
  EXPECT_FALSE(is_utf8("\xff"));
  EXPECT_FALSE(is_utf8("\xc0\xaf"));          // overlong
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));      // surrogate
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_utf8("\xe2\x82"));          // cut off
}

}  // namespace
}  // namespace labelloom::json
