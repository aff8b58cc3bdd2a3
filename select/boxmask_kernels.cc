#include "select/boxmask_kernels.h"

#include <algorithm>
#include <cstring>

#include "select/boxmask_math.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "select/boxmask_kernels.cc"
#include <hwy/foreach_target.h>
// Must come after foreach_target.h.
#include <hwy/highway.h>

// NOLINTBEGIN(readability-identifier-naming): names of Highway
HWY_BEFORE_NAMESPACE();
namespace labelloom::select {
namespace HWY_NAMESPACE {
// NOLINTEND(readability-identifier-naming)

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Integers = hn::RebindToSigned<Floats>;
using FloatVec = hn::Vec<Floats>;
using Mask = hn::Mask<Floats>;

FloatVec exp_of(FloatVec x) {
  const Floats df;
  const Integers di;
  const auto limited = hn::Max(x, hn::Set(df, math::kLeastExponent));
  const auto rounder = hn::Set(df, math::kRounder);
  const auto shifted = hn::Add(hn::Mul(limited, hn::Set(df, math::kLog2E)), rounder);
  const auto n = hn::Sub(shifted, rounder);
  const auto high = hn::Sub(limited, hn::Mul(n, hn::Set(df, math::kLn2High)));
  const auto r = hn::Sub(high, hn::Mul(n, hn::Set(df, math::kLn2Low)));
  auto sum = hn::Set(df, math::exp_term(0));
  for (int i = 1; i < math::kExpTerms; ++i) {
    sum = hn::Add(hn::Mul(sum, r), hn::Set(df, math::exp_term(i)));
  }
  const auto exponent = hn::Sub(hn::BitCast(di, shifted), hn::Set(di, math::kRounderBits - 127));
  return hn::Mul(sum, hn::BitCast(df, hn::ShiftLeft<23>(exponent)));
}

FloatVec log_of(FloatVec x) {
  const Floats df;
  const Integers di;
  const auto bits = hn::BitCast(di, x);
  const auto exponent = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(di, math::kRootHalfBits)));
  const auto f = hn::BitCast(df, hn::Sub(bits, hn::ShiftLeft<23>(exponent)));
  const auto one = hn::Set(df, 1.0F);
  const auto s = hn::Div(hn::Sub(f, one), hn::Add(f, one));
  const auto s2 = hn::Mul(s, s);
  auto sum = hn::Set(df, math::log_term(0));
  for (int i = 1; i < math::kLogTerms; ++i) {
    sum = hn::Add(hn::Mul(sum, s2), hn::Set(df, math::log_term(i)));
  }
  const auto near = hn::Add(hn::Mul(hn::Set(df, 2.0F), s), hn::Mul(s, hn::Mul(s2, sum)));
  return hn::Add(near, hn::Mul(hn::ConvertTo(df, exponent), hn::Set(df, math::kLn2)));
}

/// As many cells as a vector has lanes; those behind the row's end have zeros.
struct Group {
  const float* logits;
  std::ptrdiff_t class_stride;

  [[nodiscard]] FloatVec logit(int k) const {
    return hn::LoadU(Floats(), logits + k * class_stride);
  }
  [[nodiscard]] FloatVec below(int k, FloatVec top) const {
    return hn::Max(hn::Sub(logit(k), top), hn::Set(Floats(), -math::kRange));
  }
};

Group group_at(const LogitRow& row, std::size_t at, float* room) {
  const std::size_t lanes = hn::Lanes(Floats());
  if (at + lanes <= row.count) return {row.logits + at, row.class_stride};
  const std::size_t rest = row.count - at;
  for (int k = 0; k < row.classes; ++k) {
    float* to = room + static_cast<std::size_t>(k) * lanes;
    std::memcpy(to, row.logits + k * row.class_stride + at, rest * sizeof(float));
    std::fill(to + rest, to + lanes, 0.0F);
  }
  return {room, static_cast<std::ptrdiff_t>(lanes)};
}

/// The bits of the lanes from `at` on; no lane behind the end.
Mask lanes_of(const std::uint64_t* bits, std::size_t at, std::size_t count) {
  const std::size_t lanes = hn::Lanes(Floats());
  std::uint64_t word = bits[at / 64] >> (at % 64);
  const std::size_t used = std::min(lanes, count - at);
  if (used < 64) word &= (std::uint64_t{1} << used) - 1;
  std::uint8_t bytes[8];
  for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(word >> (8 * i));
  return hn::LoadMaskBits(Floats(), bytes);
}

