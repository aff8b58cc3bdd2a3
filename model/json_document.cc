#include "model/json_document.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "formats/error.h"
#include "formats/json_exact_numbers.h"

namespace labelloom::model::json {
namespace {

std::string_view view(const rapidjson::Value& string) {
  return {string.GetString(), string.GetStringLength()};
}

/// Which member counts would depend on the reader.
void expect_distinct_names(const rapidjson::Value& root, const std::string& file) {
  std::vector<const rapidjson::Value*> open = {&root};
  std::vector<std::string_view> names;
  while (!open.empty()) {
    const rapidjson::Value& value = *open.back();
    open.pop_back();
    if (value.IsArray()) {
      for (const auto& element : value.GetArray()) open.push_back(&element);
    } else if (value.IsObject()) {
      names.clear();
      for (const auto& member : value.GetObject()) {
        names.push_back(view(member.name));
        open.push_back(&member.value);
      }
      std::ranges::sort(names);
      const auto twice = std::ranges::adjacent_find(names);
      if (twice != names.end()) {
        throw Error(
            Errc::kParse, {.file = file}, labelloom::quoted(*twice) + " stands there twice");
      }
    }
  }
}

const char* kind(const rapidjson::Value& value) {
  switch (value.GetType()) {
    case rapidjson::kNullType:
      return "null";
    case rapidjson::kFalseType:
    case rapidjson::kTrueType:
      return "a boolean";
    case rapidjson::kObjectType:
      return "an object";
    case rapidjson::kArrayType:
      return "an array";
    case rapidjson::kStringType:
      return "a string";
    case rapidjson::kNumberType:
      break;
  }
  return "a number";
}

}  // namespace

rapidjson::Document parse_object(std::string_view text,
                                 const std::string& file,
                                 std::size_t offset) {
  rapidjson::Document document;
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  auto parse = [&](rapidjson::Document& target) {
    labelloom::json::ExactNumbers handler(target);
    // Iterative: the depth of a text from outside must not be that of our stack.
    reader.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                 rapidjson::kParseNumbersAsStringsFlag>(stream, handler);
    return !reader.HasParseError();
  };
  document.Populate(parse);
  if (reader.HasParseError()) {
    const std::size_t at = std::min(reader.GetErrorOffset(), text.size());
    const auto line = std::ranges::count(text.substr(0, at), '\n') + 1;
    const bool number = reader.GetParseErrorCode() == rapidjson::kParseErrorTermination;
    throw Error(Errc::kParse,
                {.file = file, .line = static_cast<std::uint64_t>(line), .offset = offset + at},
                number ? "a number too large or too small"
                       : rapidjson::GetParseError_En(reader.GetParseErrorCode()));
  }
  if (!document.IsObject()) {
    throw Error(Errc::kParse,
                {.file = file, .offset = offset},
                fmt::format("expected a JSON object, got {}", kind(document)));
  }
  expect_distinct_names(document, file);
  return document;
}

void Place::fail(const std::string& message) const {
  throw Error(Errc::kInvalidData, {.file = file_, .path = path_}, message);
}

std::string_view Place::string() const {
  if (!value_->IsString()) fail(fmt::format("expected a string, got {}", kind(*value_)));
  return view(*value_);
}

bool Place::boolean() const {
  if (!value_->IsBool()) fail(fmt::format("expected true or false, got {}", kind(*value_)));
  return value_->GetBool();
}

double Place::number() const {
  if (!value_->IsNumber()) fail(fmt::format("expected a number, got {}", kind(*value_)));
  return value_->GetDouble();
}

std::int64_t Place::integer(std::int64_t low, std::int64_t high) const {
  if (!value_->IsNumber()) fail(fmt::format("expected a whole number, got {}", kind(*value_)));
  if (!value_->IsInt64() || value_->GetInt64() < low || value_->GetInt64() > high) {
    fail(fmt::format(
        "expected a whole number from {} to {}, got {}", low, high, value_->GetDouble()));
  }
  return value_->GetInt64();
}

std::size_t Place::size() const {
  if (!value_->IsArray()) fail(fmt::format("expected an array, got {}", kind(*value_)));
  return value_->Size();
}

Place Place::operator[](std::size_t index) const {
  return {(*value_)[static_cast<rapidjson::SizeType>(index)],
          file_,
          fmt::format("{}[{}]", path_, index)};
}

std::vector<std::string> Place::members() const {
  if (!value_->IsObject()) fail(fmt::format("expected an object, got {}", kind(*value_)));
  std::vector<std::string> names;
  for (const auto& member : value_->GetObject()) names.emplace_back(view(member.name));
  return names;
}

std::vector<std::pair<std::string, Place>> Place::entries() const {
  if (!value_->IsObject()) fail(fmt::format("expected an object, got {}", kind(*value_)));
  std::vector<std::pair<std::string, Place>> found;
  found.reserve(value_->MemberCount());
  for (const auto& member : value_->GetObject()) {
    std::string path = fmt::format("{}{}{}", path_, path_.empty() ? "" : ".", view(member.name));
    found.emplace_back(view(member.name), Place(member.value, file_, std::move(path)));
  }
  return found;
}

bool Place::has(std::string_view member) const {
  if (!value_->IsObject()) fail(fmt::format("expected an object, got {}", kind(*value_)));
  return value_->FindMember(rapidjson::StringRef(
             member.data(), static_cast<rapidjson::SizeType>(member.size()))) !=
         value_->MemberEnd();
}

Place Place::operator[](std::string_view member) const {
  if (!has(member)) fail(fmt::format("has no member \"{}\"", member));
  const auto found = value_->FindMember(
      rapidjson::StringRef(member.data(), static_cast<rapidjson::SizeType>(member.size())));
  return {found->value, file_, fmt::format("{}{}{}", path_, path_.empty() ? "" : ".", member)};
}

void Place::expect_members(std::span<const std::string_view> known) const {
  if (!value_->IsObject()) fail(fmt::format("expected an object, got {}", kind(*value_)));
  for (const auto& member : value_->GetObject()) {
    if (std::ranges::find(known, view(member.name)) == known.end()) {
      fail(fmt::format("unknown member {}; known: {}",
                       labelloom::quoted(view(member.name)),
                       fmt::join(known, ", ")));
    }
  }
}

}  // namespace labelloom::model::json
