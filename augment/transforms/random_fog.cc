// Fog: a veil of many overlapping white discs, densest in the middle.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "augment/adapting.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

struct Fog {
  double density = 0;
  double alpha = 0;  // what one disc hides
  std::uint64_t key = 0;
};

/// How many discs cover each cell. Rows of `edges` hold +1 where a disc begins and -1 behind it.
class DiscCount {
 public:
  DiscCount(int rows, int columns) : edges_(cv::Mat::zeros(rows, columns + 1, CV_32S)) {}

  void add(double x, double y, double radius) {
    const int top = std::max(0, static_cast<int>(std::ceil(y - radius)));
    const int bottom = std::min(edges_.rows - 1, static_cast<int>(std::floor(y + radius)));
    for (int row = top; row <= bottom; ++row) {
      const double half = std::sqrt(std::max(0.0, radius * radius - (row - y) * (row - y)));
      const int begin = std::clamp(static_cast<int>(std::ceil(x - half)), 0, edges_.cols - 1);
      const int end = std::clamp(static_cast<int>(std::floor(x + half)) + 1, 0, edges_.cols - 1);
      if (begin >= end) continue;
      ++edges_.at<int>(row, begin);
      --edges_.at<int>(row, end);
    }
  }

  /// What the discs hide, of 255.
  [[nodiscard]] cv::Mat veil(double alpha) const {
    std::array<std::uint8_t, 512> table{};  // by the number of discs
    double through = 255;
    for (std::uint8_t& level : table) {
      level = static_cast<std::uint8_t>(std::lround(255 - through));
      through *= 1 - alpha;
    }
    cv::Mat veil(edges_.rows, edges_.cols - 1, CV_8U);
    for (int y = 0; y < veil.rows; ++y) {
      int discs = 0;
      for (int x = 0; x < veil.cols; ++x) {
        discs += edges_.at<int>(y, x);
        veil.at<std::uint8_t>(y, x) = table[static_cast<std::size_t>(std::min(discs, 511))];
      }
    }
    return veil;
  }

 private:
  cv::Mat edges_;
};

/// In cells of 4 x 4 pixels: the veil is smooth. The discs hide as much as those of Albumentations
/// 2.0.8 do on average, but they have half the radius and are four times as many, so that the fog
/// is no group of spots.
cv::Mat veil_of(const Fog& fog, cv::Size size) {
  constexpr double kCell = 4;
  constexpr double kSmaller = 2;
  const double width = size.width / kCell;
  const double height = size.height / kCell;
  const double patch = std::max(1.0, width / 3 * fog.density);
  // Theirs are whole pixels, below a tenth of the shorter side: a pixel less.
  constexpr double kPixel = 1 / kCell;
  const double largest = std::min(width, height) / 10 * fog.density - kPixel;
  const double radius = std::max(kPixel, largest) / kSmaller;
  DiscCount count(static_cast<int>(std::ceil(height)), static_cast<int>(std::ceil(width)));
  Random random(RandomKey{.seed = fog.key});
  // Ever smaller regions about the centre.
  double share = 1;
  for (int ring = 0; ring < 10; ++ring, share *= 0.9) {
    if (ring > 0 && std::min(width, height) * share <= patch) break;
    const double across = width * share;
    const double down = height * share;
    const int discs =
        static_cast<int>(across * down / (patch * patch) * fog.density * 10 * kSmaller * kSmaller);
    for (int i = 0; i < discs; ++i) {
      const double x = width / 2 + random.uniform(-0.5, 0.5) * across;
      const double y = height / 2 + random.uniform(-0.5, 0.5) * down;
      count.add(x, y, random.uniform(radius / 2, radius));
    }
  }
  cv::Mat veil = count.veil(fog.alpha);
  // Twice a box: the discs' edges are not to be seen.
  const int side = static_cast<int>(patch / 4) | 1;
  cv::blur(veil, veil, {side, side});
  cv::blur(veil, veil, {side, side});
  cv::resize(veil, veil, size, 0, 0, cv::INTER_LINEAR_EXACT);
  return veil;
}

void add_fog(cv::Mat& bgr, const Fog& fog) {
  const cv::Mat veil = veil_of(fog, bgr.size());
  for (int y = 0; y < bgr.rows; ++y) {
    auto* level = bgr.ptr<std::uint8_t>(y);
    const auto* hidden = veil.ptr<std::uint8_t>(y);
    for (int x = 0; x < bgr.cols; ++x, ++hidden) {
      for (int channel = 0; channel < 3; ++channel, ++level) {
        *level = static_cast<std::uint8_t>(*level + ((255 - *level) * *hidden + 127) / 255);
      }
    }
  }
}

class RandomFog final : public Transform {
 public:
  struct Options {
    double alpha_coef = 0.08;
    Range fog_coef_range{0.3, 1};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("alpha_coef",
            self.alpha_coef,
            FieldSpec{.doc = "share of the picture that a disc of the densest fog hides",
                      .low = 0,
                      .high = 1});
      visit("fog_coef_range",
            self.fog_coef_range,
            FieldSpec{.doc = "density of the fog", .low = 0, .high = 1});
    }
  };

  explicit RandomFog(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    Fog fog;
    fog.density = random.uniform(options_.fog_coef_range.low, options_.fog_coef_range.high);
    fog.alpha = options_.alpha_coef * fog.density;
    fog.key = random.derive();
    draw.note("fog_coef", fog.density);
    draw.add(Filter{[fog](cv::Mat& bgr) { add_fog(bgr, fog); }});
  }

 private:
  Options options_;
};

void adapt(Settings& settings, Dialect /*dialect*/) {
  join_ends(settings, "fog_coef_lower", "fog_coef_upper", "fog_coef_range", {0.3, 1});
}

}  // namespace

TransformEntry random_fog() {
  return transform_entry<RandomFog>(
      "RandomFog", "Lays fog over the picture.", TransformKind::kFilter, 0.5, adapt);
}

}  // namespace labelloom::augment
