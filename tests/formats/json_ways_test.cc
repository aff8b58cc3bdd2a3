// Files are read the fast way and, where anything is odd, the slow way: both read the same.

#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/json_number.h"
#include "formats/json_records.h"
#include "tests/support/temp_dir.h"

namespace labelloom::json {
namespace {

using testing::Contains;
using testing::HasSubstr;

/// A value with its kind, its bits and its structure.
void describe(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Kind::kNumber:
      out += fmt::format("{:016x}", std::bit_cast<std::uint64_t>(value.number()));
      break;
    case Kind::kString:
      out += fmt::format("'{}'", value.string());
      break;
    case Kind::kArray:
      out += fmt::format("[{}:{}:", value.size(), value.numbers().size());
      value.for_each_element([&](std::size_t index, const Value& element) {
        out += fmt::format("{}=", index);
        describe(out, element);
      });
      if (value.size() > 0) out += name(value.front().kind());
      out += ']';
      break;
    case Kind::kObject:
      out += fmt::format("{{{}:", value.size());
      value.for_each_member([&](std::string_view key, const Value& member) {
        out += fmt::format("'{}'=", key);
        describe(out, member);
      });
      out += '}';
      break;
    default:
      out += value.text();
  }
}

/// Writes down all it is told but the places, which are not the same in a part.
class Recorder final : public RecordHandler {
 public:
  std::vector<std::string> log;

  void section(std::string_view name) override { log.push_back("section " + std::string(name)); }
  void record(const Record& record, const RecordPlace& place) override {
    std::string& line = log.emplace_back(place.section);
    if (place.index == RecordPlace::kWholeMember) line += " whole";
    describe(line, record.value());
    line += record.text();
    for (std::size_t i = 0; record.value().is(Kind::kObject) && i < record.value().size(); ++i) {
      line += '|' + record.member_text(i);
    }
  }
};

class RecorderParts final : public PartsHandler {
 public:
  std::vector<std::string> log;
  int parts = 0;
  bool started_again = false;

