#include "select/cald_score.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "select/score_row.h"

namespace labelloom::select {
namespace {

constexpr double kBeta = 1.3;
constexpr std::size_t kManyBoxes = 40;
constexpr std::size_t kBoxesOfMany = 50;

double overlap(const Box& a, const Box& b) {
  const double width = std::min(a.right(), b.right()) - std::max(a.x, b.x);
  const double height = std::min(a.bottom(), b.bottom()) - std::max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

double iou(const Box& a, const Box& b) {
  const double common = overlap(a, b);
  return common > 0 ? common / (a.area() + b.area() - common) : 0;
}

/// In nats, of what need not sum to 1.
double jensen_shannon(const std::vector<float>& a, const std::vector<float>& b) {
  double sum_a = 0;
  double sum_b = 0;
  for (const float v : a) sum_a += static_cast<double>(v);
  for (const float v : b) sum_b += static_cast<double>(v);
  if (!(sum_a > 0) || !(sum_b > 0) || a.size() != b.size()) return std::numbers::ln2;
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double p = static_cast<double>(a[k]) / sum_a;
    const double q = static_cast<double>(b[k]) / sum_b;
    const double mean = (p + q) / 2;
    if (p > 0) sum += p * std::log(p / mean) / 2;
    if (q > 0) sum += q * std::log(q / mean) / 2;
  }
  return std::max(0.0, sum);
}

double consistency_of_box(const CaldBox& box, const Box& where, const std::vector<CaldBox>& found) {
  std::size_t best = 0;
  double best_iou = 0;
  for (std::size_t j = 0; j < found.size(); ++j) {
    const double value = iou(where, found[j].box);
    if (value > best_iou) {
      best = j;
      best_iou = value;
    }
  }
  const CaldBox& match = found[best];
  const double alike = 1 - jensen_shannon(box.distribution, match.distribution);
  return best_iou + alike * (box.score + match.score) / 2;
}

/// Which boxes count.
std::vector<std::size_t> counted_boxes(std::size_t count) {
  std::vector<std::size_t> indices;
  if (count <= kManyBoxes) {
    for (std::size_t i = 0; i < count; ++i) indices.push_back(i);
    return indices;
  }
  const double step = static_cast<double>(count - 1) / (kBoxesOfMany - 1);
  for (std::size_t i = 0; i < kBoxesOfMany; ++i)
    indices.push_back(static_cast<std::size_t>(std::lround(static_cast<double>(i) * step)));
  return indices;
}

void add_greatest(std::vector<double>& sums, std::span<const CaldBox> boxes) {
  std::vector<double> own(sums.size(), 0);
  for (const CaldBox& box : boxes) {
    double& value = own.at(static_cast<std::size_t>(box.class_index));
    value = std::max(value, box.score);
  }
  for (std::size_t k = 0; k < own.size(); ++k) sums[k] += own[k];
}

/// Uniform numbers in [0, 1), one after the other.
class Random {
 public:
  explicit Random(std::uint64_t seed) : seed_(seed) {}
  double operator()() {
    return std::ldexp(static_cast<double>(hash64("cutout", seed_ + ++count_) >> 11U), -53);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

struct Turn {
  double cos;
  double sin;
  double shrink_x;  ///< of the canvas to the picture's size
  double shrink_y;

  explicit Turn(const RotatedView& view) {
    const double angle = view.degrees * std::numbers::pi / 180;
    cos = std::cos(angle);
    sin = std::sin(angle);
    const double width = view.size.width;
    const double height = view.size.height;
    shrink_x = width / (width * std::abs(cos) + height * std::abs(sin));
    shrink_y = height / (width * std::abs(sin) + height * std::abs(cos));
  }
};

}  // namespace

std::vector<float> with_background(std::span<const float> probabilities, double score) {
  const float greatest = probabilities.empty() ? 0 : std::ranges::max(probabilities);
  const double object =
      greatest > 0 ? std::clamp(score / static_cast<double>(greatest), 0.0, 1.0) : 0;
  std::vector<float> result;
  for (const float p : probabilities)
    result.push_back(static_cast<float>(static_cast<double>(p) * object));
  result.push_back(static_cast<float>(1 - object));
  return result;
}

double cald_consistency(std::span<const CaldBox> boxes, std::span<const CaldView> views) {
  if (boxes.empty() || views.empty()) return 0;
  const std::vector<std::size_t> counted = counted_boxes(boxes.size());
  double sum = 0;
  for (const CaldView& view : views) {
    if (view.found.empty()) continue;
    double least = 1;
    for (const std::size_t k : counted) {
      const double value = consistency_of_box(boxes[k], view.references.at(k), view.found);
      least = std::min(least, std::abs(value - kBeta));
    }
    sum += least;
  }
  return sum / static_cast<double>(views.size());
}

std::vector<float> cald_classes(std::span<const CaldBox> boxes,
                                std::span<const CaldView> views,
                                int classes) {
  std::vector<double> sums(static_cast<std::size_t>(classes), 0);
  add_greatest(sums, boxes);
  for (const CaldView& view : views) add_greatest(sums, view.found);
  std::vector<float> means;
  means.reserve(sums.size());
  for (const double sum : sums)
    means.push_back(static_cast<float>(sum / static_cast<double>(views.size() + 1)));
  return means;
}

std::vector<Box> cutout_holes(std::span<const Box> boxes, Size picture, std::uint64_t seed) {
  constexpr int kTries = 50;
  constexpr std::size_t kHoles = 2;
  constexpr double kLeastSide = 0.05;
  constexpr double kGreatestSide = 0.2;
  constexpr double kLeastCover = 0.1;
  constexpr double kGreatestCover = 0.4;
  Random random(seed);
  std::vector<Box> holes;
  for (int i = 0; i < kTries && holes.size() < kHoles; ++i) {
    const auto side = [&](int whole) {
      return std::round((kLeastSide + (kGreatestSide - kLeastSide) * random()) * whole);
    };
    Box hole;
    hole.width = side(picture.width);
    hole.height = side(picture.height);
    hole.x = std::floor(random() * (picture.width - hole.width + 1));
    hole.y = std::floor(random() * (picture.height - hole.height + 1));
    double cover = 0;
    for (const Box& box : boxes) {
      if (box.area() > 0) cover = std::max(cover, overlap(hole, box) / box.area());
    }
    if (cover >= kLeastCover && cover <= kGreatestCover) holes.push_back(hole);
  }
  return holes;
}

Box RotatedView::box(const Box& box) const {
  const Turn turn(*this);
  const double middle_x = size.width / 2.0;
  const double middle_y = size.height / 2.0;
  double left = size.width;
  double top = size.height;
  double right = 0;
  double bottom = 0;
  for (const double x : {box.x - middle_x, box.right() - middle_x}) {
    for (const double y : {box.y - middle_y, box.bottom() - middle_y}) {
      const double u = middle_x + turn.shrink_x * (turn.cos * x - turn.sin * y);
      const double v = middle_y + turn.shrink_y * (turn.sin * x + turn.cos * y);
      left = std::min(left, u);
      right = std::max(right, u);
      top = std::min(top, v);
      bottom = std::max(bottom, v);
    }
  }
  left = std::clamp(left, 0.0, static_cast<double>(size.width));
  top = std::clamp(top, 0.0, static_cast<double>(size.height));
  right = std::clamp(right, left, static_cast<double>(size.width));
  bottom = std::clamp(bottom, top, static_cast<double>(size.height));
  return {left, top, right - left, bottom - top};
}

Point2d RotatedView::source(Point2d view) const {
  const Turn turn(*this);
  const double x = view.x / turn.shrink_x;
  const double y = view.y / turn.shrink_y;
  return {turn.cos * x + turn.sin * y, -turn.sin * x + turn.cos * y};
}

}  // namespace labelloom::select
