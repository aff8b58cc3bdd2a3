// The only file that knows yaml-cpp. Its events become settings as they come, so that depth is
// bounded while the text is read. Albumentations 1 saves lists that parameters share as anchors and
// aliases; with aliases of aliases a few lines stand for gigabytes, so what they stand for is
// counted before it is copied.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <istream>
#include <streambuf>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

// yaml-cpp's own headers do not include it.
#include <yaml-cpp/eventhandler.h>

#include "augment/setting_builder.h"
#include "augment/setting_parsers.h"

namespace labelloom::augment {
namespace {

constexpr std::size_t kMaxYamlBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxAliased = 10000;  // settings that were kept or copied for aliases

/// Text that is already in memory as a stream.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(std::string& text) {
    setg(text.data(), text.data(), text.data() + text.size());
  }
};

/// A plain scalar's value as YAML 1.2's core schema has it, where JSON has such a value too.
Setting plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
  if (text == "true" || text == "True" || text == "TRUE") return {true};
  if (text == "false" || text == "False" || text == "FALSE") return {false};
  const char* first = text.data() + (text.front() == '+' ? 1 : 0);
  const char* last = text.data() + text.size();
  double number = 0;
  const auto [end, error] = std::from_chars(first, last, number);
  // "inf" and "nan" are text in YAML.
  const bool has_digit = text.find_first_of("0123456789") != std::string::npos;
  if (error == std::errc{} && end == last && has_digit && std::isfinite(number)) return {number};
  return {text};
}

/// How many settings a tree has, and how many levels.
struct Extent {
  std::size_t count = 1;
  std::size_t depth = 0;
};

Extent extent_of(const Setting& setting) {
  Extent extent;
  const auto include = [&extent](const Setting& child) {
    const Extent inner = extent_of(child);
    extent.count += inner.count;
    extent.depth = std::max(extent.depth, inner.depth);
  };
  if (const auto* list = setting.as<Setting::List>()) {
    for (const Setting& child : *list) include(child);
    ++extent.depth;
  } else if (const auto* members = setting.as<Setting::Members>()) {
    for (const auto& [name, child] : *members) include(child);
    ++extent.depth;
  }
  return extent;
}

class YamlHandler : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    see(mark, "?");
    refuse_key();
    builder_.add({});
    keep(anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    mark_ = mark;
    refuse_key();
    const auto found = kept_.find(anchor);
    if (found == kept_.end()) {
      throw SettingFault{Errc::kParse, "an alias (*) stands inside of what it stands for"};
    }
    if (count(found->second) + builder_.depth() > SettingBuilder::kMaxDepth) {
      throw SettingFault{
          Errc::kLimit,
          fmt::format("nested more than {} levels deep by aliases (*)", SettingBuilder::kMaxDepth)};
    }
    builder_.add(found->second);
  }
  void OnScalar(const YAML::Mark& mark,
                const std::string& tag,
                YAML::anchor_t anchor,
                const std::string& value) override {
    see(mark, tag);
    if (builder_.awaits_key()) {
      builder_.key(value);
      return;
    }
    const bool quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    builder_.add(quoted ? Setting{value} : plain_scalar(value));
    keep(anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    see(mark, tag);
    refuse_key();
    builder_.begin_list();
    open_anchors_.push_back(anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    see(mark, tag);
    refuse_key();
    builder_.begin_members();
    open_anchors_.push_back(anchor);
  }
  void OnMapEnd() override { end(); }

  Setting take() { return builder_.take(); }
  [[nodiscard]] const YAML::Mark& mark() const { return mark_; }

 private:
  void see(const YAML::Mark& mark, const std::string& tag) {
    mark_ = mark;
    static constexpr std::string_view kCore = "tag:yaml.org,2002:";
    static constexpr std::array<std::string_view, 8> kKnown{
        "str", "int", "float", "bool", "null", "seq", "map", "python/tuple"};
    if (tag.empty() || tag == "?" || tag == "!") return;
    if (tag.starts_with(kCore) &&
        std::ranges::find(kKnown, tag.substr(kCore.size())) != kKnown.end()) {
      return;
    }
    throw SettingFault{Errc::kParse,
                       fmt::format("the tag {} stands for an object of a program, which is not "
                                   "made here",
                                   labelloom::quoted(tag))};
  }

  void end() {
    builder_.end();
    const YAML::anchor_t anchor = open_anchors_.back();
    open_anchors_.pop_back();
    keep(anchor);
  }

  /// Keeps what was just added for aliases.
  void keep(YAML::anchor_t anchor) {
    if (anchor == YAML::NullAnchor) return;
    count(builder_.latest());
    kept_[anchor] = builder_.latest();
  }

  /// Counts a copy; returns its depth.
  std::size_t count(const Setting& setting) {
    const Extent extent = extent_of(setting);
    aliased_ += extent.count;
    if (aliased_ > kMaxAliased) {
      throw SettingFault{
          Errc::kLimit,
          fmt::format("anchors (&) and aliases (*) stand for more than {} values", kMaxAliased)};
    }
    return extent.depth;
  }

  void refuse_key() const {
    if (builder_.awaits_key()) throw SettingFault{Errc::kParse, "names of members must be text"};
  }

  SettingBuilder builder_;
  YAML::Mark mark_;
  std::vector<YAML::anchor_t> open_anchors_;
  std::unordered_map<YAML::anchor_t, Setting> kept_;
  std::size_t aliased_ = 0;
};

}  // namespace

Setting parse_yaml_setting(std::string_view text, const std::string& file) {
  const auto fail = [&](Errc code, const YAML::Mark& mark, const std::string& message) {
    Where where{.file = file, .line = {}, .offset = {}, .path = {}};
    if (!mark.is_null()) where.line = static_cast<std::uint64_t>(mark.line) + 1;
    throw Error(code, where, message);
  };
  if (text.size() > kMaxYamlBytes) {
    fail(Errc::kLimit,
         YAML::Mark::null_mark(),
         fmt::format("{} bytes of YAML; at most {} are read, as JSON {}",
                     text.size(),
                     kMaxYamlBytes,
                     kMaxPipelineBytes));
  }
  std::string copy(text);
  TextBuffer buffer(copy);
  std::istream stream(&buffer);
  YamlHandler handler;
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(handler)) return {};
    YamlHandler rest;
    if (parser.HandleNextDocument(rest)) {
      fail(Errc::kParse, YAML::Mark::null_mark(), "expected one YAML document, found several");
    }
  } catch (const SettingFault& fault) {
    fail(fault.code, handler.mark(), fault.message);
  } catch (const YAML::Exception& error) {
    fail(Errc::kParse, error.mark, "not YAML: " + labelloom::quoted(error.msg, 200));
  }
  return handler.take();
}

}  // namespace labelloom::augment
