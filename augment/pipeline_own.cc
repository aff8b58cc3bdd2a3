// LabelLoom's own pipelines: {"labelloom_pipeline": 1, "transforms": [{"HorizontalFlip": {"p":
// 1}}]}

#include <fmt/format.h>

#include "augment/pipeline_step.h"
#include "augment/setting_parsers.h"

namespace labelloom::augment {
namespace {

constexpr double kVersion = 1;
constexpr const char* kStepForm =
    "a transform is written {\"Name\": {parameters}} or \"Name\", a container {\"OneOf\": "
    "{\"p\": 1, \"transforms\": [...]}}";

FileStep read_step(const Setting& from, Where where);

std::vector<FileStep> read_list(const Setting& from, const Where& parent, const char* prefix) {
  const auto* list = from.as<Setting::List>();
  if (list == nullptr) {
    throw Error(Errc::kInvalidData,
                parent,
                fmt::format("transforms = {}: expected a list of transforms, got {}",
                            labelloom::quoted(from.text(), 60),
                            from.kind()));
  }
  std::vector<FileStep> steps;
  for (const Setting& element : *list) {
    Where where = parent;
    where.path += fmt::format("{}transforms[{}]", prefix, steps.size());
    steps.push_back(read_step(element, std::move(where)));
  }
  return steps;
}

void read_arguments(const Setting& arguments, FileStep& step) {
  if (arguments.is_null()) return;
  const bool container = is_container(step.name);
  if (container && arguments.as<Setting::List>() != nullptr) {
    step.children = read_list(arguments, step.where, ".");
    return;
  }
  const auto* members = arguments.as<Setting::Members>();
  if (members == nullptr) {
    step.fail(
        fmt::format("expected an object of parameters, got {}; {}", arguments.kind(), kStepForm));
  }
  step.settings = Settings(*members);
  if (!container) return;
  if (step.name == "OneOrOther" && step.settings.has("first") && step.settings.has("second")) {
    step.settings.set("transforms",
                      {Setting::List{step.settings.take("first"), step.settings.take("second")}});
  }
  if (!step.settings.has("transforms")) step.fail("has no transforms; " + std::string(kStepForm));
  step.children = read_list(step.settings.take("transforms"), step.where, ".");
}

FileStep read_step(const Setting& from, Where where) {
  const auto* text = from.as<std::string>();
  const auto* members = from.as<Setting::Members>();
  if (members != nullptr && members->size() == 2 && members->back().first == kLineMember) {
    if (const auto* line = members->back().second.as<double>()) {
      where.line = static_cast<std::uint64_t>(*line);
    }
  } else if (text == nullptr && (members == nullptr || members->size() != 1)) {
    throw Error(Errc::kInvalidData,
                where,
                fmt::format("{}: {}", labelloom::quoted(from.text(), 60), kStepForm));
  }
  FileStep step;
  step.name = text != nullptr ? *text : members->front().first;
  step.where = std::move(where);
  step.where.path += '.' + step.name;
  if (members != nullptr) read_arguments(members->front().second, step);
  return step;
}

}  // namespace

std::vector<FileStep> read_own_steps(const Setting& root, const std::string& file) {
  const Where where{.file = file, .line = {}, .offset = {}, .path = {}};
  if (root.as<Setting::List>() != nullptr) return read_list(root, where, "");
  const Setting* version = root.find("labelloom_pipeline");
  const Setting* transforms = root.find("transforms");
  if (version == nullptr && transforms == nullptr) {
    throw Error(Errc::kUnexpectedFormat,
                where,
                "not a pipeline: expected {\"labelloom_pipeline\": 1, \"transforms\": [...]}, a "
                "pipeline saved by Albumentations, or lines like HorizontalFlip(p=1)");
  }
  if (version != nullptr) {
    const auto* number = version->as<double>();
    if (number == nullptr || *number != kVersion) {
      throw Error(Errc::kInvalidData,
                  where,
                  fmt::format("labelloom_pipeline = {}: this program reads version {}",
                              labelloom::quoted(version->text(), 30),
                              kVersion));
    }
  }
  for (const auto& [name, value] : *root.as<Setting::Members>()) {
    if (name == "labelloom_pipeline" || name == "transforms" || name == "description" ||
        name == "$schema") {
      continue;
    }
    throw Error(Errc::kInvalidData,
                where,
                fmt::format("a pipeline has no member {}; known: labelloom_pipeline, description, "
                            "transforms",
                            labelloom::quoted(name)));
  }
  if (transforms == nullptr) {
    throw Error(Errc::kInvalidData, where, "the pipeline has no member \"transforms\"");
  }
  return read_list(*transforms, where, "");
}

}  // namespace labelloom::augment
