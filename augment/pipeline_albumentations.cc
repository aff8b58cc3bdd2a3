// Pipelines that Albumentations saved: {"__version__": "2.0.8", "transform": {"__class_fullname__":
// "Compose", "p": 1, "transforms": [...]}}, in JSON or YAML.

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "augment/pipeline_step.h"

namespace labelloom::augment {
namespace {

constexpr const char* kClass = "__class_fullname__";

/// AlbumentationsX writes mappings whose keys are not text as lists of pairs.
Setting decoded(const Setting& from) {
  if (const auto* list = from.as<Setting::List>()) {
    Setting::List out;
    for (const Setting& element : *list) out.push_back(decoded(element));
    return {std::move(out)};
  }
  const auto* members = from.as<Setting::Members>();
  if (members == nullptr) return from;
  Setting::Members out;
  const Setting* type = from.find("__albumentations_serialized_type__");
  const Setting* items = from.find("items");
  const auto* pairs = items == nullptr ? nullptr : items->as<Setting::List>();
  if (type == nullptr || type->text() != "\"mapping\"" || pairs == nullptr) {
    for (const auto& [name, value] : *members) out.emplace_back(name, decoded(value));
    return {std::move(out)};
  }
  for (const Setting& item : *pairs) {
    const auto* pair = item.as<Setting::List>();
    if (pair == nullptr || pair->size() != 2) return from;
    const auto* key = pair->front().as<std::string>();
    out.emplace_back(key != nullptr ? *key : pair->front().text(), decoded(pair->back()));
  }
  return {std::move(out)};
}

/// "albumentations.augmentations.transforms.Blur" is Blur; other dotted names are a user's own.
std::string class_name(const Setting& node, const Where& where) {
  const Setting* value = node.find(kClass);
  const auto* text = value == nullptr ? nullptr : value->as<std::string>();
  if (text == nullptr) {
    throw Error(
        Errc::kInvalidData,
        where,
        fmt::format("{}: expected an object with {}", labelloom::quoted(node.text(), 60), kClass));
  }
  if (text->find('.') == std::string::npos) return *text;
  if (!text->starts_with("albumentations.") && !text->starts_with("albumentationsx.")) {
    throw Error(Errc::kInvalidData,
                where,
                fmt::format("{} is a class of somebody's own Python code, which a pipeline file "
                            "cannot hold; use a transform that `labelloom augment --list` shows",
                            labelloom::quoted(*text)));
  }
  return text->substr(text->rfind('.') + 1);
}

/// What Python's objects need and a pipeline does not.
bool is_bookkeeping(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kNames{
      kClass, "__name__", "__version__", "applied", "params", "save_key"};
  return std::ranges::find(kNames, name) != kNames.end();
}

FileStep read_step(const Setting& from, Where where) {
  FileStep step;
  step.name = class_name(from, where);
  if (!where.path.empty() || !is_container(step.name)) where.path += '.' + step.name;
  step.where = std::move(where);
  for (const auto& [name, value] : *from.as<Setting::Members>()) {
    if (!is_bookkeeping(name)) step.settings.set(name, decoded(value));
  }
  if (!is_container(step.name)) return step;
  const Setting transforms = step.settings.take("transforms");
  const auto* list = transforms.as<Setting::List>();
  if (list == nullptr) step.fail("has no list of transforms");
  for (const Setting& element : *list) {
    Where child = step.where;
    child.path +=
        fmt::format("{}transforms[{}]", child.path.empty() ? "" : ".", step.children.size());
    step.children.push_back(read_step(element, std::move(child)));
  }
  return step;
}

bool has_always_apply(const Setting& from) {
  if (from.find("always_apply") != nullptr) return true;
  const Setting* transforms = from.find("transforms");
  const auto* list = transforms == nullptr ? nullptr : transforms->as<Setting::List>();
  return list != nullptr && std::ranges::any_of(*list, has_always_apply);
}

const Setting& inner(const Setting& root) {
  const Setting* transform = root.find("transform");
  return transform != nullptr ? *transform : root;
}

}  // namespace

bool is_albumentations(const Setting& root) {
  return (root.find("__version__") != nullptr && root.find("transform") != nullptr) ||
         inner(root).find(kClass) != nullptr;
}

Dialect albumentations_dialect(const Setting& root) {
  const Setting* version = root.find("__version__");
  const auto* text = version == nullptr ? nullptr : version->as<std::string>();
  if (text != nullptr && !text->empty()) {
    const bool first = text->starts_with("0.") || text->starts_with("1.");
    return first ? Dialect::kAlbumentations1 : Dialect::kAlbumentations2;
  }
  // Version 2 does not write always_apply.
  return has_always_apply(inner(root)) ? Dialect::kAlbumentations1 : Dialect::kAlbumentations2;
}

FileStep read_albumentations_step(const Setting& root, const std::string& file) {
  return read_step(inner(root), {.file = file, .line = {}, .offset = {}, .path = {}});
}

}  // namespace labelloom::augment
