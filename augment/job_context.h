#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "augment/output_names.h"
#include "augment/pipeline_file.h"
#include "augment/sources.h"
#include "augment/variant.h"

namespace labelloom::augment {

/// What decides on the bytes of every output image.
struct JobSettings {
  std::filesystem::path images;  ///< folder of the set's images
  std::uint32_t variants = 1;    ///< of each image
  std::uint64_t seed = 0;
  int max_side = 0;  ///< larger pictures are reduced before they are augmented; 0: none is
  bool keep_originals = false;
  VariantOptions variant;
};

/// Decoded images that are kept where variants need other images than their own.
inline constexpr std::size_t kDonorCacheBytes = std::size_t{256} << 20;

/// What all threads of a job share: it makes any variant of any image at any time.
class JobContext {
 public:
  /// Both must outlive this. `cache_bytes`: decoded images kept for the next variants.
  JobContext(const Dataset& dataset,
             const PipelineFile& pipeline,
             const JobSettings& settings,
             std::size_t cache_bytes);

  [[nodiscard]] const Dataset& dataset() const { return dataset_; }
  [[nodiscard]] const JobSettings& settings() const { return settings_; }
  [[nodiscard]] Sources& sources() { return sources_; }
  /// Whether variants of an image may need the others.
  [[nodiscard]] bool mixes_images() const { return donors_ != nullptr; }

  /// @throws Error naming the file when the image cannot be used.
  [[nodiscard]] std::shared_ptr<const SourceImage> load(std::size_t image) {
    return cache_.get(image);
  }
  /// What is drawn for a variant, without looking at pixels.
  /// @throws PlanError.
  [[nodiscard]] Plan sample(std::size_t image, std::uint32_t variant);
  /// Why none of an image's variants can be drawn, as where all crops are larger than it is;
  /// nothing if one can be.
  [[nodiscard]] std::optional<PlanError> unsuitable(std::size_t image);

  /// An output image with its record and annotations; `variant` 0 is the source itself.
  struct Output {
    Image image;
    std::vector<Instance> instances;
    std::string file;  ///< bytes
  };
  /// @throws Error naming image and variant; DonorError; PlanError.
  [[nodiscard]] Output make(const SourceImage& source, std::size_t image, std::uint32_t variant);

 private:
  [[nodiscard]] Output make_original(const SourceImage& source, std::size_t image) const;
  [[nodiscard]] RandomKey key(std::size_t image, std::uint32_t variant) const;
  [[nodiscard]] Image record(std::size_t image,
                             std::uint32_t variant,
                             Size size,
                             std::string_view extension,
                             const std::string& drawn) const;

  const Dataset& dataset_;
  const PipelineFile& pipeline_;
  JobSettings settings_;
  Sources sources_;
  SourceCache cache_;
  std::unique_ptr<const SetDonors> donors_;
  FlipPairs pairs_;
  OutputNames names_;
  std::mutex mutex_;
  std::map<std::size_t, PlanError> unsuitable_;  // found so far; guarded by mutex_
  std::int64_t highest_id_ = 0;                  // of the set's images and their sources
};

/// Whether a transform of the pipeline mixes images.
[[nodiscard]] bool mixes_images(const Node& node);

}  // namespace labelloom::augment
