#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <torch/types.h>

#include "apps/fixed_batches.h"
#include "apps/pool_scorer.h"
#include "model/predictor.h"
#include "model/sample.h"
#include "select/boxmask.h"
#include "select/cald_score.h"

namespace labelloom::apps {

/// All that a model says of N pictures, as far as the options ask for it; tensors in host memory.
struct ForwardBatch {
  /// Whether the boxes' outputs are numbers, of several pictures those of their changed views as
  /// well; if not, there is nothing else.
  bool finite = true;
  bool views_finite = true;          ///< of one picture: the same of its changed views
  std::vector<select::Cells> valid;  ///< [N] cells that are picture
  std::vector<std::vector<model::Detection>> detections;  ///< [N] those that meet the picture
  int stride = model::ModelConfig::kOutputStride;
  torch::Tensor segmentation;        ///< [N,C,h,w] or undefined
  torch::Tensor loss;                ///< [N,T] or undefined
  torch::Tensor embedding;           ///< [N,D] or undefined
  torch::Tensor mirrored;            ///< [N,C,h,w] of the mirror images, for EquAL
  select::ScoringJob job;            ///< of BoxMask; boxes in the order of `detections`
  std::vector<torch::Tensor> crops;  ///< the batches that the job's boxes refer to
  std::vector<select::ImageComponents> components;   ///< [N] where the device scored them already
  std::size_t crop_count = 0;                        ///< that went through the network
  std::vector<std::vector<select::CaldBox>> boxes;   ///< [N] for CALD
  std::vector<std::vector<select::CaldView>> views;  ///< [N] for CALD, if they are finite
};

/// Runs a model over pictures, their windows, mirror images and changed views.
class ForwardPasses {
 public:
  /// The model must outlive this.
  ForwardPasses(model::Predictor& predictor, const PoolScoringOptions& options);

  /// @param bytes [N,H,W,3] of the pictures
  /// @throws Error when the model does not give what its manifest says. If numbers of a picture's
  /// boxes are not finite, `finite` is false: then the pictures have to be run one by one.
  [[nodiscard]] ForwardBatch run(const torch::Tensor& bytes,
                                 std::span<const model::InputImage> pictures);

 private:
  /// Nothing if outputs are not numbers.
  [[nodiscard]] std::optional<model::Prediction> predict(const torch::Tensor& images,
                                                         double min_score);
  void score_boxes(const torch::Tensor& images, const torch::Tensor& logits, ForwardBatch& batch);
  void change_views(const torch::Tensor& images,
                    std::span<const model::InputImage> pictures,
                    ForwardBatch& batch);

  FixedBatches model_;
  PoolScoringOptions options_;
};

/// The cells of [h,w] logits whose centres are in the picture; one at least.
[[nodiscard]] select::Cells valid_cells(const model::Placement& placement,
                                        int stride,
                                        int columns,
                                        int rows);

/// What windows are aligned to: whole cells that the network takes as an input.
[[nodiscard]] int window_alignment(const model::Predictor& predictor, int stride);

}  // namespace labelloom::apps
