#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/dataset.h"
#include "formats/report.h"

namespace labelloom {

/// A data set to merge, and what messages call it (its file).
struct MergeInput {
  std::string name;
  Dataset dataset;
};

/// What to do when two inputs have an image of one file name.
enum class SameImage : std::uint8_t {
  kError,  ///< refuse: two pictures may be hiding under one name
  kMerge,  ///< they are the same picture: one image with the instances of both
};

struct MergeOptions {
  SameImage same_image = SameImage::kError;
  /// `source_image_id` names the same pictures in all inputs: they were augmented from one set,
  /// which may be among them. Otherwise each input numbers its own.
  bool shared_sources = false;
};

/// Puts data sets one after another.
///
/// Categories are matched by name. They keep their ids as far as these are free, the first input's
/// always; a category without key points takes those of its namesake. Annotations are numbered anew
/// from 1. Images keep their ids when no two inputs use one number for an image or the source of
/// one (as the shards of one job do not); else all are numbered anew from 1, and `source_image_id`
/// follows: to the new id of the image it names, or, for sources that are in no input, to a number
/// after all images. Key points are written as
/// continuous coordinates when the inputs differ in that. Root members are the first input's.
///
/// `report` gets the kinds "images-merged", "supercategory-differs", "root-member-dropped" and
/// "keypoints-adopted".
/// @throws Error(kInvalidData) naming both inputs if categories of one name have different key
/// points or skeletons, or for images of one name, unless they are to be merged and have one size.
[[nodiscard]] Dataset merge(std::vector<MergeInput> inputs,
                            const MergeOptions& options,
                            Report& report);

}  // namespace labelloom