  std::unique_ptr<RecordHandler> make() override { return std::make_unique<Recorder>(); }
  void take(RecordHandler& part) override {
    ++parts;
    for (std::string& line : static_cast<Recorder&>(part).log) log.push_back(std::move(line));
  }
  void start_again() override {
    log.clear();
    parts = 0;
    started_again = true;
  }
};

struct Read {
  std::vector<std::string> log;
  std::string error;
  int parts = 0;
  bool fast = false;
};

Read read_slow(const InputFile& file) {
  Read read;
  Recorder recorder;
  try {
    read_records(file, "a.json", {}, recorder);
    read.log = recorder.log;
  } catch (const Error& error) {
    read.error = error.what();
  }
  return read;
}

Read read_fast(const InputFile& file, std::size_t bytes_a_part = std::size_t{1} << 20U) {
  Read read;
  RecorderParts parts;
  try {
    read_records_in_parts(
        file, "a.json", {.long_sections = {"images", "list"}, .bytes_a_part = bytes_a_part}, parts);
    read.log = parts.log;
  } catch (const Error& error) {
    read.error = error.what();
  }
  read.parts = parts.parts;
  read.fast = !parts.started_again;
  return read;
}

/// Reads a text both ways and returns what the fast one did.
Read expect_same(const std::string& text, std::size_t bytes_a_part = std::size_t{1} << 20U) {
  const test::TempDir dir;
  const InputFile file(dir.write("a.json", text));
  const Read slow = read_slow(file);
  Read fast = read_fast(file, bytes_a_part);
  EXPECT_EQ(fast.log, slow.log) << text.substr(0, 200);
  EXPECT_EQ(fast.error, slow.error) << text.substr(0, 200);
  return fast;
}

TEST(JsonWays, HardNumbersAreTheSameToTheLastBit) {
  const std::vector<std::string> numbers = {"0",
                                            "-0",
                                            "0.0",
                                            "-0.0",
                                            "-0e0",
                                            "0E+5",
                                            "1",
                                            "-1",
                                            "7",
                                            "12345678",
                                            "123456789",
                                            "-12345678.12345678",
                                            "1234567.123456789012345",
                                            "12345678.123456789012345",
                                            "9007199254740991",
                                            "9007199254740992",
                                            "9007199254740993",
                                            "-9007199254740993",
                                            "9007199254740993.0",
                                            "900719925474099.3",
                                            "90071992547409.93",
                                            "9.007199254740993",
                                            "18446744073709551615",
                                            "18446744073709551616",
                                            "123456789012345678901234567890",
                                            "-9223372036854775808",
                                            "-9223372036854775809",
                                            "0.1",
                                            "0.3",
                                            "2.5",
                                            "484.98",
                                            "2765.1486500000005",
                                            "35.01184358679667",
                                            "91.93548387096774",
                                            "-48.25396825396825",
                                            "0.1000000000000000055511151231257827",
                                            "0.000000000000001",
                                            "0.0000000000000001",
                                            "0.123456789012345",
                                            "0.1234567890123456",
                                            "1.7976931348623157e308",
                                            "2.2250738585072011e-308",
                                            "4.9406564584124654e-324",
                                            "2.4703282292062328e-324",
                                            "1e22",
                                            "1e23",
                                            "1E-7",
                                            "1.5e+3",
                                            "5e-1",
                                            "8.5",
                                            "99999999",
                                            "100000000",
                                            "99999999.99999999",
                                            "0.99999999",
                                            "0.999999999"};
  std::string text = "[";
  for (const std::string& number : numbers) {
    text += fmt::format("{{\"a\":{0},\"b\":[{0}],\"c\":[{0} ,\n{0}\t]}},{0},", number);
  }
  text.back() = ']';
  EXPECT_TRUE(expect_same(text).fast);
}

TEST(JsonWays, RandomNumbersAreTheSameToTheLastBit) {
  std::mt19937_64 random(1);  // NOLINT(bugprone-random-generator-seed): the same numbers every time
  std::string text = "[";
  for (int i = 0; i < 100000; ++i) {
    const auto any = std::bit_cast<double>(random());
    const double moderate = static_cast<double>(random() >> 11U) * 0x1p-53 * 2000 - 1000;
    if (std::isfinite(any) && std::fabs(any) > 1e-300) text += fmt::format("{},", any);
    text += fmt::format("{},{:.{}f},", moderate, moderate, i % 20);
  }
  text.back() = ']';
  EXPECT_TRUE(expect_same(text).fast);
}

TEST(JsonWays, NumbersOfEveryLengthAreTheSameToTheLastBit) {
  const std::string digits = "9182736450918273645091827364509";
  std::string text = "[";
  for (std::size_t whole = 1; whole <= 10; ++whole) {
    for (std::size_t behind = 0; behind <= 20; ++behind) {
      std::string number = digits.substr(0, whole);
      if (behind > 0) number += '.' + digits.substr(whole, behind);
      text +=
          fmt::format("[{0},{0}]\n,-{0} ,{{\"a\":{0}}},{0}e2,0.{1},", number, digits.substr(whole));
    }
  }
  text.back() = ']';
  EXPECT_TRUE(expect_same(text).fast);
}

TEST(JsonWays, NumbersThatAreNoneAreToldApartBySpelling) {
  for (const char* number : {"-",     "+1",       "01",        "-01",         "00",
                             "1.",    ".5",       "-.5",       "1e",          "1e+",
                             "1.e3",  "0x10",     "1_000",     "1e400",       "-1e400",
                             "NaN",   "Infinity", "-Infinity", "1a",          "1\"",
                             "1.5.5", "1-1",      "12345678a", "1.12345678b", "1.1234567812345678c",
                             "--1",   "- 1",      "1 2",       "\xD9\xA1"}) {
    EXPECT_FALSE(expect_same(fmt::format("[{}]", number)).error.empty()) << number;
    EXPECT_FALSE(expect_same(fmt::format("[1,{}]", number)).error.empty()) << number;
    EXPECT_FALSE(expect_same(fmt::format("[{{\"a\":{}}}]", number)).error.empty()) << number;
    EXPECT_FALSE(expect_same(fmt::format("{{\"a\":{}}}", number)).error.empty()) << number;
  }
}

TEST(JsonWays, NumbersThatADoubleHoldsOnlyAsZeroAreReadAsTheSlowWayReadsThem) {
  expect_same("[1e-400,-1e-400,0.5e-330]");
}

TEST(JsonWays, StringsAreTheSame) {
  std::string text = "[";
  for (const std::string string : {R"()",
                                   R"(a)",
                                   R"(\")",
                                   R"(\\)",
                                   R"(\\\")",
                                   R"(\/\b\f\n\r\t)",
                                   R"(\u0000)",
                                   R"(a\u0000b)",
                                   R"(\u00e9)",
                                   R"(\uD83D\uDE00)",
                                   "\xF0\x9F\x98\x80 \xC3\xA9",
                                   R"(x  )",
                                   R"(,]}:{[)",
                                   R"(1234567\\)",
                                   R"(12345678\n)",
                                   "\x7F"}) {
    text += fmt::format("\"{0}\",{{\"{0}\" : \"{0}\" , \"k{0}\":[\"{0}\" ]}} ,", string);
  }
  text.back() = ']';
  const Read read = expect_same(text);
  EXPECT_TRUE(read.fast) << read.error;
}

TEST(JsonWays, StringsThatAreNoneAreRefusedAlike) {
  for (const std::string string : {R"(\x)",
                                   R"(\u12)",
                                   R"(\u12G4)",
                                   R"(\uD800)",
                                   R"(\uD800x)",
                                   R"(\uDC00)",
                                   R"(\uD800\u0041)",
                                   "\xFF",
                                   "\xC0\x80",
                                   "\xED\xA0\x80",
                                   "a\xE2\x82",
                                   "\n",
                                   "\t",
                                   "\x01"}) {
    expect_same(fmt::format("[\"{}\"]", string));
    expect_same(fmt::format("[{{\"{}\":1}}]", string));
    expect_same(fmt::format("{{\"{}\":1}}", string));
  }
  EXPECT_THAT(expect_same("[\"\xFF\"]").error, HasSubstr("not UTF-8"));
}

TEST(JsonWays, StructureIsTheSame) {
  for (const char* text : {"[]",
                           " [ ] ",
                           "{}",
                           " { } ",
                           "[[],{},[[]],[{}],[1],[1,[2]],[[1],2],[1,\"x\"],[true,1]]",
                           "\xEF\xBB\xBF[1]",
                           R"({"a":[1,2],"b":{"c":[[1,2],[3,4]]},"a":null,"list":[]})",
                           R"([{"a":1,"a":2,"":3,"b":{"a":{"a":[true,false,null]}}}])",
                           "[1,2,3]\n",
                           "[null]",
                           R"({"images":[{"x":1},{"x":2}],"list":[7]})",
                           R"([true ,false	,null
 ])"}) {
    const Read read = expect_same(text);
    EXPECT_TRUE(read.fast) << text;
    EXPECT_EQ(read.error, "") << text;
  }
}

