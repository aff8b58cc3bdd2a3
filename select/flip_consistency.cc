#include "select/flip_consistency.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "formats/error.h"
#include "select/boxmask_math.h"

namespace labelloom::select {
namespace {

/// One cell's logits below the greatest, and its probabilities.
struct Distribution {
  std::vector<double> log_p;
  std::vector<double> p;

  explicit Distribution(int classes)
      : log_p(static_cast<std::size_t>(classes)), p(static_cast<std::size_t>(classes)) {}

  /// @returns whether all logits are numbers.
  bool read(const PictureLogits& logits, int row, int column) {
    const auto logit = [&](int k) { return logits(k, row, column); };
    const auto classes = static_cast<int>(p.size());
    const math::Top top = math::top_of(logit, classes);
    if (!top.finite) return false;
    double z = 0;
    for (std::size_t k = 0; k < p.size(); ++k) {
      const float d = math::below_top(logit(static_cast<int>(k)), top.logit);
      log_p[k] = static_cast<double>(d);
      p[k] = static_cast<double>(math::exp_of(d));
      z += p[k];
    }
    const double log_z = std::log(z);
    for (std::size_t k = 0; k < p.size(); ++k) {
      log_p[k] -= log_z;
      p[k] /= z;
    }
    return true;
  }
};

}  // namespace

FlipConsistency flip_consistency(const PictureLogits& picture, const PictureLogits& mirrored) {
  const LogitBatch& a = *picture.batch;
  const LogitBatch& b = *mirrored.batch;
  if (a.classes != b.classes || a.width != b.width || a.height != b.height) {
    throw Error(Errc::kInvalidData, {}, "the segmentation of a mirror image has another size");
  }
  Distribution p(a.classes);
  Distribution q(a.classes);
  FlipConsistency sums;
  const Cells& valid = picture.valid;
  for (int row = valid.y; row < valid.bottom(); ++row) {
    for (int column = valid.x; column < valid.right(); ++column) {
      if (!p.read(picture, row, column) || !q.read(mirrored, row, a.width - 1 - column)) {
        constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
        return {kNaN, kNaN};
      }
      double divergence = 0;
      for (std::size_t k = 0; k < p.p.size(); ++k) {
        divergence += p.p[k] * (p.log_p[k] - q.log_p[k]);
        const double mean = (p.p[k] + q.p[k]) / 2;
        if (mean > 0) sums.entropy -= mean * std::log(mean);
      }
      sums.divergence += std::max(0.0, divergence);
    }
  }
  const double cells = std::max(1.0, static_cast<double>(valid.width) * valid.height);
  return {sums.divergence / cells, sums.entropy / cells};
}

}  // namespace labelloom::select
