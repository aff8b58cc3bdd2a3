#include "formats/json_records.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace labelloom::json {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Writes down what it is told.
class Recorder final : public RecordHandler {
 public:
  std::vector<std::string> log;
  std::string fail_at = "nowhere";

  void section(std::string_view name) override { log.push_back("section " + std::string(name)); }
  void record(const Record& record, const RecordPlace& place) override {
    if (place.text() == fail_at) {
      throw Error(Errc::kInvalidData, {.path = "member"}, "is wrong");
    }
    log.push_back(place.text() + "=" + record.text());
    EXPECT_EQ(record.value().text(), record.text());
  }
};

std::vector<std::string> read(const std::string& text,
                              ReadOptions options = {},
                              const std::string& fail_at = "nowhere") {
  const test::TempDir dir;
  const InputFile file(dir.write("a.json", text));
  Recorder recorder;
  recorder.fail_at = fail_at;
  read_records(file, "a.json", options, recorder);
  return recorder.log;
}

std::string error_of(const std::string& text, const std::string& fail_at = "nowhere") {
  try {
    read(text, {}, fail_at);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(JsonRecords, ElementsOfTheRootArrayAreRecords) {
  EXPECT_THAT(read(R"([{"a":1}, [2,3], "x", null, true])"),
              ElementsAre(R"([0]={"a":1})", "[1]=[2,3]", R"([2]="x")", "[3]=null", "[4]=true"));
}

TEST(JsonRecords, MembersOfTheRootObjectAreRecordsAndSections) {
  EXPECT_THAT(read("{\"info\": {\"y\": [1, {}]}, \"list\": [ 7 , \"a, ]\\\" b\",{}],\n"
                   "\"empty\":[], \"n\": 2.5}"),
              ElementsAre(R"(info={"y":[1,{}]})",
                          "section list",
                          "list[0]=7",
                          R"(list[1]="a, ]\" b")",
                          "list[2]={}",
                          "section empty",
                          "n=2.5"));
}

TEST(JsonRecords, AWholeRootObjectCanBeOneRecord) {
  EXPECT_THAT(read(R"({"a":[1,2],"b":{}})", {.whole_root_object = true}),
              ElementsAre(R"(={"a":[1,2],"b":{}})"));
}

TEST(JsonRecords, NumbersAreReadToTheLastBit) {
  class Sink final : public RecordHandler {
   public:
    std::vector<double> numbers;
    void record(const Record& record, const RecordPlace& /*place*/) override {
      numbers.push_back(record.value().number());
    }
  } sink;
  const std::vector<double> wanted = {0.1,
                                      2765.1486500000005,
                                      9007199254740993.0,
                                      1.7976931348623157e308,
                                      4.9406564584124654e-324,
                                      -48.25396825396825,
                                      1e22,
                                      123456789012345680.0};
  const test::TempDir dir;
  const InputFile file(dir.write(
      "a.json",
      "[0.1,2765.1486500000005, 9007199254740993.0,1.7976931348623157e308,4.9406564584124654e-324,"
      "-48.25396825396825,1e22,123456789012345678]"));
  read_records(file, "a", {}, sink);
  EXPECT_EQ(sink.numbers, wanted);
}

TEST(JsonRecords, MembersKeepTheirSourceText) {
  class Sink final : public RecordHandler {
   public:
    std::vector<std::string> members;
    void record(const Record& record, const RecordPlace& /*place*/) override {
      for (std::size_t i = 0; i < record.value().size(); ++i) {
        members.push_back(record.member_text(i));
      }
    }
  } sink;
  const test::TempDir dir;
  const InputFile file(
      dir.write("a.json",
                "[{\"a\": 12345678901234567890, \"b\" :[ 1.50,\n {\"c\": \"x \\\" y\"} ],"
                "\"d\":null , \"e\":\"\\u00e9 z\",\"f\":-0.0}]"));
  read_records(file, "a", {}, sink);
  EXPECT_THAT(
      sink.members,
      ElementsAre(
          "12345678901234567890", R"([1.50,{"c":"x \" y"}])", "null", "\"\\u00e9 z\"", "-0.0"));
}

TEST(JsonRecords, ErrorsNameLineByteAndPath) {
  EXPECT_EQ(error_of("[{},\n {\"a\":1}]", "[1]"), "a.json:2: byte 6: [1].member: is wrong");
  EXPECT_EQ(error_of("{\"list\":[{}]}", "list[0]"), "a.json:1: byte 9: list[0].member: is wrong");
}

TEST(JsonRecords, WhatIsNotJsonIsNamed) {
  EXPECT_THAT(error_of(""), HasSubstr("the file is empty"));
  EXPECT_THAT(error_of("[1,2"), HasSubstr("ends in the middle"));
  EXPECT_THAT(error_of("[NaN]"), HasSubstr("NaN and Infinity are not JSON"));
  EXPECT_THAT(error_of("[1e400]"), HasSubstr("a.json:1: byte 1: not JSON: Number too big"));
  EXPECT_THAT(error_of("[1]\n]"), HasSubstr("a.json:2"));
  EXPECT_THAT(error_of("7"), HasSubstr("expected an array or object"));
  EXPECT_THAT(error_of(std::string("[1]\0[2]", 7)), HasSubstr("NUL"));
  EXPECT_THAT(error_of("[\"\xff\"]"), HasSubstr("not UTF-8"));
}

TEST(JsonRecords, EveryPrefixOfAFileIsRefused) {
  const std::string text = R"({"a":[{"b":[1.5,true,"x\n"]}],"c":null})";
  for (std::size_t n = 0; n < text.size(); ++n) {
    EXPECT_NE(error_of(text.substr(0, n)), "no error") << n;
  }
  EXPECT_EQ(error_of(text), "no error");
}

TEST(JsonRecords, DeepNestingIsRefusedWithoutRecursion) {
  EXPECT_THAT(error_of(std::string(200000, '[')), HasSubstr("nested more than 200 deep"));
  std::string objects;
  for (int i = 0; i < 200000; ++i) objects += "{\"a\":";
  EXPECT_THAT(error_of(objects), HasSubstr("nested more than 200 deep"));
  EXPECT_EQ(error_of(std::string(200, '[') + std::string(200, ']')), "no error");
}

TEST(JsonRecords, BadRecordsAreLeftOutWhenAllowed) {
  std::vector<std::string> skipped;
  ReadOptions options;
  options.skip_bad = true;
  options.on_skipped = [&](const Error& error) { skipped.emplace_back(error.what()); };
  EXPECT_THAT(read("[1,\n2,3]", options, "[1]"), ElementsAre("[0]=1", "[2]=3"));
  EXPECT_THAT(skipped, ElementsAre("a.json:2: byte 4: [1].member: is wrong"));
}

TEST(JsonRecords, AByteOrderMarkIsPassedOver) {
  EXPECT_THAT(read("\xEF\xBB\xBF[1]"), ElementsAre("[0]=1"));
}

TEST(JsonRecords, FilesOfWholePagesEndWhereTheyEnd) {
  std::string text = "[\"" + std::string(8192 - 4, 'x') + "\"]";
  ASSERT_EQ(text.size(), 8192U);
  EXPECT_EQ(read(text).size(), 1U);
  text.back() = ' ';
  EXPECT_THAT(error_of(text), HasSubstr("ends in the middle"));
}

}  // namespace
}  // namespace labelloom::json
