#include "model/epoch_order.h"

#include <algorithm>
#include <utility>

namespace labelloom::model {
namespace {

/// Finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

}  // namespace

std::vector<std::uint32_t> epoch_order(std::size_t count, std::uint64_t seed, std::uint64_t epoch) {
  const std::uint64_t key = mixed(mixed(seed) ^ epoch);
  std::vector<std::pair<std::uint64_t, std::uint32_t>> keyed(count);
  for (std::size_t i = 0; i < count; ++i) {
    keyed[i] = {mixed(key ^ i), static_cast<std::uint32_t>(i)};
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::uint32_t> order(count);
  std::transform(
      keyed.begin(), keyed.end(), order.begin(), [](const auto& entry) { return entry.second; });
  return order;
}

std::size_t BatchPlan::batches_per_epoch() const {
  return std::max<std::size_t>(1, sample_count / batch_size);
}

std::vector<std::uint32_t> BatchOrder::samples(std::size_t number) {
  const std::uint64_t wanted = epoch(number);
  if (order_.empty() || wanted != epoch_) {
    order_ = epoch_order(plan_.sample_count, seed_, wanted);
    epoch_ = wanted;
  }
  const std::size_t first = number % plan_.batches_per_epoch() * plan_.batch_size;
  const std::size_t end = std::min(first + plan_.batch_size, order_.size());
  return {order_.begin() + static_cast<std::ptrdiff_t>(first),
          order_.begin() + static_cast<std::ptrdiff_t>(end)};
}

}  // namespace labelloom::model
