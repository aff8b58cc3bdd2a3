// Stretches columns and rows of a grid, each by itself.

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include "augment/adaptation.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

/// A rising broken line: `side` is divided evenly, and each part gets its own slope.
class BrokenLine {
 public:
  BrokenLine(std::vector<double> slopes, double side)
      : slopes_(std::move(slopes)), part_(side / static_cast<double>(slopes_.size())) {
    for (const double slope : slopes_) ends_.push_back(ends_.back() + slope * part_);
  }

  [[nodiscard]] double in_from_out(double out) const {
    const auto last = static_cast<double>(slopes_.size() - 1);
    const auto part = static_cast<std::size_t>(std::clamp(std::floor(out / part_), 0.0, last));
    return ends_[part] + slopes_[part] * (out - static_cast<double>(part) * part_);
  }
  [[nodiscard]] double out_from_in(double in) const {
    const auto after = std::upper_bound(ends_.begin() + 1, ends_.end() - 1, in);
    const auto part = static_cast<std::size_t>(after - ends_.begin()) - 1;
    return static_cast<double>(part) * part_ + (in - ends_[part]) / slopes_[part];
  }

 private:
  std::vector<double> slopes_;
  double part_;
  std::vector<double> ends_{0};  // of the parts, in the input
};

class Grid final : public Field {
 public:
  Grid(BrokenLine x, BrokenLine y) : x_(std::move(x)), y_(std::move(y)) {}
  [[nodiscard]] Point2d in_from_out(Point2d out) const override {
    return {x_.in_from_out(out.x), y_.in_from_out(out.y)};
  }
  [[nodiscard]] Point2d out_from_in(Point2d in) const override {
    return {x_.out_from_in(in.x), y_.out_from_in(in.y)};
  }

 private:
  BrokenLine x_;
  BrokenLine y_;
};

class GridDistortion final : public Transform {
 public:
  struct Options {
    int num_steps = 5;
    Range distort_limit{-0.3, 0.3};
    bool normalized = true;
    Sampling sampling;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("num_steps",
            self.num_steps,
            FieldSpec{.doc = "cells along each axis", .low = 1, .high = 1000});
      visit("distort_limit",
            self.distort_limit,
            FieldSpec{.doc = "a cell shows 1 + this of its width",
                      .low = -0.95,
                      .high = 0.95,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"distort_range"}});
      visit("normalized",
            self.normalized,
            FieldSpec{.doc = "the frame shows the whole picture, no more and no less"});
      sampling_fields(self.sampling, visit);
    }
  };

  explicit GridDistortion(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    BrokenLine x = draw_line(scene.size.width, random);
    BrokenLine y = draw_line(scene.size.height, random);
    draw.add(Warp{std::make_shared<const Grid>(std::move(x), std::move(y)), options_.sampling});
  }

 private:
  BrokenLine draw_line(int side, Random& random) const {
    std::vector<double> slopes(static_cast<std::size_t>(options_.num_steps));
    for (double& slope : slopes) {
      slope = 1 + random.uniform(options_.distort_limit.low, options_.distort_limit.high);
    }
    if (options_.normalized) {
      const double sum = std::accumulate(slopes.begin(), slopes.end(), 0.0);
      for (double& slope : slopes) slope *= options_.num_steps / sum;
    }
    return {std::move(slopes), static_cast<double>(side)};
  }

  Options options_;
};

void adapt(Settings& settings, Dialect dialect) {
  reflect_by_default(settings, dialect);
  if (dialect == Dialect::kAlbumentations1 && !settings.has("normalized")) {
    settings.set("normalized", {false});
  }
}

}  // namespace

TransformEntry grid_distortion() {
  return transform_entry<GridDistortion>("GridDistortion",
                                         "Stretches columns and rows of a grid.",
                                         TransformKind::kCurved,
                                         0.5,
                                         adapt);
}

}  // namespace labelloom::augment
