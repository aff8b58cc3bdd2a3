#include "apps/pool_scorer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <tbb/task_arena.h>

#include "apps/compute_lanes.h"
#include "apps/forward_passes.h"
#include "apps/ordered_consumer.h"
#include "apps/score_rows.h"
#include "formats/error.h"
#include "model/input_batch.h"
#include "model/ordered_workers.h"

namespace labelloom::apps {
namespace {

using Clock = std::chrono::steady_clock;
using model::InputImage;

struct BadPicture {
  std::size_t index = 0;  ///< in the pool
  std::string message;
};

struct LoadedBatch {
  std::vector<std::size_t> indices;  ///< in the pool
  std::vector<InputImage> pictures;  ///< without their pixels
  torch::Tensor bytes;               ///< [N,H,W,3] these
  std::vector<BadPicture> bad;
};

LoadedBatch load_batch(model::ImageSource& source,
                       std::span<const std::size_t> indices,
                       bool skip_bad,
                       bool pinned) {
  LoadedBatch batch;
  for (const std::size_t index : indices) {
    try {
      batch.pictures.push_back(source.load(index));
      batch.indices.push_back(index);
    } catch (const Error& error) {
      if (!skip_bad) throw;
      batch.bad.push_back({index, error.what()});
    }
  }
  if (batch.pictures.empty()) return batch;
  std::vector<const InputImage*> pictures;
  for (const InputImage& picture : batch.pictures) pictures.push_back(&picture);
  batch.bytes = model::byte_batch(pictures, pinned);
  for (InputImage& picture : batch.pictures) picture.rgb = {};
  return batch;
}

/// What went through the network together.
struct Part {
  std::vector<std::size_t> indices;
  std::vector<InputImage> pictures;
  ForwardBatch forward;
};

struct ComputedBatch {
  std::vector<Part> parts;
  std::vector<BadPicture> bad;
};

ComputedBatch compute(ForwardPasses& passes, LoadedBatch loaded) {
  ComputedBatch computed;
  computed.bad = std::move(loaded.bad);
  if (loaded.pictures.empty()) return computed;
  ForwardBatch forward = passes.run(loaded.bytes, loaded.pictures);
  if (forward.finite) {
    computed.parts.push_back(
        {std::move(loaded.indices), std::move(loaded.pictures), std::move(forward)});
    return computed;
  }
  for (std::size_t i = 0; i < loaded.pictures.size(); ++i) {
    Part part{{loaded.indices[i]}, {std::move(loaded.pictures[i])}, {}};
    part.forward =
        passes.run(loaded.bytes.narrow(0, static_cast<std::int64_t>(i), 1), part.pictures);
    computed.parts.push_back(std::move(part));
  }
  return computed;
}

/// Of one set of options, or of one for each threshold.
std::vector<RowMaker> makers_of(const model::Predictor& predictor,
                                const PoolScoringOptions& options) {
  if (options.taus.empty()) return {RowMaker(predictor.config(), options)};
  std::vector<RowMaker> makers;
  for (const double tau : options.taus) {
    PoolScoringOptions own = options;
    own.scoring.tau = tau;
    makers.emplace_back(predictor.config(), own);
  }
  return makers;
}

/// The rows of a batch, in the pool's order, a picture's in the makers' order.
std::vector<select::ScoreRow> rows_of(std::span<const RowMaker> makers,
                                      ComputedBatch& batch,
                                      const Dataset& pool) {
  std::vector<std::pair<std::size_t, select::ScoreRow>> rows;
  for (const RowMaker& maker : makers) {
    for (Part& part : batch.parts) {
      std::vector<const Image*> images;
      for (const std::size_t index : part.indices) images.push_back(&pool.images[index]);
      std::vector<select::ScoreRow> made = maker.rows(part.forward, images, part.pictures);
      for (std::size_t i = 0; i < made.size(); ++i)
        rows.emplace_back(part.indices[i], std::move(made[i]));
    }
    for (const BadPicture& bad : batch.bad) {
      rows.emplace_back(bad.index, maker.empty_row(pool.images[bad.index], Size()));
    }
  }
  std::ranges::stable_sort(rows, {}, [](const auto& row) { return row.first; });
  std::vector<select::ScoreRow> ordered;
  ordered.reserve(rows.size());
  for (auto& row : rows) ordered.push_back(std::move(row.second));
  return ordered;
}

void check(const PoolScoringOptions& options,
           const model::Predictor& predictor,
           const Dataset& pool,
           const model::ImageSource& source) {
  const model::Heads& heads = predictor.config().heads;
  const ScoreColumns& columns = options.columns;
  if ((columns.boxmask || columns.cdal || columns.cald) && !heads.boxes)
    throw Error(Errc::kInvalidData, {}, "the model has no boxes");
  if ((columns.boxmask || columns.cdal || columns.equal) && !heads.segmentation)
    throw Error(Errc::kInvalidData, {}, "the model has no segmentation");
  if (source.count() != pool.images.size())
    throw Error(Errc::kArgument, {}, "the pictures are not those of the pool");
}

}  // namespace

PoolScoringTimes score_pool(model::Predictor& predictor,
                            const Dataset& pool,
                            model::ImageSource& source,
                            const PoolScoringOptions& options,
                            const std::function<bool(const std::string& key)>& wanted,
                            const std::function<void(select::ScoreRow row)>& sink) {
  check(options, predictor, pool, source);
  const Clock::time_point start = Clock::now();
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < pool.images.size(); ++i) {
    if (wanted(pool.images[i].file_name)) indices.push_back(i);
  }
  const unsigned lanes = lane_count(predictor);
  // Few pictures are divided among all lanes. On the CPU nothing is gained by more than go through
  // the network together, twice over, and one lane would wait for the other's last batch.
  const std::size_t share = (indices.size() + lanes - 1) / lanes;
  std::size_t most = std::max<std::size_t>(1, options.batch);
  if (predictor.device().is_cpu()) {
    most = std::min(most, 2 * pictures_at_once(predictor, predictor.config().input, most));
  }
  const std::size_t step = std::clamp<std::size_t>(share, 1, most);
  const std::size_t batches = (indices.size() + step - 1) / step;
  const bool pinned = predictor.device().is_cuda();
  const auto load = [&](std::size_t number) {
    const std::size_t first = number * step;
    const std::size_t count = std::min(step, indices.size() - first);
    return load_batch(source, std::span(indices).subspan(first, count), options.skip_bad, pinned);
  };
  PoolScoringTimes times;
  const std::vector<RowMaker> makers = makers_of(predictor, options);
  tbb::task_arena arena(static_cast<int>(std::max(1U, options.row_workers)));
  const auto write = [&](ComputedBatch batch) {
    for (const BadPicture& bad : batch.bad) {
      ++times.unreadable;
      if (options.bad) options.bad(bad.message);
    }
    std::vector<select::ScoreRow> rows;
    arena.execute([&] { rows = rows_of(makers, batch, pool); });
    std::size_t not_finite = 0;
    for (std::size_t i = 0; i < rows.size(); i += makers.size())
      not_finite += is_finite(rows[i]) ? 0U : 1U;
    times.not_finite += not_finite - std::min(not_finite, batch.bad.size());
    for (select::ScoreRow& row : rows) sink(std::move(row));
  };
  constexpr std::size_t kMostWaiting = 2;
  model::OrderedWorkers<LoadedBatch> loaded(
      load, 0, batches, options.workers, options.workers + lanes + 1);
  OrderedConsumer<ComputedBatch> written(write, kMostWaiting);
  const auto run = [&](std::size_t number) {
    LoadedBatch batch = loaded.take(number);
    enter_lane(lanes);
    ForwardPasses passes(predictor, options);
    return compute(passes, std::move(batch));
  };
  model::OrderedWorkers<ComputedBatch> computed(run, 0, batches, lanes, lanes + 1);
  std::size_t done = 0;
  for (std::size_t number = 0; number < batches; ++number) {
    ComputedBatch batch = computed.take();
    done += batch.bad.size();
    for (const Part& part : batch.parts) {
      done += part.pictures.size();
      times.crops += part.forward.crop_count;
    }
    written.push(std::move(batch));
    if (options.progress) options.progress(done, indices.size());
  }
  written.finish();
  times.images = indices.size();
  times.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return times;
}

}  // namespace labelloom::apps
