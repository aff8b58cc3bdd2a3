#pragma once

// A model over many pictures: threads load, others compute, others decode and write, all at the
// same time.

#include <cstddef>
#include <functional>

#include "apps/prediction_writer.h"
#include "model/predictor.h"
#include "model/sample.h"

namespace labelloom::apps {

struct PredictionRunOptions {
  std::size_t batch = 8;  ///< pictures at a time on a GPU; a CPU takes as many as are fast
  unsigned workers = 2;   ///< threads that load pictures; half as many decode and write
  model::DecodeOptions decode;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

/// What a run took. Processor time is that of all threads together.
struct PredictionRunTimes {
  std::size_t images = 0;
  double seconds = 0;            ///< by the clock, of the whole run
  double loading_seconds = 0;    ///< of processors: reading, decoding, scaling, normalising
  double finishing_seconds = 0;  ///< of processors: objects, masks, label maps
  double computing_seconds = 0;  ///< of processors: all else, that is the model
};

/// Predicts all pictures of `source` in their order. @throws what source, model and writer throw;
/// then `writer` is not finished.
PredictionRunTimes run_predictions(model::Predictor& predictor,
                                   model::ImageSource& source,
                                   PredictionWriter& writer,
                                   const PredictionRunOptions& options);

/// Of the model's forward pass alone, on pictures that lie on its device already: as many batches
/// as fit into `seconds`, after one that is not counted.
[[nodiscard]] PredictionRunTimes bare_forward_pass(model::Predictor& predictor,
                                                   model::ImageSource& source,
                                                   std::size_t batch,
                                                   double seconds);

}  // namespace labelloom::apps
