#pragma once

#include <string>

namespace labelloom::apps {

/// A field of a CSV file (RFC 4180): in quotes if it has to be.
[[nodiscard]] inline std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace labelloom::apps
