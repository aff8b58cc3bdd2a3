#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace labelloom::samples {

/// PCG-XSH-RR 64/32 (O'Neill 2014). The standard distributions differ between libraries; the same
/// seed must give the same scenes everywhere, so the few that are needed are here.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream) : increment_((stream << 1U) | 1U) {
    next();
    state_ += seed;
    next();
  }

  std::uint32_t next() {
    const std::uint64_t old = state_;
    state_ = old * 6364136223846793005ULL + increment_;
    const auto shifted = static_cast<std::uint32_t>(((old >> 18U) ^ old) >> 27U);
    const auto turn = static_cast<std::uint32_t>(old >> 59U);
    return (shifted >> turn) | (shifted << ((32U - turn) & 31U));
  }

  /// In [0, 1).
  double unit() { return next() * 0x1p-32; }
  /// In [low, high).
  double uniform(double low, double high) { return low + (high - low) * unit(); }
  /// In [0, count); count must be positive. The bias is below count / 2^32.
  int below(int count) {
    return static_cast<int>((std::uint64_t{next()} * static_cast<std::uint64_t>(count)) >> 32U);
  }
  bool chance(double probability) { return unit() < probability; }
  /// About normal, mean 0 and deviation 1, never beyond 3.5.
  double bell() {
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += unit();
    const double value = sum - 6;
    return value < -3.5 ? -3.5 : (value > 3.5 ? 3.5 : value);
  }
  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[static_cast<std::size_t>(below(static_cast<int>(i)))]);
    }
  }

 private:
  std::uint64_t state_ = 0;
  std::uint64_t increment_;
};

}  // namespace labelloom::samples
