#include "apps/prediction_run.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "apps/ordered_consumer.h"
#include "model/dense_map.h"
#include "model/input_batch.h"
#include "model/ordered_workers.h"

namespace labelloom::apps {
namespace {

using Clock = std::chrono::steady_clock;
using model::InputImage;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct LoadedBatch {
  std::vector<InputImage> images;
  torch::Tensor bytes;  ///< [N,H,W,3]
};

LoadedBatch load_batch(model::ImageSource& source,
                       std::size_t first,
                       std::size_t end,
                       bool pinned) {
  LoadedBatch batch;
  for (std::size_t i = first; i < end; ++i) batch.images.push_back(source.load(i));
  std::vector<const InputImage*> images;
  for (const InputImage& image : batch.images) images.push_back(&image);
  batch.bytes = model::byte_batch(images, pinned);
  for (InputImage& image : batch.images) image.rgb = {};
  return batch;
}

/// A batch on its way to the writer.
struct Done {
  std::vector<InputImage> images;  ///< without pixels
  model::Prediction prediction;    ///< on the CPU
};

void write(const Done& done, PredictionWriter& writer) {
  const torch::Tensor& logits = done.prediction.segmentation;
  for (std::size_t i = 0; i < done.images.size(); ++i) {
    model::DenseMap map;
    if (logits.defined()) {
      const torch::Tensor one = logits[static_cast<std::int64_t>(i)];
      map = {{one.data_ptr<float>(), static_cast<std::size_t>(one.numel())},
             static_cast<int>(one.size(0)),
             static_cast<int>(one.size(1)),
             static_cast<int>(one.size(2))};
    }
    const auto& all = done.prediction.detections;
    writer.add(done.images[i], i < all.size() ? all[i] : std::vector<model::Detection>(), map);
  }
}

void synchronise(torch::Device device) {
  if (device.is_cuda()) torch::cuda::synchronize();
}

}  // namespace

PredictionRunTimes run_predictions(model::Predictor& predictor,
                                   model::ImageSource& source,
                                   PredictionWriter& writer,
                                   const PredictionRunOptions& options) {
  const Clock::time_point start = Clock::now();
  const torch::Device device = predictor.device();
  const std::size_t count = source.count();
  const auto load = [&](std::size_t number) {
    const std::size_t first = number * options.batch;
    return load_batch(source, first, std::min(count, first + options.batch), device.is_cuda());
  };
  const std::size_t batches = (count + options.batch - 1) / options.batch;
  model::OrderedWorkers<LoadedBatch> loaded(load, 0, batches, options.workers, options.workers + 2);
  constexpr std::size_t kMostWaiting = 4;
  OrderedConsumer<Done> written([&writer](const Done& done) { write(done, writer); }, kMostWaiting);
  PredictionRunTimes times;
  for (std::size_t number = 0; number < batches; ++number) {
    const Clock::time_point before = Clock::now();
    LoadedBatch batch = loaded.take();
    times.waited_seconds += seconds_since(before);
    Done done;
    done.images = std::move(batch.images);
    done.prediction = predictor.predict(model::normalised(batch.bytes, predictor.config(), device),
                                        options.decode);
    torch::Tensor& logits = done.prediction.segmentation;
    if (logits.defined()) logits = logits.to(torch::kCPU, torch::kFloat32).contiguous();
    times.images += done.images.size();
    const Clock::time_point computed = Clock::now();
    written.push(std::move(done));
    times.waited_seconds += seconds_since(computed);
    if (options.progress) options.progress(times.images, count);
  }
  written.finish();
  times.seconds = seconds_since(start);
  return times;
}

double bare_images_per_second(model::Predictor& predictor,
                              model::ImageSource& source,
                              std::size_t batch,
                              double seconds) {
  const LoadedBatch loaded = load_batch(source, 0, std::min(batch, source.count()), false);
  const torch::Tensor images =
      model::normalised(loaded.bytes, predictor.config(), predictor.device());
  static_cast<void>(predictor.outputs(images));
  synchronise(predictor.device());
  const Clock::time_point start = Clock::now();
  std::size_t done = 0;
  do {
    static_cast<void>(predictor.outputs(images));
    done += loaded.images.size();
    if (done % (16 * loaded.images.size()) == 0) synchronise(predictor.device());
  } while (seconds_since(start) < seconds);
  synchronise(predictor.device());
  return static_cast<double>(done) / seconds_since(start);
}

}  // namespace labelloom::apps
