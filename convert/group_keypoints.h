#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/dataset.h"

namespace labelloom {

struct GroupingOptions {
  /// Key point label -> names of the categories that may own it. Labels that are missing here are
  /// decided by the statistics of the whole input (see keypoint_owners.h).
  std::map<std::string, std::vector<std::string>> owners = {};
  /// Slot order, e.g. from the labelling config; other labels follow by first appearance.
  std::vector<std::string> label_order = {};
  /// How far outside an instance a key point may lie and still belong to it. Not given: three
  /// quarters of the instance's size, the square root of its box's area.
  std::optional<double> tolerance_px = {};
};

/// What was decided about one loose key point.
struct KeypointDecision {
  enum class How : std::uint8_t {
    kGivenBySource,  ///< the source names the owner
    kAssigned,       ///< found by the assignment of its image
    kOnlyInstance,   ///< no instance of the image could own it: a new one was made of the points
    kUnassigned,     ///< not in the output
  };
  enum class Doubt : std::uint8_t {
    kNone,
    kAmbiguous,  ///< another instance is about as likely
    kOutside,    ///< lies outside the instance it was given to
    kNoOwner,    ///< no instance within reach takes it; not in the output
    kTaken,      ///< the instance it lies in has this name already; not in the output
  };
  std::size_t loose_index = 0;  ///< index in the former Dataset::loose_keypoints
  How how = How::kUnassigned;
  Doubt doubt = Doubt::kNone;
  std::optional<std::int64_t> instance_id = {};  ///< who has it now
  /// The runner-up when ambiguous, who has the name when taken, the nearest when without owner.
  std::optional<std::int64_t> other_id = {};
  double distance_px = 0;        ///< signed distance to the owner's border, negative inside
  double other_distance_px = 0;  ///< the same for other_id
};

struct GroupingResult {
  std::vector<LooseKeypoint> keypoints;     ///< the former Dataset::loose_keypoints
  std::vector<KeypointDecision> decisions;  ///< one for each, in the same order
  /// Key point label -> the categories that were found to own it, the likeliest first.
  std::map<std::string, std::vector<std::string>> owners;
};

/// Gives every loose key point of the data set to an instance's slot, fills Category::keypoints and
/// Instance::keypoints, and empties Dataset::loose_keypoints.
///
/// Owners that the source names come first. The others are assigned image by image so that the
/// whole is likeliest: by the distances to the instances' borders, and by how the points of one
/// instance lie to each other, which is learned from the input itself (keypoint_matching.cc has
/// the formula). An instance takes a name once; crowds take nothing. Where an image has no
/// instance that could own its points, they make a new one, boxed by their extent, in the category
/// that owns such points elsewhere, else in "object".
///
/// Every instance of a category with slots gets one entry per slot. Images are worked on in
/// parallel (oneTBB's arena of the caller); the result is the same for any number of threads.
/// @throws Error(kArgument) if options.owners names an unknown category.
GroupingResult group_keypoints(Dataset& dataset, const GroupingOptions& options);

}  // namespace labelloom
