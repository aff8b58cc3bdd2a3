#include "select/cell_statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "select/boxmask_math.h"

namespace labelloom::select {
namespace {

/// Sums over the cells of one label.
class Profile {
 public:
  explicit Profile(std::size_t classes)
      : classes_(classes),
        weighted_(classes * classes, 0),
        weights_(classes, 0),
        seen_(classes, 0) {}

  void add(std::size_t label, double entropy, const std::vector<float>& e, double share) {
    weights_[label] += entropy;
    double* const row = weighted_.data() + label * classes_;
    for (std::size_t k = 0; k < classes_; ++k)
      row[k] += entropy * share * static_cast<double>(e[k]);
    seen_[label] = 1;
  }

  [[nodiscard]] std::vector<float> means() const {
    std::vector<float> means(weighted_.size(), 0);
    for (std::size_t c = 0; c < classes_; ++c) {
      const double* const row = weighted_.data() + c * classes_;
      if (seen_[c] == 0) continue;
      for (std::size_t k = 0; k < classes_; ++k) {
        // Cells that are certain have no weight; a label of such cells only is certain as well.
        const double certain = k == c ? 1 : 0;
        means[c * classes_ + k] =
            static_cast<float>(weights_[c] > 0 ? row[k] / weights_[c] : certain);
      }
    }
    return means;
  }

 private:
  std::size_t classes_;
  std::vector<double> weighted_;  // [C, C]
  std::vector<double> weights_;   // [C]
  std::vector<std::uint8_t> seen_;
};

CellStatistics not_finite() {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  return {
      .finite = false, .entropy = kNaN, .margin = kNaN, .least_confidence = kNaN, .profile = {}};
}

}  // namespace

CellStatistics cell_statistics(const PictureLogits& logits, bool with_profile) {
  const int classes = logits.batch->classes;
  Profile profile(with_profile ? static_cast<std::size_t>(classes) : 0);
  CellStatistics sums;
  std::vector<float> e(static_cast<std::size_t>(classes));
  const Cells& valid = logits.valid;
  for (int row = valid.y; row < valid.bottom(); ++row) {
    for (int column = valid.x; column < valid.right(); ++column) {
      const auto logit = [&](int k) { return logits(k, row, column); };
      const math::Top top = math::top_of(logit, classes);
      if (!top.finite) return not_finite();
      double z = 0;
      double below = 0;
      float second = 0;
      for (int k = 0; k < classes; ++k) {
        const float d = math::below_top(logit(k), top.logit);
        const float value = math::exp_of(d);
        e[static_cast<std::size_t>(k)] = value;
        z += static_cast<double>(value);
        below += static_cast<double>(value) * static_cast<double>(d);
        if (k != top.label) second = std::max(second, value);
      }
      const double share = 1 / z;  // of the likeliest class: its e is 1
      const double entropy = std::max(0.0, std::log(z) - below * share);
      sums.entropy += entropy;
      sums.margin += 1 - share * (1 - static_cast<double>(second));
      sums.least_confidence += 1 - share;
      if (with_profile) profile.add(static_cast<std::size_t>(top.label), entropy, e, share);
    }
  }
  const double cells = std::max(1.0, static_cast<double>(valid.width) * valid.height);
  sums.entropy /= cells;
  sums.margin /= cells;
  sums.least_confidence /= cells;
  if (with_profile) sums.profile = profile.means();
  return sums;
}

std::vector<int> cell_labels(const PictureLogits& logits) {
  std::vector<int> labels;
  const Cells& valid = logits.valid;
  labels.reserve(static_cast<std::size_t>(valid.width) * static_cast<std::size_t>(valid.height));
  for (int row = valid.y; row < valid.bottom(); ++row) {
    for (int column = valid.x; column < valid.right(); ++column) {
      const auto logit = [&](int k) { return logits(k, row, column); };
      labels.push_back(math::top_of(logit, logits.batch->classes).label);
    }
  }
  return labels;
}

}  // namespace labelloom::select
