#pragma once

// What a study does with networks: train one on a part of the set, measure it, let it choose.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "apps/study_design.h"
#include "apps/train_setup.h"
#include "apps/validation.h"
#include "select/boxmask_options.h"

namespace labelloom::apps {

/// Thrown when the user asked for an end; what was done is kept.
struct StudyStopped {};

/// What is to be trained.
struct StudyTraining {
  std::vector<std::size_t> labelled;  ///< indexes of the training set's images
  std::uint64_t seed = 0;
  std::size_t steps = 0;       ///< rounded to whole epochs, one at least
  std::filesystem::path run;   ///< folder; a training that was stopped there goes on
  std::filesystem::path init;  ///< weights to begin with; empty: random ones
};

/// What is to be chosen.
struct StudyChoice {
  StudyStrategy strategy;
  std::vector<std::size_t> labelled;
  std::uint64_t seed = 0;
  int round = 0;
  std::size_t budget = 0;         ///< images
  std::filesystem::path weights;  ///< of the model that scores
  std::filesystem::path scores;   ///< folder for scores on the way; removed afterwards
};

class StudyModel {
 public:
  /// Called after every step; true: stop.
  using Step = std::function<bool(std::size_t step, std::size_t steps)>;

  /// Reads the sets. @param boxmask how it scores; its `combine` is the strategies'.
  /// @throws Error as read_training_sets; without a validation set; for images of
  /// one name and for options out of range.
  StudyModel(const TrainSettings& settings, const select::BoxMaskOptions& boxmask);

  [[nodiscard]] const TrainingSets& sets() const { return *sets_; }
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }
  /// Metrics that the network has.
  [[nodiscard]] std::vector<std::string> metrics() const;

  /// The file of the trained weights. @throws StudyStopped
  [[nodiscard]] std::filesystem::path train(const StudyTraining& training, const Step& step) const;
  [[nodiscard]] ValidationScores measure(const std::filesystem::path& weights) const;
  /// Indexes of images that are not labelled, the first to be labelled first; `stop` is asked
  /// meanwhile. @throws StudyStopped
  [[nodiscard]] std::vector<std::size_t> choose(const StudyChoice& choice,
                                                const std::function<bool()>& stop) const;

 private:
  [[nodiscard]] Dataset subset(std::span<const std::size_t> images) const;

  TrainSettings settings_;
  select::BoxMaskOptions boxmask_;
  std::unique_ptr<TrainingSets> sets_;
  std::vector<std::string> keys_;
};

}  // namespace labelloom::apps
