#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "formats/dataset.h"
#include "formats/image_folder.h"
#include "formats/label_studio_config.h"
#include "formats/report.h"

namespace labelloom {

struct LabelStudioOptions {
  /// Pictures the export speaks of: file names and sizes come from here. May be null; then the
  /// export must hold the sizes.
  const ImageFolder* images = nullptr;
  /// Labelling interface of the project: order of categories and key points, image key. May be
  /// null.
  const LabelConfig* config = nullptr;
  /// Whose annotation of a task counts: "latest", "first", "all", or an annotator's id or e-mail.
  /// With "all" every annotation has an image entry of its own, so that nobody's key points go to
  /// another's instances; unite_images (convert) makes one of those of the same file.
  std::string annotator = "latest";
  /// Member of a task's data that names the image; found by its look when empty.
  std::string image_key = {};
  bool skip_bad = false;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

/// What became of every task and region. The regions read are the sum of those that became
/// instances, those that became key points and those left out.
struct LabelStudioSummary {
  std::uint64_t tasks = 0;
  std::uint64_t annotations = 0;                 ///< rows of JSON-min, annotations of the full JSON
  std::uint64_t cancelled_annotations = 0;       ///< skipped by their annotator
  std::uint64_t other_annotations = 0;           ///< of annotators that were not chosen
  std::uint64_t predictions = 0;                 ///< never read: they are no annotations
  std::map<std::string, std::uint64_t> regions;  ///< by type, in the annotations chosen
  std::map<std::string, std::uint64_t> left_out;  ///< by reason
  std::uint64_t instances = 0;
  std::uint64_t keypoints = 0;
  std::uint64_t relations = 0;
};

struct LabelStudioExport {
  /// Key points are in `loose_keypoints`: grouping them to instances is `convert`'s job.
  Dataset dataset;
  LabelStudioSummary summary;
  /// Order of the key point labels: the config's, then first appearance.
  std::vector<std::string> keypoint_labels;
};

/// Reads an export of Label Studio, JSON-min or the full JSON (told apart by content).
///
/// Per cent values become pixels and are rounded to 1/10,000 of one, which undoes the noise of the
/// division. Shapes are cut at the image's frame. A polygon becomes a ring; a rectangle its four
/// corners, turned about its top-left corner in pixels; an ellipse 64 points; brush and bitmap
/// masks run lengths. Rectangles and ellipses keep their kind in the member "shape".
/// @throws Error naming file, byte and JSON path of the first fault (see
/// LabelStudioOptions::skip_bad).
[[nodiscard]] LabelStudioExport read_label_studio(const std::filesystem::path& path,
                                                  const LabelStudioOptions& options,
                                                  Report& report);

}  // namespace labelloom
