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

}  // namespace

bool is_container(std::string_view name) {
  return std::ranges::find(kContainers, name) != kContainers.end();
}

void use_our_name(FileStep& step) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kRenamed{
      {{"SquareSymmetry", "D4"},
       {"JpegCompression", "ImageCompression"},
       {"CopyAndPaste", "CopyPaste"}}};
  if (find_transform(step.name) != nullptr) return;
  const auto renamed =
      std::ranges::find(kRenamed, step.name, [](const auto& p) { return p.first; });
  if (renamed != kRenamed.end()) step.name = renamed->second;
}

bool does_nothing(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kNames{
      "FromFloat", "NoOp", "Normalize", "ToFloat", "ToRGB", "ToTensor", "ToTensor3D", "ToTensorV2"};
  return std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace labelloom::augment
