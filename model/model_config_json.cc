#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/json_text.h"
#include "model/json_document.h"
#include "model/model_config.h"

namespace labelloom::model {
namespace {

constexpr int kAnyIndex = std::numeric_limits<int>::max();
constexpr int kMostValue = 255;  // of a pixel in a label map

// One list of members for reading and writing: name, and where it is in the configuration.
constexpr std::array<std::pair<std::string_view, bool Heads::*>, 4> kHeads = {{
    {"boxes", &Heads::boxes},
    {"segmentation", &Heads::segmentation},
    {"keypoints", &Heads::keypoints},
    {"loss_prediction", &Heads::loss_prediction},
}};
constexpr std::array<std::string_view, 10> kMembers = {"size",
                                                       "heads",
                                                       "classes",
                                                       "seg_classes",
                                                       "seg_of_class",
                                                       "seg_values",
                                                       "keypoints",
                                                       "input",
                                                       "mean",
                                                       "deviation"};
constexpr std::array<std::string_view, 4> kSlotMembers = {"class", "name", "mirrored", "sigma"};
constexpr std::array<std::string_view, 2> kInputMembers = {"width", "height"};

/// `{` + separator + items + separator + `}`, whatever the brackets.
template <typename Items, typename Write>
void append_list(
    std::string& out, const Items& items, char open, char close, const char* gap, Write&& write) {
  out += open;
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += *gap == '\0' ? ", " : ",";
    first = false;
    out += gap;
    write(item);
  }
  if (!first && *gap != '\0') out += "\n  ";
  out += close;
}

void append_names(std::string& out, const std::vector<std::string>& names) {
  append_list(out, names, '[', ']', "", [&](const std::string& name) {
    labelloom::json::append_string(out, name);
  });
}

template <typename Numbers>
void append_numbers(std::string& out, const Numbers& numbers) {
  append_list(
      out, numbers, '[', ']', "", [&](const auto& number) { out += fmt::format("{}", number); });
}

std::vector<std::string> read_names(const json::Place& place) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < place.size(); ++i) names.emplace_back(place[i].string());
  return names;
}

std::array<float, 3> read_triple(const json::Place& place) {
  if (place.size() != 3) place.fail(fmt::format("expected 3 numbers, got {}", place.size()));
  std::array<float, 3> triple{};
  for (std::size_t i = 0; i < 3; ++i) triple[i] = static_cast<float>(place[i].number());
  return triple;
}

Heads read_heads(const json::Place& place) {
  std::array<std::string_view, kHeads.size()> names{};
  std::ranges::transform(kHeads, names.begin(), [](const auto& head) { return head.first; });
  place.expect_members(names);
  Heads heads;
  for (const auto& [name, member] : kHeads) {
    if (place.has(name)) heads.*member = place[name].boolean();
  }
  return heads;
}

KeypointSlot read_slot(const json::Place& place) {
  place.expect_members(kSlotMembers);
  KeypointSlot slot;
  slot.class_index = static_cast<int>(place["class"].integer(0, kAnyIndex));
  slot.name = place["name"].string();
  slot.mirrored = static_cast<int>(place["mirrored"].integer(0, kAnyIndex));
  if (place.has("sigma")) slot.sigma = place["sigma"].number();
  return slot;
}

ModelConfig read_config(const json::Place& root) {
  ModelConfig config;
  if (root.has("size")) {
    const json::Place place = root["size"];
    try {
      config.size = network_size(place.string());
    } catch (const Error& error) {
      if (error.code() != Errc::kArgument) throw;
      place.fail(error.message());
    }
  }
  if (root.has("heads")) config.heads = read_heads(root["heads"]);
  if (root.has("classes")) config.classes = read_names(root["classes"]);
  if (root.has("seg_classes")) config.seg_classes = read_names(root["seg_classes"]);
  if (root.has("seg_of_class")) {
    const json::Place places = root["seg_of_class"];
    for (std::size_t i = 0; i < places.size(); ++i) {
      config.seg_of_class.push_back(static_cast<int>(places[i].integer(-1, kAnyIndex)));
    }
  }
  if (root.has("seg_values")) {
    const json::Place places = root["seg_values"];
    for (std::size_t i = 0; i < places.size(); ++i) {
      config.seg_values.push_back(static_cast<int>(places[i].integer(0, kMostValue)));
    }
  }
  if (root.has("keypoints")) {
    const json::Place places = root["keypoints"];
    for (std::size_t i = 0; i < places.size(); ++i) {
      config.keypoints.push_back(read_slot(places[i]));
    }
  }
  if (root.has("input")) {
    const json::Place place = root["input"];
    place.expect_members(kInputMembers);
    config.input = {static_cast<int>(place["width"].integer(1, kAnyIndex)),
                    static_cast<int>(place["height"].integer(1, kAnyIndex))};
  }
  if (root.has("mean")) config.mean = read_triple(root["mean"]);
  if (root.has("deviation")) config.deviation = read_triple(root["deviation"]);
  return config;
}

}  // namespace

std::string to_json(const ModelConfig& config) {
  std::string out = fmt::format("{{\n  \"size\": \"{}\",\n  \"heads\": ", name_of(config.size));
  append_list(out, kHeads, '{', '}', "", [&](const auto& head) {
    out += fmt::format("\"{}\": {}", head.first, config.heads.*head.second);
  });
  out += ",\n  \"classes\": ";
  append_names(out, config.classes);
  out += ",\n  \"seg_classes\": ";
  append_names(out, config.seg_classes);
  out += ",\n  \"seg_of_class\": ";
  append_numbers(out, config.seg_of_class);
  if (!config.seg_values.empty()) {
    out += ",\n  \"seg_values\": ";
    append_numbers(out, config.seg_values);
  }
  out += ",\n  \"keypoints\": ";
  append_list(out, config.keypoints, '[', ']', "\n    ", [&](const KeypointSlot& slot) {
    out += fmt::format("{{\"class\": {}, \"name\": ", slot.class_index);
    labelloom::json::append_string(out, slot.name);
    out += fmt::format(", \"mirrored\": {}, \"sigma\": {}}}", slot.mirrored, slot.sigma);
  });
  out += fmt::format(",\n  \"input\": {{\"width\": {}, \"height\": {}}},\n  \"mean\": ",
                     config.input.width,
                     config.input.height);
  append_numbers(out, config.mean);
  out += ",\n  \"deviation\": ";
  append_numbers(out, config.deviation);
  return out + "\n}\n";
}

ModelConfig parse_model_config(std::string_view json,
                               const std::string& file,
                               std::span<const std::string_view> other_members) {
  const rapidjson::Document document = json::parse_object(json, file);
  const json::Place root(document, file);
  std::vector<std::string_view> known(kMembers.begin(), kMembers.end());
  known.insert(known.end(), other_members.begin(), other_members.end());
  root.expect_members(known);
  ModelConfig config = read_config(root);
  try {
    validate(config);
  } catch (const Error& error) {
    throw Error(error.code(), {.file = file, .path = error.where().path}, error.message());
  }
  return config;
}

ModelConfig read_model_config(const std::filesystem::path& file) {
  const InputFile input(file);
  return parse_model_config(input.text(), file.string());
}

}  // namespace labelloom::model