TEST(JsonWays, WhatIsNotJsonIsRefusedAlike) {
  for (const std::string& text : std::vector<std::string>{"",
                                                          " ",
                                                          "[",
                                                          "]",
                                                          "{",
                                                          "}",
                                                          "[1",
                                                          "[1,",
                                                          "[1,]",
                                                          "[,1]",
                                                          "[1 2]",
                                                          "[1]]",
                                                          "[[1]",
                                                          "{]",
                                                          "[}",
                                                          "{\"a\"}",
                                                          "{\"a\":}",
                                                          "{\"a\":1,}",
                                                          "{\"a\" 1}",
                                                          "{a:1}",
                                                          "{1:2}",
                                                          "[\"a]",
                                                          "7",
                                                          "\"x\"",
                                                          "null",
                                                          "[tru]",
                                                          "[truex]",
                                                          "[true1]",
                                                          "[nul]",
                                                          "[\"a\"\"b\"]",
                                                          "[\"a\"b]",
                                                          "[1]x",
                                                          "[1],",
                                                          "[1]\n[2]",
                                                          "{}{}",
                                                          "[{}{}]",
                                                          "[{\"a\":1 \"b\":2}]",
                                                          "[1:2]",
                                                          std::string("[1]\0", 4),
                                                          std::string("[1\0]", 4),
                                                          std::string("[\"\0\"]", 5),
                                                          "[1]//",
                                                          "[/**/1]",
                                                          "['a']",
                                                          "[1}",
                                                          "{\"a\":[1}",
                                                          "[{\"a\":[1]]",
                                                          "[\"a\" 1]",
                                                          "[1\"a\"]",
                                                          "{\"list\":[1}",
                                                          "{\"list\":[1]",
                                                          "{\"list\":[1],}",
                                                          "[[1,2],[3]",
                                                          "[0,1 ,2,,3]"}) {
    const Read read = expect_same(text);
    EXPECT_NE(read.error, "") << text;
  }
}

