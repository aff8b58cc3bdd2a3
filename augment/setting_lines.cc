// Python's way to write a pipeline, by recursive descent; nothing is evaluated.
//
//   text   = item { [","] item }            item  = [name "="] (call | name | list) | import
//   call   = name "(" [argument { "," argument } [","]] ")"
//   argument = name "=" value | value       name  = dotted identifiers
//   value  = number | string | True | False | None | call | cv2.CONSTANT | list | tuple | dict

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "augment/setting_builder.h"
#include "augment/setting_parsers.h"

namespace labelloom::augment {
namespace {

/// The names of arguments that callers write without one.
struct Positional {
  std::string_view call;
  std::array<std::string_view, 3> names;
};
constexpr std::array<Positional, 9> kPositional{{{"Compose", {"transforms", "bbox_params", ""}},
                                                 {"ReplayCompose", {"transforms", "", ""}},
                                                 {"Sequential", {"transforms", "p", ""}},
                                                 {"OneOf", {"transforms", "p", ""}},
                                                 {"SomeOf", {"transforms", "n", "replace"}},
                                                 {"RandomOrder", {"transforms", "n", "replace"}},
                                                 {"OneOrOther", {"first", "second", "transforms"}},
                                                 {"BboxParams", {"format", "", ""}},
                                                 {"KeypointParams", {"format", "", ""}}}};

constexpr std::array<std::pair<std::string_view, double>, 12> kOpenCv{{{"INTER_NEAREST", 0},
                                                                       {"INTER_LINEAR", 1},
                                                                       {"INTER_CUBIC", 2},
                                                                       {"INTER_AREA", 3},
                                                                       {"INTER_LANCZOS4", 4},
                                                                       {"BORDER_CONSTANT", 0},
                                                                       {"BORDER_REPLICATE", 1},
                                                                       {"BORDER_REFLECT", 2},
                                                                       {"BORDER_WRAP", 3},
                                                                       {"BORDER_REFLECT_101", 4},
                                                                       {"BORDER_REFLECT101", 4},
                                                                       {"BORDER_DEFAULT", 4}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class LinesParser {
 public:
  LinesParser(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Setting run() {
    Setting::List items;
    skip_space();
    while (!at_end()) {
      if (skip_import()) continue;
      Setting item = this->item();
      if (auto* list = std::get_if<Setting::List>(&item.value)) {
        std::ranges::move(*list, std::back_inserter(items));
      } else {
        items.push_back(std::move(item));
      }
      skip_space();
      if (!at_end() && (peek() == ',' || peek() == ';')) {
        ++at_;
        skip_space();
      }
    }
    return {std::move(items)};
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }

  [[noreturn]] void fail(std::size_t at,
                         const std::string& message,
                         Errc code = Errc::kParse) const {
    const std::string_view before = text_.substr(0, std::min(at, text_.size()));
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t newline = before.rfind('\n');
    const std::size_t column =
        newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
    const Where where{
        .file = file_, .line = static_cast<std::uint64_t>(line), .offset = {}, .path = {}};
    throw Error(code, where, fmt::format("column {}: {}", column, message));
  }

  /// "expected X, got ..." at the place where the next token begins.
  [[noreturn]] void expected(const char* what) const {
    if (at_end()) fail(at_, fmt::format("expected {}, but the text ends", what));
    std::string_view rest = text_.substr(at_, 20);
    rest = rest.substr(0, rest.find('\n'));
    fail(at_, fmt::format("expected {}, got {}", what, labelloom::quoted(rest)));
  }

  void skip_space() {
    while (!at_end()) {
      const char c = peek();
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }

  /// `import albumentations as A`, `from albumentations import (Blur, Flip)`: up to the line's end,
  /// which brackets and a backslash put off.
  bool skip_import() {
    const std::size_t begin = at_;
    const std::string_view word = name();
    const bool is_import =
        (word == "import" || word == "from") && (peek() == ' ' || peek() == '\t');
    at_ = begin;
    if (!is_import) return false;
    bool open = false;
    for (; !at_end() && peek() != ';' && (open || peek() != '\n'); ++at_) {
      if (peek() == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size()) - 1;
      } else if (peek() == '\\') {
        at_ = std::min(text_.find('\n', at_), text_.size() - 1);
      } else if (peek() == '(' || peek() == ')') {
        open = peek() == '(';
      }
    }
    if (open) fail(begin, "the brackets of this import are not closed");
    if (peek() == ';') ++at_;
    skip_space();
    return true;
  }

  bool take(char c) {
    skip_space();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  /// Identifiers with dots between; empty when there is none.
  std::string_view name() {
    const std::size_t begin = at_;
    while (starts_name(peek()) ||
           (at_ > begin && (is_digit(peek()) || (peek() == '.' && at_ + 1 < text_.size() &&
                                                 starts_name(text_[at_ + 1]))))) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  Setting item() {
    if (peek() == '[') return value(0);
    const std::size_t begin = at_;
    std::string_view called = name();
    if (called.empty()) expected("a transform like HorizontalFlip(p=1)");
    skip_space();
    if (peek() == '=') {  // pipeline = A.Compose(...)
      check_only_pipeline(called, begin);
      ++at_;
      skip_space();
      if (peek() == '[') return value(0);
      called = name();
      if (called.empty()) expected("a transform like HorizontalFlip(p=1)");
      skip_space();
    }
    if (peek() == '(') return call(called, begin, 0);
    return call_setting(called, begin, {});
  }

  /// A file with one pipeline for training and one for validation does not mean both in a row.
  void check_only_pipeline(std::string_view name, std::size_t begin) {
    if (!pipeline_.empty()) {
      fail(
          begin,
          fmt::format("a second pipeline, {}, after {} in line {}; a file holds one: put each into "
                      "a file of its own",
                      labelloom::quoted(name),
                      labelloom::quoted(pipeline_),
                      pipeline_line_),
          Errc::kInvalidData);
    }
    pipeline_ = name;
    pipeline_line_ = 1 + std::ranges::count(text_.substr(0, begin), '\n');
  }

  /// Without `A.`; other modules' names are not ours.
  std::string transform_name(std::string_view dotted, std::size_t begin) const {
    const std::size_t dot = dotted.rfind('.');
    if (dot == std::string_view::npos) return std::string(dotted);
    const std::string_view module = dotted.substr(0, dotted.find('.'));
    static constexpr std::array<std::string_view, 4> kModules{"A", "albumentations", "albu", "alb"};
    if (std::ranges::find(kModules, module) == kModules.end()) {
      fail(begin,
           fmt::format("{} is not Albumentations'; write the transform's name alone",
                       labelloom::quoted(dotted)));
    }
    return std::string(dotted.substr(dot + 1));
  }

  Setting call_setting(std::string_view dotted,
                       std::size_t begin,
                       Setting::Members arguments) const {
    const auto line = 1 + std::ranges::count(text_.substr(0, begin), '\n');
    return {Setting::Members{{transform_name(dotted, begin), {std::move(arguments)}},
                             {std::string(kLineMember), {static_cast<double>(line)}}}};
  }

  void enter(std::size_t depth) const {
    if (depth < SettingBuilder::kMaxDepth) return;
    fail(at_,
         fmt::format("nested more than {} levels deep", SettingBuilder::kMaxDepth),
         Errc::kLimit);
  }

  static std::string_view positional_name(std::string_view called, std::size_t index) {
    const auto found = std::ranges::find(kPositional, called, &Positional::call);
    return found == kPositional.end() || index >= found->names.size() ? "" : found->names[index];
  }

  void add_argument(Setting::Members& members,
                    std::string_view name,
                    Setting value,
                    std::size_t at) {
    const bool there =
        std::ranges::any_of(members, [&](const auto& member) { return member.first == name; });
    if (there) fail(at, fmt::format("{} is there twice", name));
    if (members.size() >= SettingBuilder::kMaxMembers) {
      fail(at, fmt::format("more than {} arguments", SettingBuilder::kMaxMembers), Errc::kLimit);
    }
    members.emplace_back(name, std::move(value));
  }

  /// At "(".
  Setting call(std::string_view dotted, std::size_t begin, std::size_t depth) {
    enter(depth);
    const std::string called = transform_name(dotted, begin);
    ++at_;
    Setting::Members arguments;
    for (std::size_t index = 0; !take(')'); ++index) {
      skip_space();
      const std::size_t at = at_;
      std::string_view key = starts_name(peek()) ? name() : std::string_view{};
      skip_space();
      const bool named = !key.empty() && peek() == '=';
      if (named) {
        ++at_;
        skip_space();
      } else {
        at_ = at;
        key = positional_name(called, index);
      }
      Setting got = value(depth + 1);
      if (key.empty()) {
        fail(at, fmt::format("arguments of {} need their names, like p=0.5", called));
      }
      add_argument(arguments, key, std::move(got), at);
      if (take(',')) continue;
      if (take(')')) break;
      expected("\",\" or \")\"");
    }
    return call_setting(dotted, begin, std::move(arguments));
  }

  Setting value(std::size_t depth) {
    enter(depth);
    skip_space();
    const char c = peek();
    if (c == '[') return list(']', depth);
    if (c == '(') return list(')', depth);
    if (c == '{') return dict(depth);
    if (c == '"' || c == '\'') return {string()};
    if (is_digit(c) || c == '-' || c == '+' || c == '.') return {number()};
    if (starts_name(c)) return named_value(depth);
    expected("a number, a text, True, False, None, a list or a transform");
  }

  Setting named_value(std::size_t depth) {
    const std::size_t begin = at_;
    const std::string_view found = name();
    if (found == "True" || found == "true") return {true};
    if (found == "False" || found == "false") return {false};
    if (found == "None" || found == "null") return {};
    if (found.starts_with("cv2.")) {
      const auto constant = std::ranges::find(
          kOpenCv, found.substr(4), [](const auto& entry) { return entry.first; });
      if (constant != kOpenCv.end()) return {constant->second};
    }
    skip_space();
    if (peek() == '(') return call(found, begin, depth);
    fail(begin,
         fmt::format("expected a value, got the name {}; names are not looked up here: write the "
                     "value itself, or {}() for a transform",
                     labelloom::quoted(found),
                     found));
  }

  /// A list or a tuple; a value in round brackets without a comma is the value.
  Setting list(char close, std::size_t depth) {
    ++at_;
    Setting::List elements;
    bool comma = close == ']';
    while (!take(close)) {
      elements.push_back(value(depth + 1));
      if (take(',')) {
        comma = true;
      } else if (take(close)) {
        break;
      } else {
        expected(close == ']' ? "\",\" or \"]\"" : "\",\" or \")\"");
      }
    }
    if (!comma && elements.size() == 1) {
      Setting only = std::move(elements.front());
      return only;
    }
    return {std::move(elements)};
  }

  Setting dict(std::size_t depth) {
    ++at_;
    Setting::Members members;
    while (!take('}')) {
      skip_space();
      const std::size_t at = at_;
      if (peek() != '"' && peek() != '\'') expected("a name in quotes or \"}\"");
      const std::string key = string();
      if (!take(':')) expected("\":\"");
      add_argument(members, key, value(depth + 1), at);
      if (take(',')) continue;
      if (take('}')) break;
      expected("\",\" or \"}\"");
    }
    return {std::move(members)};
  }

  std::string string() {
    const std::size_t begin = at_;
    const char quote = text_[at_++];
    std::string out;
    while (peek() != quote) {
      if (at_end() || peek() == '\n') fail(begin, "the text in quotes does not end on its line");
      char c = text_[at_++];
      if (c == '\\') {
        c = peek();
        if (c != '\\' && c != '"' && c != '\'') fail(at_ - 1, "only \\\\, \\\" and \\' are read");
        ++at_;
      }
      out += c;
    }
    ++at_;
    return out;
  }

  double number() {
    const std::size_t begin = at_;
    const bool negative = peek() == '-';
    if (negative || peek() == '+') ++at_;
    double number = 0;
    const char* first = text_.data() + at_;
    const char* last = text_.data() + text_.size();
    const bool digits =
        is_digit(peek()) || (peek() == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]));
    const auto [end, error] = std::from_chars(first, last, number);
    if (!digits || error != std::errc{} || !std::isfinite(number)) {
      at_ = begin;
      expected("a number");
    }
    at_ += static_cast<std::size_t>(end - first);
    if (starts_name(peek()) || is_digit(peek())) {
      at_ = begin;
      expected("a number");
    }
    return negative ? -number : number;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  std::string_view pipeline_;  // the name that one was given, in pipeline_line_
  std::ptrdiff_t pipeline_line_ = 0;
};

}  // namespace

Setting parse_lines_setting(std::string_view text, const std::string& file) {
  return LinesParser(text, file).run();
}

}  // namespace labelloom::augment
