#include "apps/prediction_run.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <future>
#include <mutex>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "apps/compute_lanes.h"
#include "apps/finishers.h"
#include "apps/fixed_batches.h"
#include "model/input_batch.h"
#include "model/ordered_workers.h"

namespace labelloom::apps {
namespace {

using Clock = std::chrono::steady_clock;
using model::InputImage;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Processor time of all threads.
double process_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct LoadedBatch {
  std::vector<InputImage> images;  ///< without pixels
  /// For the CPU as the model takes them, [N,3,H,W]; for others bytes, [N,H,W,3], a quarter of it.
  torch::Tensor pixels;
};

/// Loads pictures for one model. Threads may call it at the same time.
class Loader {
 public:
  Loader(model::ImageSource& source, const model::Predictor& predictor, std::size_t batch)
      : source_(source),
        predictor_(predictor),
        batch_(pictures_at_once(predictor, predictor.config().input, batch)) {}

  LoadedBatch operator()(std::size_t number) {
    const double start = thread_seconds();
    const bool on_cpu = predictor_.device().is_cpu();
    LoadedBatch batch;
    const std::size_t first = number * batch_;
    for (std::size_t i = first; i < std::min(source_.count(), first + batch_); ++i) {
      batch.images.push_back(source_.load(i));
    }
    std::vector<const InputImage*> images;
    for (const InputImage& image : batch.images) images.push_back(&image);
    batch.pixels = on_cpu ? filled_up(model::float_batch(images, predictor_.config()),
                                      static_cast<std::int64_t>(batch_))
                          : model::byte_batch(images, predictor_.device().is_cuda());
    for (InputImage& image : batch.images) image.rgb = {};
    const std::lock_guard lock(mutex_);
    seconds_ += thread_seconds() - start;
    return batch;
  }

  [[nodiscard]] std::size_t batches() const { return (source_.count() + batch_ - 1) / batch_; }
  [[nodiscard]] double seconds() {
    const std::lock_guard lock(mutex_);
    return seconds_;
  }

 private:
  model::ImageSource& source_;
  const model::Predictor& predictor_;
  std::size_t batch_;
  std::mutex mutex_;
  double seconds_ = 0;
};

torch::Tensor input_of(const LoadedBatch& batch, const model::Predictor& predictor) {
  return predictor.device().is_cpu()
             ? batch.pixels
             : model::normalised(batch.pixels, predictor.config(), predictor.device());
}

/// On the CPU. Dense outputs on one grid come from another device in one copy.
model::NamedOutputs on_cpu(const model::NamedOutputs& outputs) {
  std::vector<torch::Tensor> together;
  for (const auto& [name, tensor] : outputs) {
    const bool fits = tensor.dim() == 4 && tensor.scalar_type() == torch::kFloat32 &&
                      !tensor.is_cpu() &&
                      (together.empty() || tensor.sizes().slice(2) == together[0].sizes().slice(2));
    if (fits) together.push_back(tensor);
  }
  torch::Tensor copied;
  if (!together.empty()) copied = torch::cat(together, 1).contiguous().to(torch::kCPU);
  model::NamedOutputs result;
  std::size_t next = 0;
  std::int64_t first = 0;
  for (const auto& [name, tensor] : outputs) {
    if (next < together.size() && tensor.is_same(together[next])) {
      result.emplace(name, copied.narrow(1, first, tensor.size(1)));
      first += tensor.size(1);
      ++next;
    } else {
      result.emplace(name, tensor.to(torch::kCPU));
    }
  }
  return result;
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
  const double processors_before = process_seconds();
  Loader load(source, predictor, options.batch);
  const unsigned lanes = lane_count(predictor);
  model::OrderedWorkers<LoadedBatch> loaded([&](std::size_t number) { return load(number); },
                                            0,
                                            load.batches(),
                                            options.workers,
                                            options.workers + lanes + 1);
  Finishers finishers(predictor, writer, options.decode, std::max(1U, options.workers / 2));
  const auto compute = [&](std::size_t number) {
    LoadedBatch batch = loaded.take(number);
    enter_lane(lanes);
    ComputedBatch computed;
    computed.outputs = on_cpu(predictor.outputs(input_of(batch, predictor)));
    computed.images = std::move(batch.images);
    return computed;
  };
  model::OrderedWorkers<ComputedBatch> computed(compute, 0, load.batches(), lanes, lanes + 1);
  PredictionRunTimes times;
  for (std::size_t number = 0; number < load.batches(); ++number) {
    ComputedBatch batch = computed.take();
    times.images += batch.images.size();
    finishers.push(std::move(batch));
    if (options.progress) options.progress(times.images, source.count());
  }
  finishers.finish();
  times.seconds = seconds_since(start);
  times.loading_seconds = load.seconds();
  times.finishing_seconds = finishers.seconds();
  times.computing_seconds =
      process_seconds() - processors_before - times.loading_seconds - times.finishing_seconds;
  return times;
}

PredictionRunTimes bare_forward_pass(model::Predictor& predictor,
                                     model::ImageSource& source,
                                     std::size_t batch,
                                     double seconds) {
  Loader load(source, predictor, batch);
  const LoadedBatch loaded = load(0);
  const torch::Tensor images = input_of(loaded, predictor);
  static_cast<void>(predictor.outputs(images));
  synchronise(predictor.device());
  const unsigned lanes = lane_count(predictor);
  const Clock::time_point start = Clock::now();
  const double processors_before = process_seconds();
  const auto run = [&] {
    enter_lane(lanes);
    std::size_t batches = 0;
    do {
      static_cast<void>(predictor.outputs(images));
      if (++batches % 16 == 0) synchronise(predictor.device());
    } while (seconds_since(start) < seconds);
    synchronise(predictor.device());
    return batches;
  };
  std::vector<std::future<std::size_t>> batches;
  for (unsigned i = 0; i < lanes; ++i) batches.push_back(std::async(std::launch::async, run));
  PredictionRunTimes times;
  for (std::future<std::size_t>& one : batches) times.images += one.get() * loaded.images.size();
  times.seconds = seconds_since(start);
  times.computing_seconds = process_seconds() - processors_before;
  return times;
}

}  // namespace labelloom::apps
