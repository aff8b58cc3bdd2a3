#pragma once

// boxmask_math.h in tensors: every product and sum is an operator of its own, in the same order.
// Logits are [C, T], T cells side by side.

#include <ATen/core/ivalue.h>  // Tensor; ATen.h compiles in clang only behind it

namespace labelloom::select::aten {

[[nodiscard]] at::Tensor exp_of(const at::Tensor& x);
[[nodiscard]] at::Tensor log_of(const at::Tensor& x);
/// int64
[[nodiscard]] at::Tensor fixed(const at::Tensor& value);

/// [T] each.
struct Top {
  at::Tensor logit;
  at::Tensor label;   ///< int64
  at::Tensor finite;  ///< bool
};
[[nodiscard]] Top top_of(const at::Tensor& logits);

/// [C, T]
[[nodiscard]] at::Tensor below_top(const at::Tensor& logits, const at::Tensor& top);
/// Sum over the first dimension, one after the other.
[[nodiscard]] at::Tensor sum_of_classes(const at::Tensor& values);

/// [T] each, already fixed.
struct Distances {
  at::Tensor symmetric;
  at::Tensor pixels_from_box;
  at::Tensor jensen_shannon;  ///< undefined if not wanted
};
/// `q`, `log_q`, `q_log_q`: [C, T].
[[nodiscard]] Distances distances(const at::Tensor& logits,
                                  const at::Tensor& top,
                                  const at::Tensor& q,
                                  const at::Tensor& log_q,
                                  const at::Tensor& q_log_q,
                                  bool jensen_shannon);

}  // namespace labelloom::select::aten
