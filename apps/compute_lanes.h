#pragma once

// How a model's work is divided among processors.

#include <cstddef>

#include "formats/geometry.h"
#include "model/predictor.h"

namespace labelloom::apps {

/// How many threads run the model at the same time. On the CPU as many as LibTorch would have: each
/// with pictures of its own, so that none waits for the others in every convolution
/// (docs/benchmarks.md). One for models that only one thread may run, and on a GPU.
[[nodiscard]] unsigned lane_count(const model::Predictor& predictor);

/// Called by such a thread before it runs the model, as often as it likes: LibTorch then computes
/// on this thread alone, or with its own threads if this is the only one of `lanes`.
void enter_lane(unsigned lanes);

/// How many pictures of `input` pixels go through the model together: `at_most` on a GPU, on the
/// CPU so many that more are not faster.
[[nodiscard]] std::size_t pictures_at_once(const model::Predictor& predictor,
                                           Size input,
                                           std::size_t at_most);

}  // namespace labelloom::apps
