#include <algorithm>

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "augment/setting_builder.h"
#include "augment/setting_parsers.h"
#include "formats/json_exact_numbers.h"

namespace labelloom::augment {
namespace {

/// RapidJSON's events as settings.
class JsonHandler {
 public:
  bool Null() { return add({}); }
  bool Bool(bool value) { return add({value}); }
  bool Int64(std::int64_t value) { return add({static_cast<double>(value)}); }
  bool Double(double value) { return add({value}); }
  bool String(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    return add({std::string(text, length)});
  }
  bool Key(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    builder_.key({text, length});
    return true;
  }
  bool StartObject() {
    builder_.begin_members();
    return true;
  }
  bool StartArray() {
    builder_.begin_list();
    return true;
  }
  bool EndObject(rapidjson::SizeType /*count*/) { return end(); }
  bool EndArray(rapidjson::SizeType /*count*/) { return end(); }

  Setting take() { return builder_.take(); }

 private:
  bool add(Setting value) {
    builder_.add(std::move(value));
    return true;
  }
  bool end() {
    builder_.end();
    return true;
  }

  SettingBuilder builder_;
};

}  // namespace

Setting parse_json_setting(std::string_view text, const std::string& file) {
  const auto fail = [&](Errc code, std::size_t at, const std::string& message) {
    at = std::min(at, text.size());
    const auto line = 1 + std::ranges::count(text.substr(0, at), '\n');
    throw Error(code,
                {.file = file, .line = static_cast<std::uint64_t>(line), .offset = at, .path = {}},
                message);
  };
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                              rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseValidateEncodingFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  JsonHandler handler;
  json::ExactNumbers events(handler);
  try {
    reader.Parse<kFlags>(stream, events);
  } catch (const SettingFault& fault) {
    fail(fault.code, stream.Tell(), fault.message);
  }
  if (reader.HasParseError()) {
    const rapidjson::ParseErrorCode error = reader.GetParseErrorCode();
    const bool too_large = error == rapidjson::kParseErrorTermination;
    const std::size_t at = reader.GetErrorOffset();
    const std::string_view rest = text.substr(std::min(at, text.size()), 20);
    fail(Errc::kParse,
         at,
         rest.empty() ? "the file ends in the middle of a value; is it complete?"
                      : fmt::format("not JSON: {}, at {}",
                                    too_large ? "a number too large or too small"
                                              : rapidjson::GetParseError_En(error),
                                    labelloom::quoted(rest)));
  }
  return handler.take();
}

}  // namespace labelloom::augment