TEST(JsonWays, EveryPrefixAndEveryChangedByteReadsTheSame) {
  const std::string text =
      R"({"images":[{"id":1,"n":"\u00e9"}],"list":[{"b":[1.5,-2,3e2],"c":[[1,2],true]}],"x":null})";
  for (std::size_t n = 0; n < text.size(); ++n) expect_same(text.substr(0, n));
  for (std::size_t n = 0; n < text.size(); ++n) {
    for (const char c : {'"', '\\', ',', ']', '}', '{', '[', ':', '0', '-', 'e', ' ', '\x80'}) {
      std::string changed = text;
      changed[n] = c;
      expect_same(changed);
    }
  }
}

TEST(JsonWays, TheDepthLimitIsTheSame) {
  for (const int depth : {1, 2, 198, 199, 200, 201, 202, 5000}) {
    const std::string arrays = std::string(static_cast<std::size_t>(depth), '[') +
                               std::string(static_cast<std::size_t>(depth), ']');
    EXPECT_EQ(expect_same(arrays).error.empty(), depth <= 200) << depth;
    expect_same("{\"a\":" + arrays + "}");
    expect_same("{\"list\":[" + arrays + "]}");
    expect_same("[{\"list\":[1," + arrays + "]}]");
  }
}

TEST(JsonWays, FilesOfEverySizeAroundAPageAreTheSame) {
  for (std::size_t size = 4096 - 40; size <= 4096 + 2; ++size) {
    for (const std::string end : {"1.5]", "-12345678.87654321]", "\"\"]", "\"x\"]", "{}]", "1.5"}) {
      expect_same("[" + std::string(size - 1 - end.size(), ' ') + end);
    }
  }
}

/// A root object of two long sections with something around and between them.
std::string long_file(const char* end_of_line) {
  std::string text = "{\"info\":{\"id\":1},\"images\":[";
  for (int i = 0; i < 300; ++i) {
    text += fmt::format("{{\"id\":{},\"name\":\"i {{\\\"id\\\"\"}},{}", i, end_of_line);
  }
  text.erase(text.rfind(','), 1);
  text += "],\"other\":[{\"x\":1},{\"x\":2}],\"list\":[";
  for (int i = 0; i < 1000; ++i) {
    text += fmt::format("{{\"id\":{},\"p\":[[{}.5,2,3]]}},{}", i, i, end_of_line);
  }
  text.erase(text.rfind(','), 1);
  return text + "],\"last\":[{\"x\":1}]}";
}

