// Histogram equalisation.

#include <array>
#include <string>

#include <opencv2/imgproc.hpp>

#include "augment/curve.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

void equalize_as_opencv(cv::Mat& channel) { cv::equalizeHist(channel, channel); }

/// ImageOps.equalize. Albumentations 2 counts each level into its own sum, Pillow only those below.
void equalize_as_pillow(cv::Mat& channel) {
  std::array<std::int64_t, 256> histogram{};
  for (int row = 0; row < channel.rows; ++row) {
    const auto* pixel = channel.ptr<std::uint8_t>(row);
    for (int column = 0; column < channel.cols; ++column) ++histogram[pixel[column]];
  }
  std::size_t last = 255;
  while (last > 0 && histogram[last] == 0) --last;
  const std::int64_t total = std::int64_t{channel.rows} * channel.cols;
  const std::int64_t step = (total - histogram[last]) / 255;
  if (step == 0) return;
  std::array<double, 256> table{};
  std::int64_t below = step / 2;
  for (std::size_t level = 0; level < 256; ++level) {
    const std::int64_t share = below / step;
    table[level] = static_cast<double>(share);
    below += histogram[level];
  }
  apply_curve([&](double level) { return table[static_cast<std::size_t>(level)]; }, channel);
}

/// A mask is an array or a function: files hold null at most.
void adapt(Settings& settings, Dialect /*dialect*/) {
  const Setting* mask = settings.find("mask");
  if (mask == nullptr || !mask->is_null()) return;
  settings.take("mask");
  settings.take("mask_params");
}

class Equalize final : public Transform {
 public:
  struct Options {
    std::string mode = "cv";
    bool by_channels = true;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("mode",
            self.mode,
            FieldSpec{.doc = "as OpenCV or as Pillow does it", .choices = {"cv", "pil"}});
      visit("by_channels",
            self.by_channels,
            FieldSpec{.doc = "red, green and blue each for itself; else brightness alone"});
    }
  };

  explicit Equalize(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& /*random*/, Draw& draw) const override {
    const bool by_channels = options_.by_channels;
    const auto equalize = options_.mode == "pil" ? equalize_as_pillow : equalize_as_opencv;
    draw.add(Filter{[by_channels, equalize](cv::Mat& bgr) {
      if (!by_channels) cv::cvtColor(bgr, bgr, cv::COLOR_BGR2YCrCb);
      for (int i = 0; i < (by_channels ? 3 : 1); ++i) {
        cv::Mat channel;
        cv::extractChannel(bgr, channel, i);
        equalize(channel);
        cv::insertChannel(channel, bgr, i);
      }
      if (!by_channels) cv::cvtColor(bgr, bgr, cv::COLOR_YCrCb2BGR);
    }});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry equalize() {
  return transform_entry<Equalize>(
      "Equalize", "Equalises the histogram.", TransformKind::kFilter, 0.5, adapt);
}

}  // namespace labelloom::augment
