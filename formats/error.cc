#include "formats/error.h"

#include <fmt/format.h>

namespace labelloom {

std::string Where::text() const {
  std::string out = file;
  if (line) out += fmt::format("{}{}", out.empty() ? "line " : ":", *line);
  if (offset) out += fmt::format("{}byte {}", out.empty() ? "" : ": ", *offset);
  if (!path.empty()) out += (out.empty() ? "" : ": ") + path;
  return out;
}

Error::Error(Errc code, Where where, const std::string& message)
    : std::runtime_error([&] {
        const std::string place = where.text();
        return place.empty() ? message : place + ": " + message;
      }()),
      code_(code),
      where_(std::move(where)),
      message_(message) {}

std::string quoted(std::string_view text, std::size_t max_length) {
  bool cut = false;
  if (text.size() > max_length) {
    cut = true;
    std::size_t end = max_length;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end);
  }
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + (cut ? "...\"" : "\"");
}

}  // namespace labelloom
