#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "apps/label_mapping.h"
#include "apps/model_setup.h"
#include "augment/pipeline.h"
#include "augment/restore.h"
#include "augment/sources.h"
#include "formats/png_values.h"
#include "model/model_config.h"
#include "model/sample.h"

namespace labelloom::apps {

struct TrainingSourceOptions {
  std::string file;              ///< the data set's, for messages
  std::filesystem::path images;  ///< folder of its pictures
  /// Folder of label maps, `<picture's path without extension>.png`, or without its folders where
  /// no other picture has that name; empty: labels come from shapes.
  std::filesystem::path label_maps = {};
  const LabelMapping* mapping = nullptr;  ///< of the label maps; must outlive the source
  /// Drawn anew for every picture and epoch; null: pictures are seen as they are. Must outlive the
  /// source.
  const augment::Pipeline* pipeline = nullptr;
  std::uint64_t seed = 0;
  std::size_t cache_bytes = std::size_t{1} << 30;  ///< of decoded pictures
};

/// A data set's pictures as a network sees them: decoded, changed by a pipeline, letterboxed.
///
/// What is known of a picture is decided before it is changed:
/// - boxes, unless an instance has none;
/// - segmentation, if it has a label map; without label maps, unless it has instances but none with
///   a shape. What lies outside the picture is unknown;
/// - key points, unless it has instances of categories with key points, but none is labelled.
/// Crowds and objects of less than kMinSide input pixels are not learnt, and not held against the
/// network.
class TrainingSource final : public model::SampleSource {
 public:
  static constexpr double kMinSide = 3;

  /// Both must outlive this. @throws Error naming what does not fit: no images, no folder, classes
  /// that the network does not have.
  TrainingSource(const Dataset& dataset,
                 const model::ModelConfig& config,
                 TrainingSourceOptions options);

  [[nodiscard]] std::size_t count() const override { return dataset_.images.size(); }
  [[nodiscard]] model::Sample load(std::size_t index, std::uint64_t epoch) override;

  /// What is known of the picture's pixels at its full size, unchanged; nothing (no values) if
  /// nothing is. Threads may call it at the same time.
  [[nodiscard]] LabelMap original_labels(std::size_t index) const;

  /// Whether label maps say of any pixel what it is; those behind the first that does are not read.
  [[nodiscard]] bool has_mapped_pixel() const;

  /// Looks at every file that training will read, label maps included.
  /// @throws Error naming the first that is missing, of another size, or has values that the
  /// mapping does not know.
  void check();

 private:
  struct Known;
  [[nodiscard]] Known known_of(std::size_t index) const;
  [[nodiscard]] std::optional<std::filesystem::path> label_map_file(std::size_t index) const;
  [[nodiscard]] cv::Mat read_labels(const std::filesystem::path& file, Size size) const;
  [[nodiscard]] cv::Mat labels_before(std::size_t index, Size size, const Known& known) const;
  [[nodiscard]] augment::Plan plan(std::size_t index,
                                   std::uint64_t epoch,
                                   const augment::SourceImage& source);
  [[nodiscard]] model::TargetObject object(const Instance& instance) const;

  const Dataset& dataset_;
  const model::ModelConfig& config_;
  TrainingSourceOptions options_;
  ClassTable classes_;
  augment::FlipPairs pairs_;
  augment::Sources sources_;
  augment::SourceCache cache_;
  std::unique_ptr<const augment::SetDonors> donors_;
  InstancesByImage by_image_;
  std::unordered_set<std::int64_t> with_keypoints_;  // ids of instances with labelled ones
  std::unordered_set<std::string> shared_names_;     // of label maps, without folders
};

}  // namespace labelloom::apps
