#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cv {
class Mat;
}

namespace labelloom::augment {

/// Random bits of a picture, a row at a time: the same for the same key and row, whatever rows were
/// asked for before. A row begins where Philox (Random123) says and goes on by SplitMix64 (Steele,
/// Lea, Flood 2014).
class NoiseRows {
 public:
  explicit NoiseRows(std::uint64_t key) : key_(key) {}
  /// Whole numbers of 16 bits, all equally likely. A longer row begins as a shorter one.
  void fill(int row, std::span<std::uint16_t> out) const;

 private:
  std::uint64_t key_;
};

/// What the 65536 numbers of 16 bits stand for: number i is the value with the share
/// (i + 0.5) / 65536 of a distribution below it. Looking up is how noise is made.
using NoiseTable = std::vector<std::int16_t>;

/// Normal numbers, rounded: quantiles after Wichura, AS 241, Applied Statistics 37 (1988).
[[nodiscard]] NoiseTable normal_table(double mean, double deviation);
/// Poisson numbers of a mean in [0, 650].
[[nodiscard]] NoiseTable poisson_table(double mean);

/// Adds noise of the table to 8-bit BGR: to every channel its own, or one number a pixel.
void add_noise(cv::Mat& bgr, const NoiseTable& table, std::uint64_t key, bool per_channel);

/// Noise of the table as a 16-bit signed picture.
[[nodiscard]] cv::Mat noise_picture(
    int rows, int columns, int channels, const NoiseTable& table, std::uint64_t key);

}  // namespace labelloom::augment
