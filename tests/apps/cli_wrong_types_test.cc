// Every value of an input replaced by one of another kind, one at a time.

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/apps/cli_support.h"

namespace labelloom::test {
namespace {

constexpr std::string_view kReplacements[] = {
    "null", "\"x\"", "-1", "[]", "{}", "1e400", "NaN", "true", "0", "\"\"", "1e18", "[[]]"};

struct Part {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Where every value of a JSON text is, containers and their contents; member names are not values.
/// The text must be JSON without blanks inside of numbers or names.
class ValueFinder {
 public:
  explicit ValueFinder(std::string_view text) : text_(text) { value(); }
  std::vector<Part> parts = {};

 private:
  void blanks() { at_ = std::min(text_.find_first_not_of(" \n", at_), text_.size()); }
  void string() {
    for (++at_; text_.at(at_) != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
  }
  void value() {
    blanks();
    const std::size_t begin = at_;
    const char first = text_.at(at_);
    if (first == '"') {
      string();
    } else if (first == '[' || first == '{') {
      container(first == '[' ? ']' : '}');
    } else {
      at_ = text_.find_first_of(",]} \n", at_);
    }
    parts.push_back({begin, at_});
    blanks();
  }
  void container(char close) {
    ++at_;
    for (blanks(); text_.at(at_) != close;) {
      if (close == '}') {
        blanks();
        string();
        ++at_;  // the colon
      }
      value();
      if (text_.at(at_) == ',') ++at_;
    }
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

class CliWrongTypes : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const char* name) const { return (dir / name).string(); }

  static std::string replaced(std::string text, const Part& part, std::string_view by) {
    return text.replace(part.begin, part.end - part.begin, by);
  }

  void expect_converted(const std::string& text) const {
    const std::string input = dir.write("input.json", text).string();
    const Finished run = labelloom({"convert", input, "-q", "-o", path("out/coco.json")});
    EXPECT_TRUE(ended_with(run, 0));
  }

  /// `convert` ends well or with one line of error; what it writes can be read.
  void check_convert(const std::string& text) const {
    const std::string input = dir.write("input.json", text).string();
    const std::string result = path("out/coco.json");
    std::filesystem::remove(result);
    const Finished run = labelloom({"convert", input, "-q", "-o", result});
    EXPECT_TRUE(done_or_refused(run, input));
    if (run.status != 0) {
      EXPECT_EQ(files_below(dir / "out"), std::vector<std::string>());
      return;
    }
    EXPECT_EQ(files_below(dir / "out"), std::vector<std::string>{"coco.json"});
    const Finished check = labelloom({"validate", result});
    EXPECT_TRUE(ended_with(check, check.status == 0 ? 0 : 1));
    EXPECT_EQ(check.err, "");  // it complains on stdout, if at all
  }

  void check_everywhere(const std::string& text) const {
    expect_converted(text);
    for (const Part& part : ValueFinder(text).parts) {
      for (const std::string_view by : kReplacements) {
        const std::string changed = replaced(text, part, by);
        SCOPED_TRACE(changed.substr(part.begin < 60 ? 0 : part.begin - 60, 120));
        check_convert(changed);
      }
    }
  }

  TempDir dir;
};

TEST_F(CliWrongTypes, SlowOfAFullExportAreConvertedOrRefused) {
  check_everywhere(small_full_export());
}

TEST_F(CliWrongTypes, SlowOfAJsonMinExportAreConvertedOrRefused) {
  check_everywhere(small_min_export());
}

TEST_F(CliWrongTypes, SlowOfACocoFileAreConvertedOrRefused) { check_everywhere(small_coco()); }

class CliWrongTypesOfACocoFile : public CliWrongTypes,
                                 public testing::WithParamInterface<const char*> {};

TEST_P(CliWrongTypesOfACocoFile, AreTakenOrRefused) {
  const std::string subcommand = GetParam();
  const std::string text = small_coco();
  const std::string good = dir.write("good.json", text).string();
  std::size_t next = 0;
  for (const Part& part : ValueFinder(text).parts) {
    const std::string changed =
        replaced(text, part, kReplacements[next++ % std::size(kReplacements)]);
    if (subcommand == "view" && next % 4 != 0) continue;  // takes as long as all the others
    SCOPED_TRACE(changed.substr(part.begin < 60 ? 0 : part.begin - 60, 120));
    const std::string input = dir.write("input.json", changed).string();
    const std::map<std::string, std::vector<std::string>> arguments = {
        {"stats", {"-q", input}},
        {"split", {"-q", input, "-o", path("split")}},
        {"merge", {"-q", good, input, "--same-image", "merge", "-o", path("merged.json")}},
        {"label-config", {"-q", "--from", input, "-o", path("config.xml")}},
        {"view", {"-q", input, "--images", sample("images"), "-o", path("gallery")}},
        {"validate", {input}}};
    std::vector<std::string> command = arguments.at(subcommand);
    command.insert(command.begin(), subcommand);
    const Finished run = labelloom(command);
    if (subcommand == "validate" && run.err.empty()) {
      EXPECT_TRUE(ended_with(run, run.status == 0 ? 0 : 1));  // it complains on stdout
    } else {
      EXPECT_TRUE(done_or_refused(run, "input.json"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    By,
    CliWrongTypesOfACocoFile,
    testing::Values("stats", "split", "merge", "label-config", "view", "validate"),
    [](const auto& command) {
      std::string name = command.param;
      std::erase(name, '-');
      return name;
    });

}  // namespace
}  // namespace labelloom::test
