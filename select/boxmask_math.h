#pragma once

// The arithmetic of a cell in single precision. Every product and sum is rounded on its own (no
// fused multiply-add), in the order that stands here, so that all implementations agree to the last
// bit: boxmask_cuda.cu calls these functions (constexpr, which nvcc lets device code call);
// boxmask_kernels.cc does the same in vectors and boxmask_aten.cc in tensors. Whoever changes one
// changes all three; tests/select compares them.

#include <bit>
#include <cstdint>

namespace labelloom::select::math {

inline constexpr float kLog2E = 1.44269504F;
inline constexpr float kLn2 = 0.693147181F;
inline constexpr float kLn2High = 0.693359375F;  ///< few bits: its products with integers are exact
inline constexpr float kLn2Low = -2.12194440e-4F;  ///< ln 2 - kLn2High
inline constexpr float kInverseLn2 = 1.44269504F;
inline constexpr float kLeastExponent = -86;  ///< below it exp counts as if it were here
inline constexpr float kRange = 200;          ///< kLogitRange
inline constexpr float kLargest = 3.40282347e38F;
/// Added to this, a small number is rounded to a whole one, which stands in its lowest bits.
inline constexpr float kRounder = 12582912;  // 1.5 * 2^23
inline constexpr std::int32_t kRounderBits = 0x4B400000;
inline constexpr std::int32_t kRootHalfBits = 0x3F3504F3;  ///< of sqrt(1/2)
inline constexpr std::int32_t kOneBits = 0x3F800000;
// Functions, not arrays: device code cannot see a host's array, and traps where it is asked to.

inline constexpr int kExpTerms = 7;
/// 1 / k! for k = 6 down to 0: on |r| <= ln 2 / 2 the rest of the series is below 2e-7.
constexpr float exp_term(int i) {
  constexpr float kTerms[kExpTerms] = {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1, 1};
  return kTerms[i];
}

inline constexpr int kLogTerms = 4;
/// ln((1 + s) / (1 - s)) = 2 s + s^3 (2/3 + 2/5 s^2 + ...): on |s| <= 0.172 the rest is below 1e-9.
constexpr float log_term(int i) {
  constexpr float kTerms[kLogTerms] = {2.0F / 9, 2.0F / 7, 2.0F / 5, 2.0F / 3};
  return kTerms[i];
}

/// e^x for x <= 0, relative error below 3e-7.
constexpr float exp_of(float x) {
  const float limited = x > kLeastExponent ? x : kLeastExponent;
  const float shifted = limited * kLog2E + kRounder;
  const float n = shifted - kRounder;
  const float r = (limited - n * kLn2High) - n * kLn2Low;
  float sum = exp_term(0);
  for (int i = 1; i < kExpTerms; ++i) sum = sum * r + exp_term(i);
  const std::int32_t exponent = std::bit_cast<std::int32_t>(shifted) - kRounderBits + 127;
  return sum * std::bit_cast<float>(exponent << 23);
}

/// ln x for positive normal x, error below 2e-7 and relative to the result where |ln x| > 1.
constexpr float log_of(float x) {
  const std::int32_t bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t exponent = (bits - kRootHalfBits) >> 23;
  const float f = std::bit_cast<float>(bits - exponent * (1 << 23));  // sqrt(1/2) .. sqrt(2)
  const float s = (f - 1) / (f + 1);
  const float s2 = s * s;
  float sum = log_term(0);
  for (int i = 1; i < kLogTerms; ++i) sum = sum * s2 + log_term(i);
  return (2 * s + s * (s2 * sum)) + static_cast<float>(exponent) * kLn2;
}

/// `value` >= 0 in units of 1 / kFixedOne, halves to even; 0 for what is not positive, NaN
/// included.
constexpr std::int64_t fixed(float value) {
  constexpr double kDoubleRounder = 6755399441055744;  // 1.5 * 2^52
  const double scaled = value > 0 ? static_cast<double>(value) * 16777216 : 0;
  return static_cast<std::int64_t>((scaled + kDoubleRounder) - kDoubleRounder);
}

/// Greatest logit of a cell.
struct Top {
  float logit = 0;
  int label = 0;       ///< the first class that has it
  bool finite = true;  ///< no logit is NaN or plus infinity, one at least is not minus infinity
};

/// `logit(k)`: the cell's logit of class k.
template <typename Logit>
constexpr Top top_of(const Logit& logit, int classes) {
  Top top{.logit = logit(0)};
  top.finite = top.logit <= kLargest;
  for (int k = 1; k < classes; ++k) {
    const float value = logit(k);
    top.finite = top.finite && value <= kLargest;
    if (value > top.logit) {
      top.logit = value;
      top.label = k;
    }
  }
  top.finite = top.finite && top.logit >= -kLargest;
  return top;
}

/// ln p_k + ln Z: the logit below the greatest, kRange at most.
constexpr float below_top(float logit, float top) {
  const float d = logit - top;
  return d > -kRange ? d : -kRange;
}

/// Whether p_c > tau.
template <typename Logit>
constexpr bool above(const Logit& logit, int classes, float top, int c, float tau) {
  float sum = 0;
  float of_class = 0;
  for (int k = 0; k < classes; ++k) {
    const float e = exp_of(below_top(logit(k), top));
    sum = sum + e;
    if (k == c) of_class = e;
  }
  return of_class > tau * sum;
}

/// How far a cell's distribution p is from its box's q.
struct Distances {
  float symmetric = 0;        ///< [KL(p||q) + KL(q||p)] / 2
  float pixels_from_box = 0;  ///< KL(p||q)
  float jensen_shannon = 0;   ///< JS / ln 2
};

/// Selection notes 1.2: with d_k = l_k - max, Z = sum e^d, u_k = d_k - ln q_k,
///   J = (sum e^d u / Z - sum q u) / 2,   KL(p||q) = sum e^d u / Z - ln Z.
/// `q`, `log_q`, `q_log_q`: [classes].
template <typename Logit>
constexpr Distances distances(const Logit& logit,
                              int classes,
                              float top,
                              const float* q,
                              const float* log_q,
                              const float* q_log_q,
                              bool jensen_shannon) {
  float z = 0;
  float by_pixel = 0;
  float by_box = 0;
  for (int k = 0; k < classes; ++k) {
    const float d = below_top(logit(k), top);
    const float e = exp_of(d);
    const float u = d - log_q[k];
    z = z + e;
    by_pixel = by_pixel + e * u;
    by_box = by_box + q[k] * u;
  }
  const float mean = by_pixel / z;
  const float log_z = log_of(z);
  Distances result{.symmetric = 0.5F * (mean - by_box), .pixels_from_box = mean - log_z};
  if (!jensen_shannon) return result;
  const float share = 1 / z;
  float js = 0;
  for (int k = 0; k < classes; ++k) {
    const float d = below_top(logit(k), top);
    const float p = exp_of(d) * share;
    const float middle = 0.5F * (p + q[k]);
    js = js + (0.5F * (p * (d - log_z) + q_log_q[k]) - middle * log_of(middle));
  }
  result.jensen_shannon = js * kInverseLn2;
  return result;
}

/// Probability of the classes that boxes can have. `detectable`: [classes].
template <typename Logit>
constexpr float detectable_share(const Logit& logit,
                                 int classes,
                                 float top,
                                 const std::uint8_t* detectable) {
  float sum = 0;
  float mass = 0;
  for (int k = 0; k < classes; ++k) {
    const float e = exp_of(below_top(logit(k), top));
    sum = sum + e;
    if (detectable[k] != 0) mass = mass + e;
  }
  return mass / sum;
}

/// Where a pixel lies between cells (align_corners = false): at `from` + `weight` (`to` - `from`).
struct Tap {
  int from = 0;
  int to = 0;
  float weight = 0;
};

/// Pixel `at` of `extent` cells with `stride` pixels each.
constexpr Tap tap_of(int at, int extent, int stride) {
  const int twice = 2 * at + 1 - stride;  // 2 stride times the place among centres of cells
  if (twice <= 0) return {};
  const int from = twice / (2 * stride);
  if (from >= extent - 1) return {.from = extent - 1, .to = extent - 1};
  const float rest = static_cast<float>(twice - from * 2 * stride);
  return {.from = from, .to = from + 1, .weight = rest / static_cast<float>(2 * stride)};
}

/// Across first, then down.
constexpr float interpolated(float a, float b, float c, float d, float x, float y) {
  const float above = a + x * (b - a);
  const float below = c + x * (d - c);
  return above + y * (below - above);
}

}  // namespace labelloom::select::math
