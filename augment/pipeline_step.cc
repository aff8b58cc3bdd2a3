#include "augment/pipeline_step.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "augment/registry.h"

namespace labelloom::augment {
namespace {

constexpr std::array<std::string_view, 7> kContainers{
    "Compose", "OneOf", "OneOrOther", "RandomOrder", "ReplayCompose", "Sequential", "SomeOf"};

FileStep plain_step(std::string name, const Where& where) {
  FileStep step{std::move(name), where, {}};
  step.settings.set("p", {1.0});
  return step;
}

/// Flip of Albumentations 1 drew one of three: both, top to bottom, left to right.
void expand_flip(FileStep& step) {
  FileStep both = plain_step("Sequential", step.where);
  both.children.push_back(plain_step("HorizontalFlip", step.where));
  both.children.push_back(plain_step("VerticalFlip", step.where));
  step.name = "OneOf";
  step.children.push_back(std::move(both));
  step.children.push_back(plain_step("VerticalFlip", step.where));
  step.children.push_back(plain_step("HorizontalFlip", step.where));
}

}  // namespace

bool is_container(std::string_view name) {
  return std::ranges::find(kContainers, name) != kContainers.end();
}

void modernise(FileStep& step) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kRenamed{
      {{"SquareSymmetry", "D4"},
       {"JpegCompression", "ImageCompression"},
       {"CopyAndPaste", "CopyPaste"}}};
  if (find_transform(step.name) != nullptr) return;
  const auto renamed =
      std::ranges::find(kRenamed, step.name, [](const auto& p) { return p.first; });
  if (renamed != kRenamed.end()) step.name = renamed->second;
  if (step.name == "Flip") expand_flip(step);
  if (step.name == "RandomBrightness") {
    step.name = "RandomBrightnessContrast";
    step.settings.rename("limit", "brightness_limit");
    step.settings.set("contrast_limit", {0.0});
  } else if (step.name == "RandomContrast") {
    step.name = "RandomBrightnessContrast";
    step.settings.rename("limit", "contrast_limit");
    step.settings.set("brightness_limit", {0.0});
  }
}

bool does_nothing(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kNames{
      "FromFloat", "NoOp", "Normalize", "ToFloat", "ToRGB", "ToTensor", "ToTensor3D", "ToTensorV2"};
  return std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace labelloom::augment
