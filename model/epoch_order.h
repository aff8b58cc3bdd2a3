#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace labelloom::model {

/// The samples of an epoch in the order of training: all of 0 .. `count` - 1, shuffled by a hash of
/// (seed, epoch, index), the same on every machine.
[[nodiscard]] std::vector<std::uint32_t> epoch_order(std::size_t count,
                                                     std::uint64_t seed,
                                                     std::uint64_t epoch);

/// How the samples of an epoch make batches.
struct BatchPlan {
  std::size_t sample_count = 0;
  std::size_t batch_size = 1;

  /// The last, smaller batch is dropped: batch norm of one or two pictures is noise. A set that is
  /// smaller than a batch makes one batch of all.
  [[nodiscard]] std::size_t batches_per_epoch() const;
};

/// Which samples stand in which batch, for batches numbered through all epochs. Not for several
/// threads at once.
class BatchOrder {
 public:
  BatchOrder(BatchPlan plan, std::uint64_t seed) : plan_(plan), seed_(seed) {}

  /// Sample indexes of batch `number`.
  [[nodiscard]] std::vector<std::uint32_t> samples(std::size_t number);
  [[nodiscard]] std::size_t epoch(std::size_t number) const {
    return number / plan_.batches_per_epoch();
  }

 private:
  BatchPlan plan_;
  std::uint64_t seed_;
  std::uint64_t epoch_ = 0;
  std::vector<std::uint32_t> order_;  // of epoch_; empty before the first call
};

}  // namespace labelloom::model
