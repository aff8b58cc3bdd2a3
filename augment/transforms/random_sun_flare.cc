// The sun in the lens: a bright spot and its ghosts on a line through it.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "augment/adapting.h"
#include "augment/share_box.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

struct Ghost {
  Point2d centre;
  double radius = 1;
  double alpha = 0;
  Rgb colour;
};

struct Flare {
  Point2d sun;
  double radius = 1;
  Rgb colour;
  std::vector<Ghost> ghosts;
};

std::array<int, 3> bgr_of(Rgb colour) { return {colour.b, colour.g, colour.r}; }

void mix(std::uint8_t* pixel, const std::array<int, 3>& colour, int share256) {
  for (std::size_t i = 0; i < 3; ++i) {
    pixel[i] =
        static_cast<std::uint8_t>((pixel[i] * (256 - share256) + colour[i] * share256 + 128) / 256);
  }
}

/// Visits the pixels less than `radius` from the centre, with their distance from it.
template <typename Visit>
void for_disc(cv::Mat& bgr, Point2d centre, double radius, Visit visit) {
  const int top = std::max(0, static_cast<int>(std::floor(centre.y - radius)));
  const int bottom = std::min(bgr.rows, static_cast<int>(std::ceil(centre.y + radius)));
  for (int y = top; y < bottom; ++y) {
    const double dy = y + 0.5 - centre.y;
    const double half = std::sqrt(std::max(0.0, radius * radius - dy * dy));
    const int left = std::max(0, static_cast<int>(std::floor(centre.x - half)));
    const int right = std::min(bgr.cols, static_cast<int>(std::ceil(centre.x + half)));
    for (int x = left; x < right; ++x) {
      const double dx = x + 0.5 - centre.x;
      const double distance = std::sqrt(dx * dx + dy * dy);
      if (distance < radius) visit(bgr.ptr<std::uint8_t>(y, x), distance);
    }
  }
}

/// How much of the sun's colour there is at each whole distance from its centre, of 256: a disc
/// every ten pixels, the larger the fainter, laid over one another.
std::vector<int> glow(const Flare& flare) {
  double brightness = 0;
  double size = 0;
  for (const Ghost& ghost : flare.ghosts) {
    brightness += ghost.alpha * ghost.radius;
    size += ghost.radius;
  }
  const double most = size > 0 ? std::min(1.0, 5 * brightness / size) : 1.0;
  const auto radius = static_cast<std::size_t>(std::ceil(flare.radius));
  const double discs = std::max(2.0, std::floor(flare.radius / 10));
  std::vector<int> shares(radius + 1);
  double through = 1;
  double next = discs - 1;  // discs from the largest inwards
  for (std::size_t distance = radius + 1; distance-- > 0;) {
    while (next >= 0 &&
           1 + next * (flare.radius - 1) / (discs - 1) >= static_cast<double>(distance)) {
      const double alpha = most * (discs - 1 - next) / (discs - 1);
      through *= 1 - alpha * alpha * alpha;
      --next;
    }
    shares[distance] = static_cast<int>(std::lround(256 * (1 - through)));
  }
  return shares;
}

void overlay(cv::Mat& bgr, const Flare& flare) {
  for (const Ghost& ghost : flare.ghosts) {
    const int share = static_cast<int>(std::lround(ghost.alpha * 256));
    for_disc(bgr, ghost.centre, ghost.radius, [&](std::uint8_t* pixel, double /*distance*/) {
      mix(pixel, bgr_of(ghost.colour), share);
    });
  }
  const std::vector<int> shares = glow(flare);
  for_disc(bgr, flare.sun, flare.radius, [&](std::uint8_t* pixel, double distance) {
    const auto ring = static_cast<std::size_t>(distance);
    const double part = distance - static_cast<double>(ring);
    const double share = shares[ring] + part * (shares[ring + 1] - shares[ring]);
    mix(pixel, bgr_of(flare.colour), static_cast<int>(std::lround(share)));
  });
}

cv::Scalar scalar(Rgb colour) {
  const std::array<int, 3> levels = bgr_of(colour);
  return cv::Scalar(levels[0], levels[1], levels[2]);
}

/// A blurred sun with spikes and ghosts; red and blue a little wider than green. Made at a quarter
/// of the size: it is smooth.
cv::Mat light_of(const Flare& flare, cv::Size size) {
  constexpr double kCell = 4;
  const auto cell = [](Point2d point) {
    return cv::Point(static_cast<int>(std::floor(point.x / kCell)),
                     static_cast<int>(std::floor(point.y / kCell)));
  };
  const auto cells = [](double length) {
    return std::max(1, static_cast<int>(std::lround(length / kCell)));
  };
  cv::Mat light = cv::Mat::zeros(cells(size.height), cells(size.width), CV_8UC3);
  const double longest = std::max(size.width, size.height);
  for (const int degrees : {0, 45, 90, 135}) {
    const double angle = degrees * std::numbers::pi / 180;
    const Point2d ray{longest * std::cos(angle), longest * std::sin(angle)};
    cv::line(light,
             cell({flare.sun.x - ray.x, flare.sun.y - ray.y}),
             cell({flare.sun.x + ray.x, flare.sun.y + ray.y}),
             scalar(flare.colour),
             cells(longest / 200));
  }
  for (const Ghost& ghost : flare.ghosts) {
    const double radius = std::cbrt(ghost.radius) * longest / 400;
    cv::circle(light, cell(ghost.centre), cells(radius), scalar(ghost.colour), cv::FILLED);
  }
  cv::circle(light, cell(flare.sun), cells(flare.radius), scalar(flare.colour), cv::FILLED);
  cv::GaussianBlur(light, light, {23, 23}, 15 / kCell);
  std::vector<cv::Mat> channels;
  cv::split(light, channels);
  cv::GaussianBlur(channels[0], channels[0], {5, 5}, 3 / kCell);
  cv::GaussianBlur(channels[2], channels[2], {7, 7}, 5 / kCell);
  cv::merge(channels, light);
  cv::resize(light, light, size, 0, 0, cv::INTER_LINEAR_EXACT);
  return light;
}

