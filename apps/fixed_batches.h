#pragma once

#include <cstdint>

#include <torch/types.h>

#include "model/predictor.h"

namespace labelloom::apps {

/// A model that always sees as many pictures at a time as fit their size, filled up with empty
/// ones. Libraries choose the algorithm of a convolution by the shape of the batch, so that a
/// picture's outputs differ in their last bits with the number of its neighbours; in batches of one
/// shape they depend on the picture alone, wherever it stands and whatever stands beside it.
class FixedBatches {
 public:
  /// @param at_most pictures at a time, on a GPU; on the CPU large pictures go one by one, which is
  /// as fast, and small ones by so many pixels
  FixedBatches(model::Predictor& predictor, std::int64_t at_most)
      : predictor_(predictor), at_most_(at_most) {}

  /// See Predictor::predict.
  [[nodiscard]] model::Prediction predict(const torch::Tensor& images,
                                          const model::DecodeOptions& options);
  /// See Predictor::segment; stays on the model's device.
  [[nodiscard]] torch::Tensor segment(const torch::Tensor& images);

  /// How many pixels of crops go through the network at a time.
  [[nodiscard]] std::int64_t crop_pixels() const;
  [[nodiscard]] model::Predictor& predictor() const { return predictor_; }

 private:
  [[nodiscard]] std::int64_t at_once(const torch::Tensor& images) const;

  model::Predictor& predictor_;
  std::int64_t at_most_;
};

/// The first pictures of a batch and empty ones behind them: `count` in all.
[[nodiscard]] torch::Tensor filled_up(const torch::Tensor& images, std::int64_t count);

}  // namespace labelloom::apps
