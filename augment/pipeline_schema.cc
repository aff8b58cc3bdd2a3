// JSON Schema of our own pipeline files. Schemas are trees of settings, too.

#include <cmath>
#include <cstdint>

#include "augment/pipeline_file.h"
#include "augment/registry.h"

namespace labelloom::augment {
namespace {

using Members = Setting::Members;
using List = Setting::List;

Setting reference(const char* name) {
  return {Members{{"$ref", {std::string("#/$defs/") + name}}}};
}

Setting number_schema(const FieldSpec& spec, const char* type = "number") {
  Members schema{{"type", {type}}};
  if (std::isfinite(spec.low)) schema.emplace_back("minimum", Setting{spec.low});
  if (std::isfinite(spec.high)) schema.emplace_back("maximum", Setting{spec.high});
  return {std::move(schema)};
}

Setting array_schema(Setting items, int least, int most) {
  Members schema{{"type", {"array"}}, {"items", std::move(items)}};
  if (least > 0) schema.emplace_back("minItems", to_setting(least));
  if (most > 0) schema.emplace_back("maxItems", to_setting(most));
  return {std::move(schema)};
}

Setting any_of(List schemas) { return {Members{{"anyOf", {std::move(schemas)}}}}; }

Setting range_schema(const FieldSpec& spec, const char* type) {
  FieldSpec scalar = spec;
  if (spec.scalar == Scalar::kSymmetric) scalar.low = std::max(spec.low, -spec.high);
  return any_of({number_schema(scalar, type), array_schema(number_schema(spec, type), 2, 2)});
}

Setting names_schema(List names) {
  const FieldSpec index{.low = 0, .high = static_cast<double>(names.size() - 1)};
  return any_of({{Members{{"enum", {std::move(names)}}}}, number_schema(index, "integer")});
}

Setting axes_schema(const FieldSpec& spec) {
  const Setting range = range_schema(spec, "number");
  const Members axes{{"x", range}, {"y", range}};
  return any_of({range,
                 {Members{{"type", {"object"}},
                          {"properties", {axes}},
                          {"minProperties", {1.0}},
                          {"additionalProperties", {false}}}}});
}

Setting text_schema(const FieldSpec& spec) {
  if (spec.choices.empty()) return {Members{{"type", {"string"}}}};
  List choices;
  for (const char* choice : spec.choices) choices.push_back({choice});
  return {Members{{"enum", {std::move(choices)}}}};
}

template <typename Enum>
List names_of() {
  List names;
  for (std::uint8_t i = 0; i < 5; ++i) names.push_back(to_setting(static_cast<Enum>(i)));
  return names;
}

Setting value_schema(const FieldDoc& field) {
  const FieldSpec level{.low = 0, .high = 255};
  switch (field.type) {
    case FieldType::kNumber:
      return number_schema(field.spec);
    case FieldType::kInteger:
      return number_schema(field.spec, "integer");
    case FieldType::kBoolean:
      return {Members{{"type", {"boolean"}}}};
    case FieldType::kText:
      return text_schema(field.spec);
    case FieldType::kRange:
      return range_schema(field.spec, "number");
    case FieldType::kIntRange:
      return range_schema(field.spec, "integer");
    case FieldType::kAxisRanges:
      return axes_schema(field.spec);
    case FieldType::kColour:
      return any_of({number_schema(level),
                     array_schema(number_schema(level), 1, 1),
                     array_schema(number_schema(level), 3, 3),
                     {Members{{"type", {"null"}}}}});
    case FieldType::kBorder:
      return names_schema(names_of<Border>());
    case FieldType::kInterpolation:
      return names_schema(names_of<Interpolation>());
    case FieldType::kNumbers:
      return any_of({number_schema(field.spec), array_schema(number_schema(field.spec), 1, 0)});
  }
  return {true};
}

Setting field_schema(const FieldDoc& field) {
  Setting schema = value_schema(field);
  if (field.optional) schema = any_of({std::move(schema), {Members{{"type", {"null"}}}}});
  auto& members = std::get<Members>(schema.value);
  if (*field.spec.doc != '\0') members.emplace_back("description", Setting{field.spec.doc});
  members.emplace_back("default", field.default_value);
  return schema;
}

Setting object_schema(Members properties, List required = {}) {
  Members schema{{"type", {"object"}},
                 {"properties", {std::move(properties)}},
                 {"additionalProperties", {false}}};
  if (!required.empty()) schema.emplace_back("required", Setting{std::move(required)});
  return {std::move(schema)};
}

Setting transform_schema(const TransformEntry& entry) {
  Members properties{{"p", reference("p")}, {"always_apply", {Members{{"type", {"boolean"}}}}}};
  for (const FieldDoc& field : entry.fields) {
    const Setting schema = field_schema(field);
    properties.emplace_back(field.name, schema);
    for (const char* alias : field.spec.aliases) {
      Setting former = schema;
      std::get<Members>(former.value).emplace_back("deprecated", Setting{true});
      properties.emplace_back(alias, std::move(former));
    }
  }
  Setting schema = object_schema(std::move(properties));
  std::get<Members>(schema.value).emplace_back("description", Setting{entry.summary});
  return schema;
}

Setting container_schema(const char* name) {
  Members properties{{"p", reference("p")}, {"transforms", reference("steps")}};
  if (name == std::string_view("SomeOf") || name == std::string_view("RandomOrder")) {
    const FieldSpec count{.low = 0, .high = 1000};
    const Setting boolean{Members{{"type", {"boolean"}}}};
    properties.emplace_back("n", range_schema(count, "integer"));
    properties.emplace_back("replace", boolean);
    properties.emplace_back("weighted", boolean);
  }
  return any_of({reference("steps"), object_schema(std::move(properties), {{"transforms"}})});
}

Setting step_schema() {
  List names;
  Members properties;
  for (const char* name :
       {"Compose", "OneOf", "OneOrOther", "RandomOrder", "Sequential", "SomeOf"}) {
    properties.emplace_back(name, container_schema(name));
  }
  for (const TransformEntry& entry : transforms()) {
    names.push_back({entry.name});
    properties.emplace_back(entry.name, transform_schema(entry));
  }
  Setting object = object_schema(std::move(properties));
  std::get<Members>(object.value).emplace_back("minProperties", Setting{1.0});
  std::get<Members>(object.value).emplace_back("maxProperties", Setting{1.0});
  return any_of({{Members{{"enum", {std::move(names)}}}}, std::move(object)});
}

}  // namespace

std::string pipeline_schema() {
  const Setting pipeline = object_schema({{"$schema", {Members{{"type", {"string"}}}}},
                                          {"labelloom_pipeline", {Members{{"const", {1.0}}}}},
                                          {"description", {Members{{"type", {"string"}}}}},
                                          {"transforms", reference("steps")}},
                                         {{"transforms"}});
  const Members definitions{{"p", number_schema({.low = 0, .high = 1})},
                            {"steps", array_schema(reference("step"), 0, 0)},
                            {"step", step_schema()}};
  const Members schema{{"$schema", {"https://json-schema.org/draft/2020-12/schema"}},
                       {"title", {"LabelLoom pipeline"}},
                       {"anyOf", {List{reference("steps"), pipeline}}},
                       {"$defs", {definitions}}};
  return Setting{schema}.text();
}

}  // namespace labelloom::augment
