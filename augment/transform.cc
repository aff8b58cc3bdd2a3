#include "augment/transform.h"

#include <cmath>

#include "formats/json_text.h"

namespace labelloom::augment {
namespace {

void append_name(std::string& notes, std::string_view name) {
  if (!notes.empty()) notes += ',';
  json::append_string(notes, name);
  notes += ':';
}

}  // namespace

void Draw::note(std::string_view name, double value) {
  append_name(notes_, name);
  // Six decimals are enough to tell draws apart and keep 280,000 records small.
  json::append_number(notes_, std::round(value * 1e6) / 1e6);
}

void Draw::note(std::string_view name, std::string_view value) {
  append_name(notes_, name);
  json::append_string(notes_, value);
}

const char* name(TransformKind kind) {
  switch (kind) {
    case TransformKind::kExactMove:
      return "exact move";
    case TransformKind::kProjective:
      return "projective";
    case TransformKind::kCurved:
      return "curved";
    case TransformKind::kColour:
      return "colour";
    case TransformKind::kFilter:
      return "filter";
    case TransformKind::kErase:
      return "erase";
    case TransformKind::kMultiImage:
      return "multi-image";
  }
  return "";
}

}  // namespace labelloom::augment