void store_lanes(Mask mask, std::size_t at, std::size_t count, std::uint64_t* bits) {
  const std::size_t lanes = hn::Lanes(Floats());
  std::uint8_t bytes[8] = {};
  hn::StoreMaskBits(Floats(), mask, bytes);
  std::uint64_t word = 0;
  for (unsigned i = 0; i < 8; ++i) word |= std::uint64_t{bytes[i]} << (8 * i);
  const std::size_t used = std::min(lanes, count - at);
  if (used < 64) word &= (std::uint64_t{1} << used) - 1;
  if (at % 64 == 0) bits[at / 64] = 0;
  bits[at / 64] |= word << (at % 64);
}

struct Top {
  FloatVec logit;
  FloatVec mark;  ///< of the first class that has it
  Mask finite;
};

Top top_of(const Group& group, int classes, const float* marks) {
  const Floats df;
  const auto largest = hn::Set(df, math::kLargest);
  auto logit = group.logit(0);
  auto mark = hn::Set(df, marks[0]);
  auto finite = hn::Le(logit, largest);
  for (int k = 1; k < classes; ++k) {
    const auto value = group.logit(k);
    finite = hn::And(finite, hn::Le(value, largest));
    const auto greater = hn::Gt(value, logit);
    logit = hn::IfThenElse(greater, value, logit);
    mark = hn::IfThenElse(greater, hn::Set(df, marks[k]), mark);
  }
  finite = hn::And(finite, hn::Ge(logit, hn::Set(df, -math::kLargest)));
  return {logit, mark, finite};
}

/// Adds the lanes in fixed point: what is not positive, and what is not in `mask`, is 0.
void add_fixed(FloatVec value, Mask mask, std::int64_t& sum) {
  const Floats df;
  const Integers di;
  const auto counted = hn::And(mask, hn::Gt(value, hn::Zero(df)));
  const auto fixed =
      hn::NearestInt(hn::IfThenElseZero(counted, hn::Mul(value, hn::Set(df, 16777216.0F))));
  HWY_ALIGN std::int32_t lanes[HWY_MAX_BYTES / sizeof(std::int32_t)];
  hn::Store(fixed, di, lanes);
  for (std::size_t i = 0; i < hn::Lanes(di); ++i) sum += lanes[i];
}

bool mask_row_of(const LogitRow& row, int seg_class, float tau, float* room, std::uint64_t* bits) {
  const Floats df;
  const auto largest = hn::Set(df, math::kLargest);
  auto finite = hn::Eq(hn::Zero(df), hn::Zero(df));
  for (std::size_t at = 0; at < row.count; at += hn::Lanes(df)) {
    const Group group = group_at(row, at, room);
    auto top = group.logit(0);
    finite = hn::And(finite, hn::Le(top, largest));
    for (int k = 1; k < row.classes; ++k) {
      const auto value = group.logit(k);
      finite = hn::And(finite, hn::Le(value, largest));
      top = hn::IfThenElse(hn::Gt(value, top), value, top);
    }
    finite = hn::And(finite, hn::Ge(top, hn::Set(df, -math::kLargest)));
    auto sum = hn::Zero(df);
    auto of_class = hn::Zero(df);
    for (int k = 0; k < row.classes; ++k) {
      const auto e = exp_of(group.below(k, top));
      sum = hn::Add(sum, e);
      if (k == seg_class) of_class = e;
    }
    store_lanes(hn::Gt(of_class, hn::Mul(hn::Set(df, tau), sum)), at, row.count, bits);
  }
  return hn::AllTrue(df, finite);
}

