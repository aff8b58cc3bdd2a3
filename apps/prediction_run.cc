#include "apps/prediction_run.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <torch/torch.h>

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

/// A thread that writes what it is given, in order.
class WriterThread {
 public:
  explicit WriterThread(PredictionWriter& writer) : writer_(writer), thread_([this] { work(); }) {}
  ~WriterThread() {
    end();
    thread_.join();
  }
  WriterThread(const WriterThread&) = delete;
  WriterThread& operator=(const WriterThread&) = delete;

  /// Waits while too many batches lie there. @throws what the writer threw before.
  void push(Done done) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queue_.size() < kMostWaiting || failure_; });
    if (failure_) std::rethrow_exception(failure_);
    queue_.push_back(std::move(done));
    changed_.notify_all();
  }

  /// Waits until all is written. @throws what the writer threw.
  void finish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return (queue_.empty() && !busy_) || failure_; });
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  static constexpr std::size_t kMostWaiting = 4;

  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ended_ || !queue_.empty(); });
      if (ended_) return;
      const Done done = std::move(queue_.front());
      queue_.pop_front();
      busy_ = true;
      changed_.notify_all();
      lock.unlock();
      std::exception_ptr failure;
      try {
        write(done);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      busy_ = false;
      if (failure) failure_ = failure;
      changed_.notify_all();
      if (failure) return;
    }
  }

  void write(const Done& done) {
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
      writer_.add(done.images[i], i < all.size() ? all[i] : std::vector<model::Detection>(), map);
    }
  }

  PredictionWriter& writer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Done> queue_;
  std::exception_ptr failure_;
  bool busy_ = false;
  bool ended_ = false;
  std::thread thread_;  // last: it uses the others
};

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
  WriterThread written(writer);
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
