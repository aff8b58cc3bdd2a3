#include "apps/finishers.h"

#include <ctime>
#include <utility>

#include <torch/types.h>

#include "model/dense_map.h"

namespace labelloom::apps {

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Finishers::Finishers(const model::Predictor& predictor,
                     PredictionWriter& writer,
                     const model::DecodeOptions& options,
                     unsigned threads)
    : predictor_(predictor), writer_(writer), options_(options) {
  try {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  } catch (...) {  // the system has no thread left: those that run must end before this throws
    stop();
    throw;
  }
}

Finishers::~Finishers() { stop(); }

void Finishers::stop() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Finishers::push(ComputedBatch batch) {
  std::unique_lock lock(mutex_);
  const std::size_t most = 2 + threads_.size();
  changed_.wait(lock, [&] { return queue_.size() < most || failure_; });
  if (failure_) std::rethrow_exception(failure_);
  queue_.push_back(std::move(batch));
  ++pushed_;
  changed_.notify_all();
}

void Finishers::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return written_ == pushed_ || failure_; });
  if (failure_) std::rethrow_exception(failure_);
}

double Finishers::seconds() {
  const std::lock_guard lock(mutex_);
  return seconds_;
}

void Finishers::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ended_ || failure_ || !queue_.empty(); });
    if (ended_ || failure_) return;
    ComputedBatch batch = std::move(queue_.front());
    queue_.pop_front();
    const std::size_t number = begun_++;
    changed_.notify_all();
    lock.unlock();
    const double start = thread_seconds();
    std::vector<PredictedPicture> pictures;
    std::exception_ptr failure;
    try {
      pictures = finished(batch);
    } catch (...) {
      failure = std::current_exception();
    }
    batch = {};  // gives memory back before the lock is taken
    lock.lock();
    seconds_ += thread_seconds() - start;
    if (!failure && !failure_) {
      try {
        hand_over(number, std::move(pictures));
      } catch (...) {
        failure = std::current_exception();
      }
    }
    if (failure && !failure_) failure_ = failure;
    changed_.notify_all();
  }
}

void Finishers::hand_over(std::size_t number, std::vector<PredictedPicture> pictures) {
  done_.emplace(number, std::move(pictures));
  for (auto next = done_.find(written_); next != done_.end(); next = done_.find(written_)) {
    for (PredictedPicture& picture : next->second) writer_.append(std::move(picture));
    done_.erase(next);
    ++written_;
  }
}

std::vector<PredictedPicture> Finishers::finished(const ComputedBatch& batch) const {
  const model::Prediction prediction =
      predictor_.decoded(batch.outputs, batch.images.front().size, options_);
  std::vector<PredictedPicture> pictures;
  for (std::size_t i = 0; i < batch.images.size(); ++i) {
    torch::Tensor one;
    model::DenseMap map;
    if (prediction.segmentation.defined()) {
      one = prediction.segmentation[static_cast<std::int64_t>(i)].contiguous();
      map = {{one.data_ptr<float>(), static_cast<std::size_t>(one.numel())},
             static_cast<int>(one.size(0)),
             static_cast<int>(one.size(1)),
             static_cast<int>(one.size(2))};
    }
    pictures.push_back(writer_.picture(batch.images[i], prediction.detections[i], map));
  }
  return pictures;
}

}  // namespace labelloom::apps