void add_distances_of(const LogitRow& row,
                      const RowTarget& target,
                      const std::uint64_t* bits,
                      bool jensen_shannon,
                      float* room,
                      DistanceSums& sums) {
  const Floats df;
  const std::size_t lanes = hn::Lanes(df);
  const auto half = hn::Set(df, 0.5F);
  float* exponentials = room + static_cast<std::size_t>(row.classes) * lanes;
  for (std::size_t at = 0; at < row.count; at += lanes) {
    const auto mask = lanes_of(bits, at, row.count);
    if (hn::AllFalse(df, mask)) continue;
    const Group group = group_at(row, at, room);
    const Top top = top_of(group, row.classes, target.label);
    const auto labelled = hn::And(mask, hn::Gt(top.mark, hn::Zero(df)));
    sums.labelled += static_cast<std::uint32_t>(hn::CountTrue(df, labelled));
    auto z = hn::Zero(df);
    auto by_pixel = hn::Zero(df);
    auto by_box = hn::Zero(df);
    for (int k = 0; k < row.classes; ++k) {
      const auto d = group.below(k, top.logit);
      const auto e = exp_of(d);
      const auto u = hn::Sub(d, hn::Set(df, target.log_q[k]));
      z = hn::Add(z, e);
      by_pixel = hn::Add(by_pixel, hn::Mul(e, u));
      by_box = hn::Add(by_box, hn::Mul(hn::Set(df, target.q[k]), u));
      hn::StoreU(e, df, exponentials + static_cast<std::size_t>(k) * lanes);
    }
    const auto mean = hn::Div(by_pixel, z);
    const auto log_z = log_of(z);
    add_fixed(hn::Mul(half, hn::Sub(mean, by_box)), mask, sums.symmetric);
    add_fixed(hn::Sub(mean, log_z), mask, sums.pixels_from_box);
    if (!jensen_shannon) continue;
    const auto share = hn::Div(hn::Set(df, 1.0F), z);
    auto js = hn::Zero(df);
    for (int k = 0; k < row.classes; ++k) {
      const auto d = group.below(k, top.logit);
      const auto e = hn::LoadU(df, exponentials + static_cast<std::size_t>(k) * lanes);
      const auto p = hn::Mul(e, share);
      const auto middle = hn::Mul(half, hn::Add(p, hn::Set(df, target.q[k])));
      const auto p_log_p = hn::Mul(p, hn::Sub(d, log_z));
      const auto ends = hn::Mul(half, hn::Add(p_log_p, hn::Set(df, target.q_log_q[k])));
      js = hn::Add(js, hn::Sub(ends, hn::Mul(middle, log_of(middle))));
    }
    add_fixed(hn::Mul(js, hn::Set(df, math::kInverseLn2)), mask, sums.jensen_shannon);
  }
}

void add_outside_of(const LogitRow& row,
                    const float* detectable,
                    const std::uint64_t* bits,
                    float* room,
                    OutsideSums& sums) {
  const Floats df;
  auto finite = hn::Eq(hn::Zero(df), hn::Zero(df));
  for (std::size_t at = 0; at < row.count; at += hn::Lanes(df)) {
    const Group group = group_at(row, at, room);
    const Top top = top_of(group, row.classes, detectable);
    finite = hn::And(finite, top.finite);
    const auto mask = lanes_of(bits, at, row.count);
    if (hn::AllFalse(df, mask)) continue;
    const auto counted = hn::And(mask, hn::Gt(top.mark, hn::Zero(df)));
    sums.detectable_cells += static_cast<std::uint32_t>(hn::CountTrue(df, counted));
    auto z = hn::Zero(df);
    auto mass = hn::Zero(df);
    for (int k = 0; k < row.classes; ++k) {
      const auto e = exp_of(group.below(k, top.logit));
      z = hn::Add(z, e);
      if (detectable[k] > 0) mass = hn::Add(mass, e);
    }
    add_fixed(hn::Div(mass, z), mask, sums.detectable_mass);
  }
  sums.finite = sums.finite && hn::AllTrue(df, finite);
}

// NOLINTNEXTLINE(readability-identifier-naming)
}  // namespace HWY_NAMESPACE
}  // namespace labelloom::select
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace labelloom::select {
namespace {

HWY_EXPORT(mask_row_of);
HWY_EXPORT(add_distances_of);
HWY_EXPORT(add_outside_of);

}  // namespace

bool mask_row(const LogitRow& row, int seg_class, float tau, float* room, std::uint64_t* bits) {
  return HWY_DYNAMIC_DISPATCH(mask_row_of)(row, seg_class, tau, room, bits);
}

void add_distances(const LogitRow& row,
                   const RowTarget& target,
                   const std::uint64_t* bits,
                   bool jensen_shannon,
                   float* room,
                   DistanceSums& sums) {
  HWY_DYNAMIC_DISPATCH(add_distances_of)(row, target, bits, jensen_shannon, room, sums);
}

void add_outside(const LogitRow& row,
                 const float* detectable,
                 const std::uint64_t* bits,
                 float* room,
                 OutsideSums& sums) {
  HWY_DYNAMIC_DISPATCH(add_outside_of)(row, detectable, bits, room, sums);
}

}  // namespace labelloom::select
#endif  // HWY_ONCE
