#pragma once

// COCO results: what a model found, `[{"image_id", "category_id", "score", "bbox" and/or
// "segmentation" and/or "keypoints"}, ...]`.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "formats/dataset.h"

namespace labelloom {

/// A key point as a model places it, in continuous image coordinates.
struct DetectedKeypoint {
  Point2d point;
  double confidence = 1;  ///< what the file has for it; COCO's evaluation does not look at it
  friend bool operator==(const DetectedKeypoint&, const DetectedKeypoint&) = default;
};

/// One object as a model sees it.
struct Detection {
  std::int64_t image_id = 0;
  std::int64_t category_id = 0;
  double score = 0;  ///< higher is surer; only the order counts
  Box bbox = {};
  /// Square pixels; decides which detections of no object count in an area range.
  double area = 0;
  Rings rings = {};              ///< the region, or
  std::optional<Rle> mask = {};  ///< the region; where both are missing it is the box
  /// One for each key point of the category, or none.
  std::vector<DetectedKeypoint> keypoints = {};
  friend bool operator==(const Detection&, const Detection&) = default;
};

struct CocoResults {
  std::vector<Detection> detections;  ///< in the file's order, which decides ties
  // What the first record has, which is how COCO's tools tell the kind of a file. Key points, and
  // masks beside boxes: what any has, since some objects lack them.
  bool has_boxes = false;
  bool has_masks = false;
  bool has_keypoints = false;
  std::vector<std::uint64_t> offsets = {};  ///< byte of each record, for messages
};

struct CocoResultsOptions {
  /// How the file means key points: as the annotations do that it is held against.
  KeypointOrigin keypoint_origin = KeypointOrigin::kPixelCentre;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

/// Reads a file of results. Boxes and areas are as pycocotools' `loadRes` has them: the area is
/// the box's if the first record has a box, else the mask's, else that of the box around all key
/// points; missing boxes are made of the mask or the key points.
/// @throws Error naming file, byte and JSON path: for what is no list of results, a missing score,
/// values that mean nothing, records that lack what the first one has.
[[nodiscard]] CocoResults read_coco_results(const std::filesystem::path& path,
                                            const CocoResultsOptions& options = {});

/// Which parts of the detections are written.
struct CocoResultsParts {
  /// Evaluating key points, COCO's tools take the area of the box if there is one.
  bool boxes = true;
  KeypointOrigin keypoint_origin = KeypointOrigin::kPixelCentre;
};

/// Writes a file of results, one a line, masks as compressed RLE, shortest numbers that read back
/// to the same double. The same detections give the same bytes.
/// @throws Error(kArgument) for numbers that are not finite and rings with holes, which must be
/// made masks; Error(kIo) when it cannot be written; then no file is left.
void write_coco_results(std::span<const Detection> detections,
                        const std::filesystem::path& path,
                        const CocoResultsParts& parts = {});

}  // namespace labelloom
