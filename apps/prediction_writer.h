#pragma once

#include <deque>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "formats/dataset.h"
#include "model/dense_map.h"
#include "model/detection.h"
#include "model/model_config.h"
#include "model/sample.h"

namespace labelloom::apps {

/// The files in a folder of predictions.
struct PredictionFolder {
  std::filesystem::path folder;

  [[nodiscard]] std::filesystem::path dataset() const { return folder / "coco.json"; }
  [[nodiscard]] std::filesystem::path results() const { return folder / "results.json"; }
  /// @throws Error(kInvalidData) for a picture's name that leaves the folder.
  [[nodiscard]] std::filesystem::path label_map(const std::string& picture) const;
};

/// @throws Error(kInvalidData) naming two pictures that would have one label map.
void require_own_label_maps(const std::deque<Image>& images);

struct PredictionWriterOptions {
  bool segmentation = true;  ///< write label maps: ModelConfig::seg_values
};

/// The categories of a model, with ids from 1 in the order of its classes and the key points of
/// each.
[[nodiscard]] std::vector<Category> categories_of(const model::ModelConfig& config);

/// A picture with what was found in it; its instances have no ids yet.
struct PredictedPicture {
  Image image;
  std::vector<Instance> instances;
};

/// Writes what a model says about pictures, in the pictures' own coordinates: `coco.json`, a COCO
/// data set whose annotations have scores (boxes, masks as run lengths, key points), and
/// `segmentation/`. Label maps are written at once and forgotten; in memory remain the objects.
class PredictionWriter {
 public:
  PredictionWriter(std::filesystem::path folder,
                   const model::ModelConfig& config,
                   const PredictionWriterOptions& options);

  /// A picture's objects; its label map is written. `segmentation`: logits [C,h,w] on the CPU, or
  /// empty without that head. Threads may call it at the same time.
  /// @throws Error(kIo); Error(kInvalidData) for a name that leaves the folder, or for logits that
  /// are not finite.
  [[nodiscard]] PredictedPicture picture(const model::InputImage& image,
                                         std::span<const model::Detection> detections,
                                         const model::DenseMap& segmentation) const;
  /// The next picture of the data set. Not for several threads at once, as all that follows.
  void append(PredictedPicture picture);
  void add(const model::InputImage& image,
           std::span<const model::Detection> detections,
           const model::DenseMap& segmentation) {
    append(picture(image, detections, segmentation));
  }

  /// Writes `coco.json`, where absent key points have no place. Without it there is none.
  void finish();

  /// What was added. Until `finish`, absent key points have the place where they would be.
  [[nodiscard]] const Dataset& dataset() const { return dataset_; }

 private:
  void add_instance(const model::Detection& detection,
                    const model::Placement& placement,
                    Rle mask,
                    std::vector<Instance>& instances) const;

  PredictionFolder folder_;
  model::ModelConfig config_;
  PredictionWriterOptions options_;
  Dataset dataset_;
};

}  // namespace labelloom::apps