/// Light is added as on a screen, fading with the distance from the sun.
void add_light(cv::Mat& bgr, const Flare& flare) {
  const cv::Mat light = light_of(flare, bgr.size());
  const double longest = std::max(bgr.cols, bgr.rows);
  for (int y = 0; y < bgr.rows; ++y) {
    auto* level = bgr.ptr<std::uint8_t>(y);
    const auto* lit = light.ptr<std::uint8_t>(y);
    const double dy = y + 0.5 - flare.sun.y;
    for (int x = 0; x < bgr.cols; ++x) {
      const double dx = x + 0.5 - flare.sun.x;
      const double fade = std::max(0.0, 1 - std::sqrt(dx * dx + dy * dy) / (0.7 * longest));
      const int share = static_cast<int>(fade * 256);
      for (int channel = 0; channel < 3; ++channel, ++level, ++lit) {
        *level = static_cast<std::uint8_t>(255 - (255 - *level) * (65280 - *lit * share) / 65280);
      }
    }
  }
}

class RandomSunFlare final : public Transform {
 public:
  struct Options {
    std::vector<double> flare_roi{0, 0, 1, 0.5};
    int src_radius = 400;
    Rgb src_color{255, 255, 255};
    Range angle_range{0, 1};
    IntRange num_flare_circles_range{6, 10};
    std::string method = "overlay";

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("flare_roi",
            self.flare_roi,
            FieldSpec{.doc = "where the sun is, in shares: [x_min, y_min, x_max, y_max]",
                      .low = 0,
                      .high = 1});
      visit("src_radius",
            self.src_radius,
            FieldSpec{.doc = "of the sun, pixels", .low = 2, .high = 10000});
      visit("src_color", self.src_color, FieldSpec{.doc = "one number or [r, g, b]"});
      visit("angle_range",
            self.angle_range,
            FieldSpec{.doc = "of the ghosts' line, in turns", .low = 0, .high = 1});
      visit("num_flare_circles_range",
            self.num_flare_circles_range,
            FieldSpec{.doc = "how many ghosts", .low = 0, .high = 1000});
      visit("method",
            self.method,
            FieldSpec{.doc = "discs laid over the picture, or light with spikes added to it",
                      .choices = {"overlay", "physics_based"}});
    }
  };

  explicit RandomSunFlare(const Options& options)
      : options_(options), roi_(share_box(options.flare_roi, "RandomSunFlare: flare_roi")) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    Flare flare;
    const double angle = random.uniform(options_.angle_range.low, options_.angle_range.high);
    flare.sun.x = random.uniform(roi_.x.low, roi_.x.high) * scene.size.width;
    flare.sun.y = random.uniform(roi_.y.low, roi_.y.high) * scene.size.height;
    flare.radius = options_.src_radius;
    flare.colour = options_.src_color;
    const auto count =
        random.integer(options_.num_flare_circles_range.low, options_.num_flare_circles_range.high);
    for (std::int64_t i = 0; i < count; ++i) {
      flare.ghosts.push_back(draw_ghost(scene.size, flare.sun, angle, random));
    }
    draw.note("x", flare.sun.x);
    draw.note("y", flare.sun.y);
    draw.note("angle", 360 * angle);
    draw.note("circles", static_cast<double>(count));
    const bool physics = options_.method == "physics_based";
    draw.add(Filter{[flare = std::move(flare), physics](cv::Mat& bgr) {
      physics ? add_light(bgr, flare) : overlay(bgr, flare);
    }});
  }

 private:
  /// Colours are up to a fifth of full scale below the sun's; radii are cubes, so that few are big.
  Ghost draw_ghost(Size size, Point2d sun, double angle, Random& random) const {
    Ghost ghost;
    ghost.alpha = random.uniform(0.05, 0.2);
    const double along = random.uniform(-sun.x, size.width - sun.x);
    const double radians = 2 * std::numbers::pi * angle;
    ghost.centre = {sun.x + along * std::cos(radians), sun.y + along * std::sin(radians)};
    const double root = static_cast<double>(random.integer(1, std::max(2, size.height / 100)));
    ghost.radius = root * root * root;
    const Rgb& c = options_.src_color;
    const double spread = std::max({c.r, c.g, c.b}) * 0.2;
    const auto below = [&](std::uint8_t level) {
      return static_cast<std::uint8_t>(
          std::lround(random.uniform(std::max(0.0, level - spread), level)));
    };
    ghost.colour.r = below(c.r);
    ghost.colour.g = below(c.g);
    ghost.colour.b = below(c.b);
    return ghost;
  }

  Options options_;
  ShareBox roi_;
};

void adapt(Settings& settings, Dialect /*dialect*/) {
  join_ends(settings, "angle_lower", "angle_upper", "angle_range", {0, 1});
  join_ends(settings,
            "num_flare_circles_lower",
            "num_flare_circles_upper",
            "num_flare_circles_range",
            {6, 10});
}

}  // namespace

TransformEntry random_sun_flare() {
  return transform_entry<RandomSunFlare>("RandomSunFlare",
                                         "Puts the sun and its flares into the picture.",
                                         TransformKind::kFilter,
                                         0.5,
                                         adapt);
}

}  // namespace labelloom::augment
