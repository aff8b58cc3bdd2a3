#include "augment/catalogue.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "augment/registry.h"

namespace labelloom::augment {
namespace {

const char* type_text(FieldType type) {
  switch (type) {
    case FieldType::kNumber:
      return "number";
    case FieldType::kInteger:
      return "whole number";
    case FieldType::kBoolean:
      return "true or false";
    case FieldType::kText:
      return "text";
    case FieldType::kRange:
      return "range [low, high]";
    case FieldType::kIntRange:
      return "range [low, high] of whole numbers";
    case FieldType::kAxisRanges:
      return "range [low, high], or {x: range, y: range}";
    case FieldType::kColour:
      return "one level or [r, g, b], 0 to 255";
    case FieldType::kBorder:
      return "constant, replicate, reflect, wrap or reflect_101";
    case FieldType::kInterpolation:
      return "nearest, linear, cubic, area or lanczos";
    case FieldType::kNumbers:
      return "number or list of numbers";
  }
  return "";
}

bool is_range(FieldType type) {
  return type == FieldType::kRange || type == FieldType::kIntRange ||
         type == FieldType::kAxisRanges;
}

std::string bounds_text(const FieldSpec& spec) {
  const bool low = std::isfinite(spec.low);
  const bool high = std::isfinite(spec.high);
  if (low && high) return fmt::format("in [{}, {}]", spec.low, spec.high);
  if (low) return fmt::format("at least {}", spec.low);
  if (high) return fmt::format("at most {}", spec.high);
  return "";
}

std::string scalar_text(const FieldDoc& field) {
  if (!is_range(field.type)) return "";
  switch (field.spec.scalar) {
    case Scalar::kPoint:
      return "one number r: [r, r]";
    case Scalar::kSymmetric:
      return "one number r: [-r, r]";
    case Scalar::kFrom:
      return fmt::format("one number r: [{}, r]", field.spec.from);
    case Scalar::kAroundOne:
      return "one number r: [1 - r, 1 + r]";
  }
  return "";
}

std::string field_text(const FieldDoc& field) {
  const FieldSpec& spec = field.spec;
  std::string facts = spec.choices.empty() ? type_text(field.type)
                                           : fmt::format("{}", fmt::join(spec.choices, ", "));
  if (field.optional) facts += ", or null";
  for (const std::string& fact : {bounds_text(spec), scalar_text(field)}) {
    if (!fact.empty()) facts += "; " + fact;
  }
  const std::string value = spec.required ? "(must be given)" : "= " + field.default_value.text();
  std::string text = fmt::format("  {} {}\n      {}\n", field.name, value, facts);
  if (*spec.doc != '\0') text += fmt::format("      {}\n", spec.doc);
  if (!spec.aliases.empty()) {
    text += fmt::format("      other names: {}\n", fmt::join(spec.aliases, ", "));
  }
  return text;
}

/// As Python writes it.
std::string python_text(const Setting& value) {
  if (value.is_null()) return "None";
  if (const auto* truth = value.as<bool>()) return *truth ? "True" : "False";
  const auto* list = value.as<Setting::List>();
  if (list == nullptr) return value.text();
  std::string text;
  for (const Setting& element : *list) {
    text += (text.empty() ? "" : ", ") + python_text(element);
  }
  return list->size() == 1 ? '[' + text + ']' : '(' + text + ')';
}

/// What an example says: the default, or something for what must be given.
Setting example_value(const FieldDoc& field) {
  constexpr double kSide = 256;
  return field.spec.required ? Setting{kSide} : field.default_value;
}

/// The probability and the first parameters that have a value.
std::string examples(const TransformEntry& entry) {
  constexpr std::size_t kShown = 3;
  Setting::Members json{{"p", {entry.default_p}}};
  std::string line = fmt::format("p={}", entry.default_p);
  for (const FieldDoc& field : entry.fields) {
    const Setting value = example_value(field);
    if (value.is_null()) continue;
    if (json.size() > kShown) break;
    json.emplace_back(field.name, value);
    line += fmt::format(", {}={}", field.name, python_text(value));
  }
  const Setting object{Setting::Members{{entry.name, {std::move(json)}}}};
  return fmt::format("  as JSON: {}\n  as a line: {}({})\n", object.text(), entry.name, line);
}

}  // namespace

std::string describe_transforms() {
  std::size_t width = 0;
  for (const TransformEntry& entry : transforms()) width = std::max(width, entry.name.size());
  std::string text;
  for (const TransformEntry& entry : transforms()) {
    text += fmt::format("{:<{}}  {:<11}  {}\n", entry.name, width, name(entry.kind), entry.summary);
  }
  text +=
      "\nContainers: OneOf, SomeOf(n, replace), RandomOrder(n, replace), OneOrOther, Sequential, "
      "Compose.\n";
  return text;
}

std::string describe_transform(const TransformEntry& entry) {
  std::string text = fmt::format(
      "{} ({})\n{}\n\nParameters:\n  p = {}\n      number; in [0, 1]\n"
      "      how likely it is applied\n",
      entry.name,
      name(entry.kind),
      entry.summary,
      entry.default_p);
  for (const FieldDoc& field : entry.fields) text += field_text(field);
  return text + "\nExample:\n" + examples(entry);
}

}  // namespace labelloom::augment
