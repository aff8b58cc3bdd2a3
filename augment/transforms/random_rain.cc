// Rain: slanted streaks over a darker picture.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

#include <opencv2/imgproc.hpp>

#include "augment/adapting.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

struct Rain {
  double slant = 0;
  int length = 1;
  int drops = 0;
  int width = 1;
  int blur = 1;
  double brightness = 1;
  Rgb colour = {};
  std::uint64_t key = 0;
};

cv::Mat streaks(const Rain& rain, cv::Size size) {
  constexpr int kSubpixelBits = 4;
  cv::Mat layer = cv::Mat::zeros(size, CV_8U);
  Random random(RandomKey{.seed = rain.key});
  const auto point = [](double x, double y) {
    return cv::Point(static_cast<int>(std::lround(x * (1 << kSubpixelBits))),
                     static_cast<int>(std::lround(y * (1 << kSubpixelBits))));
  };
  for (int i = 0; i < rain.drops; ++i) {
    const double x = random.uniform(-std::abs(rain.slant), size.width + std::abs(rain.slant));
    const double y = random.uniform(-rain.length, size.height);
    cv::line(layer,
             point(x, y),
             point(x + rain.slant, y + rain.length),
             255,
             rain.width,
             cv::LINE_AA,
             kSubpixelBits);
  }
  if (rain.blur > 1) cv::blur(layer, layer, {rain.blur, rain.blur});
  return layer;
}

/// The blur is the drops' alone; Albumentations 1 blurs the picture as well.
void add_rain(cv::Mat& bgr, const Rain& rain) {
  const cv::Mat layer = streaks(rain, bgr.size());
  const std::array<int, 3> colour{rain.colour.b, rain.colour.g, rain.colour.r};
  std::array<std::uint8_t, 256> dimmed{};
  for (int i = 0; i < 256; ++i) {
    dimmed[static_cast<std::size_t>(i)] =
        static_cast<std::uint8_t>(std::lround(i * rain.brightness));
  }
  for (int y = 0; y < bgr.rows; ++y) {
    auto* level = bgr.ptr<std::uint8_t>(y);
    const auto* drop = layer.ptr<std::uint8_t>(y);
    for (int x = 0; x < bgr.cols; ++x, ++drop) {
      for (const int channel : colour) {
        const int light = dimmed[*level] + (channel * *drop + 127) / 255;
        *level++ = static_cast<std::uint8_t>(std::min(light, 255));
      }
    }
  }
}

class RandomRain final : public Transform {
 public:
  struct Options {
    Range slant_range{-10, 10};
    std::optional<int> drop_length;
    int drop_width = 1;
    Rgb drop_color{200, 200, 200};
    int blur_value = 7;
    double brightness_coefficient = 0.7;
    std::string rain_type = "default";
    std::optional<double> drop_area;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("slant_range",
            self.slant_range,
            FieldSpec{.doc = "how far a drop's lower end is to the right of the upper one, pixels",
                      .low = -45,
                      .high = 45});
      visit("drop_length",
            self.drop_length,
            FieldSpec{.doc = "pixels; null: an eighth of the height", .low = 1, .high = 10000});
      visit("drop_width", self.drop_width, FieldSpec{.doc = "pixels", .low = 1, .high = 255});
      visit("drop_color", self.drop_color, FieldSpec{.doc = "one number or [r, g, b]"});
      visit("blur_value",
            self.blur_value,
            FieldSpec{.doc = "side of the drops' blur, pixels", .low = 1, .high = 255});
      visit("brightness_coefficient",
            self.brightness_coefficient,
            FieldSpec{.doc = "factor for the picture", .low = 0, .high = 1});
      visit("rain_type",
            self.rain_type,
            FieldSpec{.doc = "how many drops: a quarter of the height in rows, all, twice, a third",
                      .choices = {"drizzle", "heavy", "torrential", "default"}});
      visit("drop_area",
            self.drop_area,
            FieldSpec{
                .doc = "pixels of the picture a drop; null: by rain_type", .low = 10, .high = 1e9});
    }
  };

  explicit RandomRain(Options options) : options_(std::move(options)) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    Rain rain;
    rain.slant = random.uniform(options_.slant_range.low, options_.slant_range.high);
    rain.length = options_.drop_length.value_or(std::max(1, scene.size.height / 8));
    rain.drops = drops(scene.size);
    rain.width = options_.drop_width;
    rain.blur = options_.blur_value;
    rain.brightness = options_.brightness_coefficient;
    rain.colour = options_.drop_color;
    rain.key = random.derive();
    draw.note("slant", rain.slant);
    draw.note("drops", rain.drops);
    draw.add(Filter{[rain](cv::Mat& bgr) { add_rain(bgr, rain); }});
  }

 private:
  [[nodiscard]] int drops(Size size) const {
    if (options_.drop_area) {
      return static_cast<int>(1.0 * size.width * size.height / *options_.drop_area);
    }
    if (options_.rain_type == "drizzle") return size.height / 4;
    if (options_.rain_type == "heavy") return size.height;
    if (options_.rain_type == "torrential") return size.height * 2;
    return size.height / 3;
  }

  Options options_;
};

/// Albumentations 1 counts drops by the picture's area, and has shorter ones.
void adapt(Settings& settings, Dialect dialect) {
  join_ends(settings, "slant_lower", "slant_upper", "slant_range", {-10, 10});
  if (const Setting* type = settings.find("rain_type"); type != nullptr && type->is_null()) {
    settings.take("rain_type");
  }
  if (dialect != Dialect::kAlbumentations1) return;
  struct Kind {
    const char* name;
    double area;
    double length;
  };
  static constexpr std::array<Kind, 3> kKinds{
      {{"drizzle", 770, 10}, {"heavy", 600, 30}, {"torrential", 500, 60}}};
  const Setting* type = settings.find("rain_type");
  const std::string* name = type == nullptr ? nullptr : type->as<std::string>();
  const auto kind = std::ranges::find_if(
      kKinds, [name](const Kind& one) { return name != nullptr && *name == one.name; });
  if (kind != kKinds.end()) {
    settings.set("drop_area", {kind->area});
    settings.set("drop_length", {kind->length});
    return;
  }
  settings.set("drop_area", {600.0});
  if (!settings.has("drop_length")) settings.set("drop_length", {20.0});
}

}  // namespace

TransformEntry random_rain() {
  return transform_entry<RandomRain>(
      "RandomRain", "Adds streaks of rain.", TransformKind::kFilter, 0.5, adapt);
}

}  // namespace labelloom::augment
