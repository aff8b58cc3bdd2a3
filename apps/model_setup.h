#pragma once

// What a data set asks of a network.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "apps/label_mapping.h"
#include "formats/dataset.h"
#include "model/model_config.h"

namespace labelloom::apps {

/// What the user says about the network; the data set says the rest.
struct SetupOptions {
  model::NetworkSize size = model::NetworkSize::kSmall;
  Size input{512, 512};
  /// Names of heads (boxes, segmentation, keypoints); empty: all that the data set has labels for.
  std::vector<std::string> heads = {};
};

/// Counts of a data set as training sees it.
struct LabelCounts {
  std::size_t images = 0;
  std::size_t objects = 0;    ///< instances that are no crowds
  std::size_t shapes = 0;     ///< of these: with rings or mask
  std::size_t keypoints = 0;  ///< of these: with a labelled key point
};
[[nodiscard]] LabelCounts count_labels(const Dataset& dataset);

/// The configuration of a network for a data set. Classes are the categories that have a box
/// somewhere, in the file's order, each with its key points; mirrored partners are found by name,
/// sigmas are COCO's where a category has COCO's 17 key points and 0.05 elsewhere. Pixels have the
/// classes and values of `mapping`, else "background" and the classes that have a shape somewhere.
/// @param mapping of label maps, or null when labels come from shapes
/// @throws Error(kInvalidData) when there is nothing to train on, or nothing for a head that is
/// asked for; `file` is the data set's, for messages
[[nodiscard]] model::ModelConfig make_model_config(const Dataset& dataset,
                                                   const std::string& file,
                                                   const LabelMapping* mapping,
                                                   const SetupOptions& options);

/// Looks whether a network can be measured on a data set: its classes of boxes are categories of
/// the set, with the same key points, and for one of its heads the set has some truth: a box, or
/// pixels of an object that is no crowd, or a pixel of a label map.
/// @param maps_say_something whether label maps say what some pixel is; nothing if labels of pixels
/// come from shapes
/// @throws Error(kInvalidData) naming `file` and what does not fit.
void require_measurable(const Dataset& dataset,
                        const std::string& file,
                        const model::ModelConfig& config,
                        std::optional<bool> maps_say_something);

/// Classes of a network found by the category ids of a data set.
class ClassTable {
 public:
  /// Categories are matched by name. With `has_label_maps` shapes say nothing of pixels, and a
  /// network without boxes has no use for them.
  /// @throws Error(kInvalidData) naming `file` when a category with instances is not one of the
  /// network's classes, or has other key points.
  ClassTable(const Dataset& dataset,
             const std::string& file,
             const model::ModelConfig& config,
             bool has_label_maps = false);

  struct Entry {
    int class_index = 0;
    int first_slot = 0;  ///< in ModelConfig::keypoints
    int slot_count = 0;
  };
  /// Null for categories without instances.
  [[nodiscard]] const Entry* find(std::int64_t category_id) const;

 private:
  std::unordered_map<std::int64_t, Entry> entries_;
};

/// The smallest sides, no smaller than these, that a network takes.
[[nodiscard]] Size rounded_up(Size input);

}  // namespace labelloom::apps
