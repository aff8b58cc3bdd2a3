#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "apps/prediction_writer.h"
#include "model/predictor.h"
#include "model/sample.h"

namespace labelloom::apps {

/// What a model said about a batch.
struct ComputedBatch {
  std::vector<model::InputImage> images;  ///< without pixels
  model::NamedOutputs outputs;            ///< on the CPU
};

/// Threads that make objects and label maps of what a model said, and give them to a writer in the
/// order in which they were pushed.
class Finishers {
 public:
  /// All must outlive this.
  Finishers(const model::Predictor& predictor,
            PredictionWriter& writer,
            const model::DecodeOptions& options,
            unsigned threads);
  ~Finishers();
  Finishers(const Finishers&) = delete;
  Finishers& operator=(const Finishers&) = delete;

  /// Waits while too many batches lie there. @throws what a thread threw.
  void push(ComputedBatch batch);
  /// Waits until all is written. @throws what a thread threw.
  void finish();
  /// Processor time of the threads so far.
  [[nodiscard]] double seconds();

 private:
  void work();
  void stop();
  /// Gives what is next in order to the writer; under the lock.
  void hand_over(std::size_t number, std::vector<PredictedPicture> pictures);
  [[nodiscard]] std::vector<PredictedPicture> finished(const ComputedBatch& batch) const;

  const model::Predictor& predictor_;
  PredictionWriter& writer_;
  model::DecodeOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ComputedBatch> queue_;
  std::map<std::size_t, std::vector<PredictedPicture>> done_;  // those before them are not
  std::size_t begun_ = 0;                                      // batches
  std::size_t written_ = 0;
  std::size_t pushed_ = 0;
  double seconds_ = 0;
  std::exception_ptr failure_;
  bool ended_ = false;
  std::vector<std::thread> threads_;  // last: they use the others
};

/// Processor time of the calling thread.
[[nodiscard]] double thread_seconds();

}  // namespace labelloom::apps
