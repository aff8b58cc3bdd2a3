#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/dataset.h"

namespace labelloom {

struct GroupingOptions {
  /// Key point label -> names of the categories that may own it. Labels that are missing here are
  /// decided by the statistics of the whole input.
  std::map<std::string, std::vector<std::string>> owners = {};
  /// Slot order, e.g. from the labelling config; other labels follow by first appearance.
  std::vector<std::string> label_order = {};
  /// How far outside an instance a key point may lie and still belong to it. Not given: a share of
  /// the instance's size (see group_keypoints.cc).
  std::optional<double> tolerance_px = {};
};

/// What was decided about one loose key point.
struct KeypointDecision {
  enum class How : std::uint8_t { kGivenBySource, kAssigned, kOnlyInstance, kUnassigned };
  enum class Doubt : std::uint8_t {
    kNone,
    kAmbiguous,         ///< another instance is about as likely
    kOutside,           ///< lies outside the instance it was given to
    kNoOwner,           ///< no instance takes it; not in the output
    kTaken,             ///< the instance it lies in has this name already; not in the output
  };
  std::size_t loose_index = 0;                  ///< index in the former Dataset::loose_keypoints
  How how = How::kUnassigned;
  Doubt doubt = Doubt::kNone;
  std::optional<std::int64_t> instance_id = {};  ///< who has it now
  std::optional<std::int64_t> other_id = {};     ///< the runner-up, when ambiguous
  double distance_px = 0;                        ///< signed distance to the owner's border
  double other_distance_px = 0;
};

struct GroupingResult {
  std::vector<LooseKeypoint> keypoints;     ///< the former Dataset::loose_keypoints
  std::vector<KeypointDecision> decisions;  ///< one for each, in the same order
  /// Key point label -> the categories that were found to own it.
  std::map<std::string, std::vector<std::string>> owners;
};

/// Gives every loose key point of the data set to an instance's slot, fills Category::keypoints and
/// Instance::keypoints, and empties Dataset::loose_keypoints.
GroupingResult group_keypoints(Dataset& dataset, const GroupingOptions& options);

}  // namespace labelloom
