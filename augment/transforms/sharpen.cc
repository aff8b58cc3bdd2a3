// Sharpens with a fixed kernel or against a Gaussian blur.

#include <array>
#include <cmath>
#include <string>

#include <opencv2/imgproc.hpp>

#include "augment/kernel.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

/// v + alpha (v - blurred v).
void sharpen_against_blur(cv::Mat& bgr, double alpha, int side, double sigma) {
  std::array<int, 511> change{};
  for (int i = 0; i < 511; ++i) {
    change[static_cast<std::size_t>(i)] = static_cast<int>(std::lround(alpha * (i - 255)));
  }
  cv::Mat blurred;
  cv::GaussianBlur(bgr, blurred, {side, side}, sigma, sigma);
  for (int y = 0; y < bgr.rows; ++y) {
    auto* level = bgr.ptr<std::uint8_t>(y);
    const auto* smooth = blurred.ptr<std::uint8_t>(y);
    for (int i = 0; i < 3 * bgr.cols; ++i) {
      const int difference = level[i] - smooth[i] + 255;
      level[i] =
          cv::saturate_cast<std::uint8_t>(level[i] + change[static_cast<unsigned>(difference)]);
    }
  }
}

class Sharpen final : public Transform {
 public:
  struct Options {
    Range alpha{0.2, 0.5};
    Range lightness{0.5, 1};
    std::string method = "kernel";
    int kernel_size = 5;
    double sigma = 1;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("alpha",
            self.alpha,
            FieldSpec{.doc = "share of the sharpened picture",
                      .low = 0,
                      .high = 1,
                      .scalar = Scalar::kFrom,
                      .aliases = {"alpha_range"}});
      visit("lightness",
            self.lightness,
            FieldSpec{.doc = "sum of the kernel: 1 keeps the brightness, less darkens",
                      .low = 0,
                      .high = 100,
                      .scalar = Scalar::kFrom,
                      .aliases = {"lightness_range"}});
      visit("method",
            self.method,
            FieldSpec{.doc = "a 3 x 3 kernel, or the difference to a Gaussian blur",
                      .choices = {"kernel", "gaussian"}});
      visit("kernel_size",
            self.kernel_size,
            FieldSpec{
                .doc = "gaussian: side of the window in pixels, made odd", .low = 3, .high = 255});
      visit("sigma",
            self.sigma,
            FieldSpec{.doc = "gaussian: standard deviation in pixels", .low = 0.01, .high = 36});
    }
  };

  explicit Sharpen(Options options) : options_(std::move(options)) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const double alpha = random.uniform(options_.alpha.low, options_.alpha.high);
    draw.note("alpha", alpha);
    if (options_.method == "gaussian") {
      draw.add(Filter{[alpha, side = options_.kernel_size | 1, sigma = options_.sigma](
                          cv::Mat& bgr) { sharpen_against_blur(bgr, alpha, side, sigma); }});
      return;
    }
    const double lightness = random.uniform(options_.lightness.low, options_.lightness.high);
    draw.note("lightness", lightness);
    std::array<double, 9> kernel{};
    kernel.fill(-alpha);
    kernel[4] = 1 - alpha + alpha * (8 + lightness);
    draw.add(Filter{[kernel](cv::Mat& bgr) { correlate(bgr, kernel); }});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry sharpen() {
  return transform_entry<Sharpen>(
      "Sharpen", "Sharpens and lays the result over the picture.", TransformKind::kFilter);
}

}  // namespace labelloom::augment
