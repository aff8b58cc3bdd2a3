// A box drawn around an object that also has a shape of its own: key points go to the shape.

#include <algorithm>
#include <tuple>
#include <vector>

#include "convert/keypoint_matching.h"

namespace labelloom {
namespace {

// A rectangle and another shape of one category are the same object when their boxes agree so.
constexpr double kSameObjectIou = 0.8;

double box_iou(const Box& a, const Box& b) {
  const double w = std::min(a.right(), b.right()) - std::max(a.x, b.x);
  const double h = std::min(a.bottom(), b.bottom()) - std::max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  return w * h / (a.area() + b.area() - w * h);
}

bool is_rectangle(const Instance& instance) {
  if (instance.mask() != nullptr) return false;
  if (instance.rings.empty()) return true;
  return instance.rings.size() == 1 && instance.rings.points().size() == 4 &&
         ring_area(instance.rings) >= 0.999 * instance.bbox.area();
}

}  // namespace

void ImageMatch::pass_over_rectangles() {
  std::vector<std::uint32_t>& rectangles = scratch_->rectangles;
  std::vector<std::uint32_t>& shapes = scratch_->shapes;
  rectangles.clear();
  shapes.clear();
  for (std::uint32_t i = 0; i < owners_.size(); ++i) {
    if (!owners_[i].may_take) continue;
    (is_rectangle(instance(owners_[i])) ? rectangles : shapes).push_back(i);
  }
  if (rectangles.empty() || shapes.empty()) return;
  std::vector<std::tuple<double, std::uint32_t, std::uint32_t>> pairs;
  for (const std::uint32_t r : rectangles) {
    for (const std::uint32_t s : shapes) {
      if (owners_[r].category != owners_[s].category) continue;
      const double iou = box_iou(instance(owners_[r]).bbox, instance(owners_[s]).bbox);
      if (iou >= kSameObjectIou) pairs.emplace_back(-iou, r, s);
    }
  }
  std::ranges::sort(pairs);
  std::vector<bool> paired(owners_.size(), false);
  for (const auto& [iou, r, s] : pairs) {
    if (paired[r] || paired[s]) continue;
    paired[r] = paired[s] = true;
    owners_[r].may_take = false;
  }
}

}  // namespace labelloom
