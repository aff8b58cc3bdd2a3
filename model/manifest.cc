#include "model/manifest.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "model/json_document.h"

namespace labelloom::model {
namespace {

constexpr std::array<std::string_view, 5> kOwnMembers = {
    "kind", "outputs", "probabilities", "multiple_of", "made_with"};
constexpr std::array kKinds = {ModelKind::kNative, ModelKind::kDense, ModelKind::kDetections};
constexpr std::array<std::string_view, 4> kMayBeProbabilities = {
    "center", "classes", "segmentation", "keypoints"};
constexpr int kLargestMultiple = 1024;

template <typename Names>
std::string known_name(const json::Place& place, const Names& known) {
  const std::string_view name = place.string();
  if (std::ranges::find(known, name) == known.end()) {
    place.fail(fmt::format("{} is not one of {}", labelloom::quoted(name), fmt::join(known, ", ")));
  }
  return std::string(name);
}

ModelKind read_kind(const json::Place& place) {
  for (const ModelKind kind : kKinds) {
    if (place.string() == name_of(kind)) return kind;
  }
  place.fail(labelloom::quoted(place.string()) + " is not one of native, dense, detections");
}

void read_outputs(const rapidjson::Value& value, const json::Place& place, Manifest& manifest) {
  if (value.IsArray()) {
    for (std::size_t i = 0; i < place.size(); ++i) {
      const std::string name = known_name(place[i], kOutputNames);
      if (std::ranges::find(manifest.order, name) != manifest.order.end()) {
        place[i].fail(labelloom::quoted(name) + " stands there twice");
      }
      manifest.order.push_back(name);
    }
    return;
  }
  place.expect_members(kOutputNames);
  for (const std::string_view name : kOutputNames) {
    if (place.has(name)) manifest.names.emplace(name, place[name].string());
  }
}

}  // namespace

std::string_view name_of(ModelKind kind) {
  switch (kind) {
    case ModelKind::kDense:
      return "dense";
    case ModelKind::kDetections:
      return "detections";
    case ModelKind::kNative:
      break;
  }
  return "native";
}

std::vector<std::string> Manifest::required_outputs() const {
  std::vector<std::string> required;
  const Heads& heads = config.heads;
  if (kind == ModelKind::kDetections) {
    if (heads.boxes) required = {"boxes", "scores", "labels"};
  } else {
    if (heads.boxes) required = {"center", "classes", "box"};
    if (heads.keypoints) required.insert(required.end(), {"keypoints", "offsets"});
  }
  if (heads.segmentation) required.emplace_back("segmentation");
  return required;
}

Manifest parse_manifest(std::string_view text, const std::string& file) {
  Manifest manifest;
  manifest.config = parse_model_config(text, file, kOwnMembers);
  const rapidjson::Document document = json::parse_object(text, file);
  const json::Place root(document, file);
  if (root.has("kind")) manifest.kind = read_kind(root["kind"]);
  if (root.has("outputs")) read_outputs(document["outputs"], root["outputs"], manifest);
  if (root.has("probabilities")) {
    const json::Place places = root["probabilities"];
    for (std::size_t i = 0; i < places.size(); ++i) {
      manifest.probabilities.insert(known_name(places[i], kMayBeProbabilities));
    }
  }
  if (root.has("multiple_of")) {
    manifest.multiple_of = static_cast<int>(root["multiple_of"].integer(1, kLargestMultiple));
    const Size input = manifest.config.input;
    if (input.width % manifest.multiple_of != 0 || input.height % manifest.multiple_of != 0) {
      root["multiple_of"].fail(fmt::format("the input, {}x{}, is no multiple of {}",
                                           input.width,
                                           input.height,
                                           manifest.multiple_of));
    }
  }
  if (root.has("made_with")) manifest.made_with = root["made_with"].string();
  return manifest;
}

Manifest read_manifest(const std::filesystem::path& file) {
  const InputFile input(file);
  return parse_manifest(input.text(), file.string());
}

std::filesystem::path find_manifest(const std::filesystem::path& model) {
  std::filesystem::path beside = model;
  beside.replace_extension(".json");
  const std::array<std::filesystem::path, 3> places = {
      beside, model.parent_path() / "model.json", model.parent_path() / "manifest.json"};
  for (const std::filesystem::path& place : places) {
    std::error_code code;
    if (std::filesystem::is_regular_file(place, code)) return place;
  }
  throw Error(Errc::kIo,
              {.file = model.string()},
              fmt::format("no manifest that says what the model's outputs mean; expected {}, "
                          "model.json or manifest.json beside it",
                          beside.filename().string()));
}

}  // namespace labelloom::model
