#pragma once

#include <cstddef>

namespace labelloom::model {

/// The learning rate over a run: a linear warm-up, then half a cosine down (Loshchilov and Hutter,
/// "SGDR", 2017, without restarts).
struct Schedule {
  double peak = 2e-3;
  std::size_t warmup_steps = 0;
  std::size_t total_steps = 1;
  double last_share = 0.01;  ///< of `peak`, at the end

  /// Of step 0 .. total_steps - 1; never 0.
  [[nodiscard]] double at(std::size_t step) const;
};

/// A warm-up of 3 % of the steps, but between 10 and 500 of them (never more than half the run).
[[nodiscard]] std::size_t default_warmup(std::size_t total_steps);

}  // namespace labelloom::model
