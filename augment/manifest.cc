#include "augment/manifest.h"

#include <cstdint>

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/json_text.h"

namespace labelloom::augment {
namespace {

std::string compact(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

/// A value as messages show it.
std::string shown(const std::string& json) {
  constexpr std::size_t kLongest = 60;
  return json.size() <= kLongest ? json : json.substr(0, kLongest) + "...";
}

std::string difference(const std::string& name, const std::string& before, const std::string& now) {
  constexpr const char* kAdvice = "give the same settings to go on, or name a new folder";
  if (name == "input") {
    return fmt::format("was made from another version of the annotations file; {}", kAdvice);
  }
  if (name == "pipeline") {
    return fmt::format("was made with another pipeline; {}", kAdvice);
  }
  return fmt::format(
      "was made with {} {}, this run has {}; {}", name, shown(before), shown(now), kAdvice);
}

}  // namespace

void Manifest::set(std::string_view name, std::string_view json) {
  members_.emplace_back(name, json);
}

void Manifest::set(std::string_view name, double value) {
  std::string text;
  json::append_number(text, value);
  set(name, std::string_view(text));
}

void Manifest::set_text(std::string_view name, std::string_view value) {
  std::string text;
  json::append_string(text, value);
  set(name, std::string_view(text));
}

std::string Manifest::text() const {
  std::string text = "{";
  for (const auto& [name, json] : members_) {
    text += text.size() > 1 ? ",\n" : "\n";
    json::append_string(text, name);
    text += ": " + json;
  }
  return text + "\n}\n";
}

void Manifest::check_same(const std::filesystem::path& path) const {
  const InputFile file(path);
  const std::string before(file.text());
  const std::string now = text();
  if (before == now) return;
  const Where where{.file = path.string()};
  rapidjson::Document old_document;
  rapidjson::Document new_document;
  old_document.Parse(before.data(), before.size());
  new_document.Parse(now.data(), now.size());
  const rapidjson::Value& old_members = old_document;
  const rapidjson::Value& new_members = new_document;
  if (!old_members.IsObject() || !new_members.IsObject()) {
    throw Error(Errc::kParse, where, "is no manifest of `labelloom augment`; name a new folder");
  }
  for (const auto& [name, json] : members_) {
    const auto found = old_members.FindMember(name.c_str());
    const rapidjson::Value& value = new_members[name.c_str()];
    if (found != old_members.MemberEnd() && found->value == value) continue;
    const std::string old_text =
        found == old_members.MemberEnd() ? "nothing" : compact(found->value);
    throw Error(Errc::kArgument, where, difference(name, old_text, compact(value)));
  }
  throw Error(Errc::kArgument, where, "is of another version; name a new folder");
}

}  // namespace labelloom::augment
