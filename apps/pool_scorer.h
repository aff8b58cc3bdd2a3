#pragma once

// A model over the pictures of a pool, a ScoreRow each: threads load, others compute, others make
// the rows, all at the same time. Memory does not grow with the pool, and a row does not depend on
// what else is in the pool, so that shards and resumed runs give the same rows.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "formats/dataset.h"
#include "model/predictor.h"
#include "model/sample.h"
#include "select/boxmask_options.h"
#include "select/score_row.h"

namespace labelloom::apps {

/// What of an image is to be known.
struct ScoreColumns {
  bool boxmask = false;
  bool uncertainty = false;  ///< entropy.*, margin.* and least_confidence.*: they cost one pass
  bool cald = false;         ///< and cald.classes: four more forward passes
  bool equal = false;        ///< both columns: one more forward pass
  bool ll4al = false;
  std::size_t loss_tasks = 0;  ///< how many losses the model predicts, for ll4al
  bool cdal = false;
  bool embedding = false;
  friend bool operator==(const ScoreColumns&, const ScoreColumns&) = default;
};

/// What a model gives of what strategies need.
struct ModelAbilities {
  bool boxes = false;
  bool segmentation = false;
  std::size_t loss_tasks = 0;  ///< how many losses it predicts
  /// Columns of select/score_row.h that they become; a task whose head is missing has none.
  std::vector<std::string> losses = {};
  bool embedding = false;
};

/// From the model's configuration and one forward pass over nothing.
[[nodiscard]] ModelAbilities abilities_of(model::Predictor& predictor);

/// A strategy of select/strategy.h that a model cannot serve, and what the model lacks.
struct LeftOut {
  std::string strategy;
  std::string lacks;  ///< "a segmentation"
};

/// What the strategies need; "all" are all of select/strategy.h.
/// @param left_out strategies of "all" that the model cannot serve are added to it
/// @throws Error(kArgument) for a name that is none, or for one given by name that the model cannot
/// serve, saying what it lacks.
[[nodiscard]] ScoreColumns columns_for(std::span<const std::string> strategies,
                                       const ModelAbilities& abilities,
                                       std::vector<LeftOut>& left_out);

struct PoolScoringOptions {
  ScoreColumns columns;
  select::WindowOptions window;    ///< `alignment` is the model's, whatever stands here
  select::ScoringOptions scoring;  ///< of BoxMask
  /// With any: a picture has a row for each of these thresholds instead of one for `scoring.tau`,
  /// one after the other; it goes through the network once.
  std::vector<double> taus = {};
  model::DecodeOptions decode;   ///< of what becomes a row's boxes
  double cald_min_score = 0.05;  ///< CALD looks at less certain boxes as well
  std::uint64_t seed = 0;        ///< of CALD's cutout
  /// What `predictor` was opened with.
  model::Precision precision = model::Precision::kFloat32;
  /// Whether the pool is a COCO file: rows keep its ids.
  bool has_ids = false;
  /// Whether rows have what reports and annotators see: masks, labels and what is blamed.
  bool shapes = true;
  /// Pictures that cannot be read get a row without predictions, which comes last, and `bad` is
  /// told; otherwise they end the run.
  bool skip_bad = false;
  std::function<void(const std::string& message)> bad = {};
  /// Most pictures at a time. On the CPU it changes no row; on a GPU it may change the last bits of
  /// all.
  std::size_t batch = 8;
  unsigned workers = 2;      ///< threads that load pictures
  unsigned row_workers = 1;  ///< threads that make rows
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

/// What a run took.
struct PoolScoringTimes {
  std::size_t images = 0;
  std::size_t crops = 0;
  std::size_t not_finite = 0;  ///< images whose outputs are not numbers: they come last
  std::size_t unreadable = 0;  ///< with skip_bad
  double seconds = 0;          ///< by the clock, of the whole run
};

/// Header of shard 0 of 1. @param model_name for people, see ScoreHeader.
[[nodiscard]] select::ScoreHeader score_header(const model::Predictor& predictor,
                                               const std::string& model_name,
                                               const Dataset& pool,
                                               const PoolScoringOptions& options);

/// Scores the images of the pool for which `wanted(key)` holds, in the pool's order; `sink` gets
/// their rows in that order, on one thread at a time; with PoolScoringOptions::taus a picture's
/// rows follow each other. `source`: the pool's pictures, in its order.
/// @throws Error(kInvalidData) if two images share a name or the model lacks what is to be known;
/// what source, model and sink throw.
PoolScoringTimes score_pool(model::Predictor& predictor,
                            const Dataset& pool,
                            model::ImageSource& source,
                            const PoolScoringOptions& options,
                            const std::function<bool(const std::string& key)>& wanted,
                            const std::function<void(select::ScoreRow row)>& sink);

}  // namespace labelloom::apps