TEST(JsonWays, PartsGiveWhatTheWholeGives) {
  for (const std::size_t share : {100U, 1000U, 7777U}) {
    for (const char* end_of_line : {"", "\n"}) {
      const Read read = expect_same(long_file(end_of_line), share);
      EXPECT_TRUE(read.fast);
      EXPECT_GT(read.parts, 3);
    }
  }
}

TEST(JsonWays, PartsOfARootArrayGiveWhatTheWholeGives) {
  std::string text = "[\n";
  for (int i = 0; i < 1000; ++i) text += fmt::format("  {{\n    \"id\": {},\n \"p\": [1]}},\n", i);
  text.erase(text.size() - 2);
  const Read read = expect_same(text + "\n]\n", 1000);
  EXPECT_TRUE(read.fast);
  EXPECT_GT(read.parts, 10);
}

TEST(JsonWays, WrongCutsCostOnlyTime) {
  // What looks like the beginning of a record stands inside records, or in another array.
  std::string nested = "{\"list\":[";
  for (int i = 0; i < 1000; ++i) nested += R"({"id":1,"in":[{"id":2},{"id":3}]},)";
  nested.back() = ']';
  EXPECT_THAT(expect_same(nested + "}", 50).log, Contains(HasSubstr("list")));
  std::string strings = "[";
  for (int i = 0; i < 1000; ++i) strings += R"({"id":"{\"id\"","s":"[{"},)";
  strings.back() = ']';
  expect_same(strings, 50);
  std::string named = R"({"a":[{"list":[{"id":1},{"id":2}]},)";
  for (int i = 0; i < 1000; ++i) named += R"({"id":1},)";
  named.back() = ']';
  expect_same(named + R"(,"list":[{"id":5}]})", 50);
  std::string closed = "{\"list\":[";
  for (int i = 0; i < 100; ++i) closed += R"({"id":1},)";
  closed.back() = ']';
  closed += ",\"more\":[";
  for (int i = 0; i < 100; ++i) closed += R"({"id":1},)";
  closed.back() = ']';
  expect_same(closed + "}", 50);
  expect_same(closed, 50);
}

TEST(JsonWays, AFaultInAnyPartIsToldWithItsPlaceInTheFile) {
  const std::string text = long_file("\n");
  for (const std::size_t at : {500U, 9000U, 20000U}) {
    std::string broken = text;
    broken[broken.find(':', at)] = ';';
    const Read read = expect_same(broken, 1000);
    EXPECT_FALSE(read.fast);
    EXPECT_THAT(read.error, HasSubstr("a.json:"));
  }
}

TEST(JsonWays, NoCutIsMadeAtRecordsNestedInOthersWithTheSameFirstName) {
  for (const char* line :
       {R"({"id":1,"annotations":[{"id":2,"by":3},{"id":4,"by":5}]},)",
        "{\n  \"id\" : \"1\" ,\n  \"annotations\":[{\n  \"id\": 2,\n \"by\": 3}]\n} ,"}) {
    std::string text = "[";
    for (int i = 0; i < 500; ++i) text += line;
    text.back() = ']';
    const Read read = expect_same(text, 1000);
    EXPECT_TRUE(read.fast) << line;
    EXPECT_GT(read.parts, 10) << line;
  }
}

TEST(JsonWays, RecordsWhoseSecondNamesDifferAreCutAllTheSame) {
  std::string text = R"([{"id":0,"only":1},)";
  for (int i = 0; i < 500; ++i) text += fmt::format(R"({{"id":{0},"name{0}":[{0}]}},)", i);
  text.back() = ']';
  const Read read = expect_same(text, 500);
  EXPECT_TRUE(read.fast);
  EXPECT_GT(read.parts, 10);
}

}  // namespace
}  // namespace labelloom::json
