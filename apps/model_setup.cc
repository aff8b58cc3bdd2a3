#include "apps/model_setup.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/detections.h"
#include "augment/restore.h"
#include "formats/error.h"

namespace labelloom::apps {
namespace {

using model::ModelConfig;

struct NamedSigma {
  std::string_view name;
  double sigma = 0;
};

/// The key points of COCO's persons and the constants of their OKS (cocoeval.py).
constexpr std::array<NamedSigma, 17> kCocoSigmas{{{"nose", .026},
                                                  {"left_eye", .025},
                                                  {"right_eye", .025},
                                                  {"left_ear", .035},
                                                  {"right_ear", .035},
                                                  {"left_shoulder", .079},
                                                  {"right_shoulder", .079},
                                                  {"left_elbow", .072},
                                                  {"right_elbow", .072},
                                                  {"left_wrist", .062},
                                                  {"right_wrist", .062},
                                                  {"left_hip", .107},
                                                  {"right_hip", .107},
                                                  {"left_knee", .087},
                                                  {"right_knee", .087},
                                                  {"left_ankle", .089},
                                                  {"right_ankle", .089}}};

bool has_box(const Instance& instance) {
  return !instance.iscrowd && instance.bbox.width > 0 && instance.bbox.height > 0;
}

bool has_shape(const Instance& instance) {
  return instance.mask() != nullptr || !instance.rings.empty();
}

std::unordered_set<std::int64_t> categories_of(const Dataset& dataset,
                                               bool (*counts)(const Instance&)) {
  std::unordered_set<std::int64_t> found;
  for (const Instance& instance : dataset.instances) {
    if (!instance.iscrowd && counts(instance)) found.insert(instance.category_id);
  }
  return found;
}

bool has_coco_keypoints(const Category& category) {
  return std::ranges::equal(
      category.keypoints, kCocoSigmas, {}, {}, [](const NamedSigma& one) { return one.name; });
}

void add_keypoints(const Category& category,
                   int class_index,
                   const augment::FlipPairs& pairs,
                   ModelConfig& config) {
  const std::size_t first = config.keypoints.size();
  const bool is_coco = has_coco_keypoints(category);
  for (std::size_t slot = 0; slot < category.keypoints.size(); ++slot) {
    model::KeypointSlot added;
    added.class_index = class_index;
    added.name = category.keypoints[slot];
    added.mirrored = static_cast<int>(first + pairs.source_slot(category.id, slot));
    if (is_coco) added.sigma = kCocoSigmas[slot].sigma;
    config.keypoints.push_back(std::move(added));
  }
}

void add_classes(const Dataset& dataset, ModelConfig& config) {
  const auto boxed = categories_of(dataset, has_box);
  const augment::FlipPairs pairs(dataset.categories);
  for (const Category& category : dataset.categories) {
    if (!boxed.contains(category.id)) continue;
    add_keypoints(category, static_cast<int>(config.classes.size()), pairs, config);
    config.classes.push_back(category.name);
  }
}

void add_pixel_classes(const Dataset& dataset, const LabelMapping* mapping, ModelConfig& config) {
  if (mapping != nullptr) {
    config.seg_classes = mapping->classes;
    config.seg_values = values_of_classes(*mapping);
  } else {
    const auto shaped = categories_of(dataset, has_shape);
    config.seg_classes.push_back(background_name(config.classes));
    for (const Category& category : dataset.categories) {
      if (shaped.contains(category.id)) config.seg_classes.push_back(category.name);
    }
  }
  for (const std::string& name : config.classes) {
    const auto found = std::ranges::find(config.seg_classes, name);
    config.seg_of_class.push_back(found == config.seg_classes.end()
                                      ? -1
                                      : static_cast<int>(found - config.seg_classes.begin()));
  }
}

/// Switches heads on that are asked for, or that there is something for.
class HeadChoice {
 public:
  HeadChoice(const std::vector<std::string>& wanted, const std::string& file)
      : wanted_(wanted), file_(file) {
    for (const std::string& name : wanted) {
      if (name != "boxes" && name != "segmentation" && name != "keypoints") {
        throw Error(Errc::kArgument,
                    {},
                    fmt::format("--heads {}: expected boxes, segmentation or keypoints",
                                labelloom::quoted(name)));
      }
    }
  }

  [[nodiscard]] bool choose(const char* name, bool labelled, const char* what) const {
    if (wanted_.empty()) return labelled;
    if (std::ranges::find(wanted_, name) == wanted_.end()) return false;
    if (labelled) return true;
    throw Error(Errc::kInvalidData, {.file = file_}, fmt::format("--heads {}: {}", name, what));
  }

