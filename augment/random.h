#pragma once

#include <cstdint>
#include <string_view>

namespace labelloom::augment {

/// What a stream of random numbers belongs to. The same key gives the same numbers on any machine,
/// thread and shard, whatever was drawn for other keys.
struct RandomKey {
  std::uint64_t seed = 0;
  std::uint64_t image = 0;    ///< see `image_key`
  std::uint32_t variant = 0;  ///< which of the image's variants
  std::uint32_t step = 0;     ///< which step of the pipeline
};

/// A key for an image that depends on its file name alone, not on its place in the set.
[[nodiscard]] std::uint64_t image_key(std::string_view file_name);

/// Counter-based random numbers: Philox 4x32-10 (Salmon et al., Parallel Random Numbers: As Easy as
/// 1, 2, 3, SC 2011), of Random123. Numbers are drawn in the order of the calls.
class Random {
 public:
  explicit Random(const RandomKey& key);

  [[nodiscard]] std::uint32_t bits();
  /// In [0, 1), 53 bits.
  [[nodiscard]] double uniform();
  /// In [low, high); `low` when they are equal.
  [[nodiscard]] double uniform(double low, double high);
  /// A whole number in [low, high], all equally likely.
  [[nodiscard]] std::int64_t integer(std::int64_t low, std::int64_t high);
  /// Standard normal.
  [[nodiscard]] double normal();
  [[nodiscard]] bool chance(double probability) { return uniform() < probability; }
  /// A key for a stream of its own, e.g. the noise of an image.
  [[nodiscard]] std::uint64_t derive();

 private:
  void refill();
  std::uint32_t key_[2] = {};
  std::uint32_t counter_[4] = {};
  std::uint32_t block_[4] = {};
  unsigned used_ = 4;
};

}  // namespace labelloom::augment
