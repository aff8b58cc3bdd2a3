#include "augment/noise.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <Random123/philox.h>
#include <opencv2/core.hpp>

namespace labelloom::augment {
namespace {

constexpr std::size_t kLevels = 65536;

double polynomial(const std::array<double, 8>& c, double x) {
  double sum = c[7];
  for (std::size_t i = 7; i-- > 0;) sum = sum * x + c[i];
  return sum;
}

/// Inverse of the normal distribution function: Wichura's PPND16.
double normal_quantile(double p) {
  static constexpr std::array<double, 8> kA{3.3871328727963666080e0,
                                            1.3314166789178437745e2,
                                            1.9715909503065514427e3,
                                            1.3731693765509461125e4,
                                            4.5921953931549871457e4,
                                            6.7265770927008700853e4,
                                            3.3430575583588128105e4,
                                            2.5090809287301226727e3};
  static constexpr std::array<double, 8> kB{1.0,
                                            4.2313330701600911252e1,
                                            6.8718700749205790830e2,
                                            5.3941960214247511077e3,
                                            2.1213794301586595867e4,
                                            3.9307895800092710610e4,
                                            2.8729085735721942674e4,
                                            5.2264952788528545610e3};
  static constexpr std::array<double, 8> kC{1.42343711074968357734e0,
                                            4.63033784615654529590e0,
                                            5.76949722146069140550e0,
                                            3.64784832476320460504e0,
                                            1.27045825245236838258e0,
                                            2.41780725177450611770e-1,
                                            2.27238449892691845833e-2,
                                            7.74545014278341407640e-4};
  static constexpr std::array<double, 8> kD{1.0,
                                            2.05319162663775882187e0,
                                            1.67638483018380384940e0,
                                            6.89767334985100004550e-1,
                                            1.48103976427480074590e-1,
                                            1.51986665636164571966e-2,
                                            5.47593808499534494600e-4,
                                            1.05075007164441684324e-9};
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kA, r) / polynomial(kB, r);
  }
  // The far tails of AS 241 (p below 1.4e-11) are never asked for.
  const double r = std::sqrt(-std::log(std::min(p, 1 - p))) - 1.6;
  return std::copysign(polynomial(kC, r) / polynomial(kD, r), q);
}

/// In units of 2^-16, so that a library's last bit of the logarithm does not matter.
const std::vector<std::int32_t>& normal_quantiles() {
  static const std::vector<std::int32_t> table = [] {
    std::vector<std::int32_t> values(kLevels);
    for (std::size_t i = 0; i < kLevels; ++i) {
      const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(kLevels);
      values[i] = static_cast<std::int32_t>(std::lround(normal_quantile(p) * 65536));
    }
    return values;
  }();
  return table;
}

}  // namespace

void NoiseRows::fill(int row, std::span<std::uint16_t> out) const {
  const r123::Philox2x64 philox;
  const r123::Philox2x64::ctr_type start = philox({{static_cast<std::uint64_t>(row), 0}}, {{key_}});
  std::uint64_t state = start[0];
  for (std::size_t begin = 0; begin < out.size(); begin += 4) {
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t bits = (state ^ (state >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBULL;
    bits ^= bits >> 31U;
    const std::size_t end = std::min(begin + 4, out.size());
    for (std::size_t i = begin; i < end; ++i, bits >>= 16U) {
      out[i] = static_cast<std::uint16_t>(bits);
    }
  }
}

NoiseTable normal_table(double mean, double deviation) {
  NoiseTable table(kLevels);
  std::ranges::transform(normal_quantiles(), table.begin(), [=](std::int32_t z) {
    const double value = mean + deviation * (z * 0x1p-16);
    // Beyond +-1000 every sum of 8 bits is clamped anyway.
    return static_cast<std::int16_t>(std::lround(std::clamp(value, -1000.0, 1000.0)));
  });
  return table;
}

NoiseTable poisson_table(double mean) {
  NoiseTable table(kLevels);
  double share = std::exp(-mean);  // of the number k
  double below = share;            // of all up to k
  std::int16_t k = 0;
  for (std::size_t i = 0; i < kLevels; ++i) {
    const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(kLevels);
    while (below < p && k < 1000) {
      ++k;
      share *= mean / k;
      below += share;
    }
    table[i] = k;
  }
  return table;
}

void add_noise(cv::Mat& bgr, const NoiseTable& table, std::uint64_t key, bool per_channel) {
  const NoiseRows rows(key);
  const auto width = static_cast<std::size_t>(bgr.cols);
  std::vector<std::uint16_t> bits(per_channel ? 3 * width : width);
  for (int y = 0; y < bgr.rows; ++y) {
    rows.fill(y, bits);
    auto* level = bgr.ptr<std::uint8_t>(y);
    if (per_channel) {
      for (const std::uint16_t number : bits) {
        *level = cv::saturate_cast<std::uint8_t>(*level + table[number]);
        ++level;
      }
      continue;
    }
    for (const std::uint16_t number : bits) {
      const int noise = table[number];
      for (int channel = 0; channel < 3; ++channel, ++level) {
        *level = cv::saturate_cast<std::uint8_t>(*level + noise);
      }
    }
  }
}

cv::Mat noise_picture(
    int rows, int columns, int channels, const NoiseTable& table, std::uint64_t key) {
  cv::Mat noise(rows, columns, CV_16SC(channels));
  const NoiseRows source(key);
  std::vector<std::uint16_t> bits(static_cast<std::size_t>(columns) *
                                  static_cast<std::size_t>(channels));
  for (int y = 0; y < rows; ++y) {
    source.fill(y, bits);
    std::ranges::transform(
        bits, noise.ptr<std::int16_t>(y), [&](std::uint16_t number) { return table[number]; });
  }
  return noise;
}

}  // namespace labelloom::augment