 private:
  const std::vector<std::string>& wanted_;
  const std::string& file_;
};

/// Names of a class's key points, and where in the configuration they begin.
struct OwnSlots {
  int first = 0;
  std::vector<std::string> names;
};

OwnSlots slots_of(int class_index, const ModelConfig& config) {
  OwnSlots slots;
  for (std::size_t i = 0; i < config.keypoints.size(); ++i) {
    if (config.keypoints[i].class_index != class_index) continue;
    if (slots.names.empty()) slots.first = static_cast<int>(i);
    slots.names.push_back(config.keypoints[i].name);
  }
  return slots;
}

void require_keypoints(const Category& category,
                       const std::vector<std::string>& names,
                       const std::string& file) {
  if (names == category.keypoints) return;
  throw Error(Errc::kInvalidData,
              {.file = file},
              fmt::format("category {} has the key points {}; the model has {}",
                          labelloom::quoted(category.name),
                          fmt::join(category.keypoints, ", "),
                          fmt::join(names, ", ")));
}

/// Whether an object of a class that pixels can have is drawn. Pictures without any say only what
/// is background: a network that sees nothing else would be the best.
bool has_pixels(const Dataset& dataset, const ModelConfig& config) {
  const auto shaped = categories_of(dataset, has_shape);
  return std::ranges::any_of(dataset.categories, [&](const Category& category) {
    return shaped.contains(category.id) &&
           std::ranges::find(config.seg_classes, category.name) != config.seg_classes.end();
  });
}

}  // namespace

LabelCounts count_labels(const Dataset& dataset) {
  LabelCounts counts;
  counts.images = dataset.images.size();
  for (const Instance& instance : dataset.instances) {
    if (instance.iscrowd) continue;
    ++counts.objects;
    if (has_shape(instance)) ++counts.shapes;
    if (labelled_count(instance.keypoints) > 0) ++counts.keypoints;
  }
  return counts;
}

ModelConfig make_model_config(const Dataset& dataset,
                              const std::string& file,
                              const LabelMapping* mapping,
                              const SetupOptions& options) {
  if (dataset.images.empty()) {
    throw Error(Errc::kInvalidData, {.file = file}, "there is no image in it");
  }
  ModelConfig config;
  config.size = options.size;
  config.input = rounded_up(options.input);
  add_classes(dataset, config);
  add_pixel_classes(dataset, mapping, config);
  const LabelCounts counts = count_labels(dataset);
  const HeadChoice choice(options.heads, file);
  const bool has_keypoints = counts.keypoints > 0 && !config.keypoints.empty();
  config.heads.boxes =
      choice.choose("boxes", !config.classes.empty(), "no instance of it has a box");
  config.heads.segmentation = choice.choose("segmentation",
                                            mapping != nullptr || counts.shapes > 0,
                                            "no instance of it has a polygon or a mask");
  config.heads.keypoints =
      choice.choose("keypoints", has_keypoints, "no instance of it has key points");
  if (config.heads.keypoints && !config.heads.boxes) {
    throw Error(Errc::kArgument, {}, "--heads keypoints: key points belong to boxes; add boxes");
  }
  if (!config.heads.boxes && !config.heads.segmentation) {
    throw Error(Errc::kInvalidData, {.file = file}, "there is nothing in it to train on");
  }
  if (!config.heads.keypoints) config.keypoints.clear();
  if (!config.heads.segmentation) {
    config.seg_classes.clear();
    config.seg_of_class.clear();
    config.seg_values.clear();
  }
  return config;
}

void require_measurable(const Dataset& dataset,
                        const std::string& file,
                        const ModelConfig& config,
                        std::optional<bool> maps_say_something) {
  if (config.heads.boxes) {
    std::vector<std::int64_t> ids;
    try {
      ids = category_ids(dataset.categories, config);
    } catch (const Error& error) {
      throw Error(error.code(), {.file = file}, error.message());
    }
    for (std::size_t i = 0; config.heads.keypoints && i < ids.size(); ++i) {
      const auto category = std::ranges::find(dataset.categories, ids[i], &Category::id);
      require_keypoints(*category, slots_of(static_cast<int>(i), config).names, file);
    }
  }
  const bool boxes = config.heads.boxes && std::ranges::any_of(dataset.instances, has_box);
  const bool pixels = config.heads.segmentation &&
                      (maps_say_something ? *maps_say_something : has_pixels(dataset, config));
  if (boxes || pixels) return;  // key points belong to boxes
  throw Error(Errc::kInvalidData,
              {.file = file},
              "nothing in it is labelled that the model could be measured with");
}

ClassTable::ClassTable(const Dataset& dataset,
                       const std::string& file,
                       const ModelConfig& config,
                       bool has_label_maps) {
  const auto used = categories_of(dataset, [](const Instance&) { return true; });
  const auto covering = categories_of(
      dataset, [](const Instance& instance) { return has_shape(instance) || has_box(instance); });
  for (const Category& category : dataset.categories) {
    if (!used.contains(category.id)) continue;
    const auto found = std::ranges::find(config.classes, category.name);
    if (found == config.classes.end()) {
      if (!config.heads.boxes && (has_label_maps || !covering.contains(category.id))) continue;
      throw Error(Errc::kInvalidData,
                  {.file = file},
                  fmt::format("category {} is not one of the model's classes: {}",
                              labelloom::quoted(category.name),
                              fmt::join(config.classes, ", ")));
    }
    Entry entry;
    entry.class_index = static_cast<int>(found - config.classes.begin());
    const OwnSlots slots = slots_of(entry.class_index, config);
    entry.first_slot = slots.first;
    entry.slot_count = static_cast<int>(slots.names.size());
    if (config.heads.keypoints) require_keypoints(category, slots.names, file);
    entries_.emplace(category.id, entry);
  }
}

const ClassTable::Entry* ClassTable::find(std::int64_t category_id) const {
  const auto found = entries_.find(category_id);
  return found == entries_.end() ? nullptr : &found->second;
}

Size rounded_up(Size input) {
  const auto side = [](int length) {
    constexpr int kStride = ModelConfig::kStride;
    return (length + kStride - 1) / kStride * kStride;
  };
  return {side(input.width), side(input.height)};
}

}  // namespace labelloom::apps
