#include "select/aten_math.h"

#include <ATen/ATen.h>

#include "select/boxmask_math.h"

namespace labelloom::select::aten {
namespace {

/// Multiplication by 2^23 moves a whole number to a float's exponent.
constexpr std::int64_t kExponent = 1 << 23;

}  // namespace

at::Tensor exp_of(const at::Tensor& x) {
  const at::Tensor limited = x.clamp_min(math::kLeastExponent);
  const at::Tensor shifted = limited.mul(math::kLog2E).add(math::kRounder);
  const at::Tensor n = shifted.sub(math::kRounder);
  const at::Tensor r = limited.sub(n.mul(math::kLn2High)).sub(n.mul(math::kLn2Low));
  at::Tensor sum = at::full_like(r, math::exp_term(0));
  for (int i = 1; i < math::kExpTerms; ++i) {
    sum = sum.mul(r).add(math::exp_term(i));
  }
  const at::Tensor exponent = shifted.view(at::kInt).sub(math::kRounderBits - 127).mul(kExponent);
  return sum.mul(exponent.view(at::kFloat));
}

at::Tensor log_of(const at::Tensor& x) {
  const at::Tensor bits = x.view(at::kInt);
  const at::Tensor exponent =
      at::bitwise_right_shift(bits.sub(math::kRootHalfBits), at::Scalar(23));
  const at::Tensor f = bits.sub(exponent.mul(kExponent)).view(at::kFloat);
  const at::Tensor s = f.sub(1).div(f.add(1));
  const at::Tensor s2 = s.mul(s);
  at::Tensor sum = at::full_like(s2, math::log_term(0));
  for (int i = 1; i < math::kLogTerms; ++i) {
    sum = sum.mul(s2).add(math::log_term(i));
  }
  return s.mul(2).add(s.mul(s2.mul(sum))).add(exponent.to(at::kFloat).mul(math::kLn2));
}

at::Tensor fixed(const at::Tensor& value) {
  return at::where(value.gt(0), value, at::zeros_like(value)).mul(16777216).round().to(at::kLong);
}

Top top_of(const at::Tensor& logits) {
  Top top{logits[0], at::zeros({logits.size(1)}, logits.options().dtype(at::kLong)), {}};
  for (std::int64_t k = 1; k < logits.size(0); ++k) {
    const at::Tensor greater = logits[k].gt(top.logit);
    top.logit = at::where(greater, logits[k], top.logit);
    top.label.masked_fill_(greater, k);
  }
  top.finite = logits.le(math::kLargest).all(0).logical_and(top.logit.ge(-math::kLargest));
  return top;
}

at::Tensor below_top(const at::Tensor& logits, const at::Tensor& top) {
  return logits.sub(top).clamp_min(-math::kRange);
}

at::Tensor sum_of_classes(const at::Tensor& values) {
  at::Tensor sum = values[0];
  for (std::int64_t k = 1; k < values.size(0); ++k) sum = sum.add(values[k]);
  return sum;
}

Distances distances(const at::Tensor& logits,
                    const at::Tensor& top,
                    const at::Tensor& q,
                    const at::Tensor& log_q,
                    const at::Tensor& q_log_q,
                    bool jensen_shannon) {
  const at::Tensor d = below_top(logits, top);
  const at::Tensor e = exp_of(d);
  const at::Tensor u = d.sub(log_q);
  const at::Tensor z = sum_of_classes(e);
  const at::Tensor mean = sum_of_classes(e.mul(u)).div(z);
  const at::Tensor by_box = sum_of_classes(q.mul(u));
  const at::Tensor log_z = log_of(z);
  Distances result{fixed(mean.sub(by_box).mul(0.5)), fixed(mean.sub(log_z)), {}};
  if (!jensen_shannon) return result;
  const at::Tensor p = e.mul(at::ones_like(z).div(z));
  const at::Tensor middle = p.add(q).mul(0.5);
  const at::Tensor ends = p.mul(d.sub(log_z)).add(q_log_q).mul(0.5);
  const at::Tensor js = sum_of_classes(ends.sub(middle.mul(log_of(middle))));
  result.jensen_shannon = fixed(js.mul(math::kInverseLn2));
  return result;
}

}  // namespace labelloom::select::aten
