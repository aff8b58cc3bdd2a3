#pragma once

#include <filesystem>

#include <rapidjson/document.h>

#include "tests/support/shared_data.h"
#include "tests/support/temp_dir.h"

namespace labelloom::test {

/// A file of tests/data as JSON; numbers are read to the last bit. Throws when it is damaged.
inline rapidjson::Document golden(const std::filesystem::path& name) {
  rapidjson::Document document;
  const std::string text = read_file(source_dir() / "tests" / "data" / name);
  document.Parse<rapidjson::kParseFullPrecisionFlag>(text.data(), text.size());
  if (document.HasParseError()) throw std::runtime_error("damaged JSON: " + name.string());
  return document;
}

inline std::string_view text_of(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

}  // namespace labelloom::test
