// Unsharp masking: sharpens where the picture differs from its blur by more than a threshold.

#include <opencv2/imgproc.hpp>

#include "augment/kernel.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

struct Mask {
  int side = 3;
  double sigma = 0;
  double alpha = 0;
  int threshold = 0;
};

void sharpen_edges(cv::Mat& bgr, const Mask& mask) {
  const cv::Size window(mask.side, mask.side);
  cv::Mat blurred;
  cv::GaussianBlur(bgr, blurred, window, mask.sigma, mask.sigma);
  cv::Mat edges;  // 255 where it is sharpened, with soft borders
  cv::absdiff(bgr, blurred, edges);
  cv::threshold(edges, edges, mask.threshold, 255, cv::THRESH_BINARY);
  cv::GaussianBlur(edges, edges, window, mask.sigma, mask.sigma);
  for (int y = 0; y < bgr.rows; ++y) {
    auto* level = bgr.ptr<std::uint8_t>(y);
    const auto* smooth = blurred.ptr<std::uint8_t>(y);
    const auto* edge = edges.ptr<std::uint8_t>(y);
    for (int i = 0; i < 3 * bgr.cols; ++i) {
      if (edge[i] == 0) continue;
      const double change = mask.alpha * (level[i] - smooth[i]) * edge[i] / 255;
      // Rounded; never below -255.
      const int sharp = level[i] + static_cast<int>(change + 255.5) - 255;
      level[i] = cv::saturate_cast<std::uint8_t>(sharp);
    }
  }
}

class UnsharpMask final : public Transform {
 public:
  struct Options {
    IntRange blur_limit{3, 7};
    Range sigma_limit{0, 0};
    Range alpha{0.2, 0.5};
    int threshold = 10;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("blur_limit", self.blur_limit, kBlurLimitSpec);
      visit("sigma_limit",
            self.sigma_limit,
            FieldSpec{.doc = "standard deviation in pixels; 0: what the window holds",
                      .low = 0,
                      .high = 36,
                      .scalar = Scalar::kFrom,
                      .aliases = {"sigma_range"}});
      visit("alpha",
            self.alpha,
            FieldSpec{.doc = "how much of the difference to the blur is added",
                      .low = 0,
                      .high = 1,
                      .scalar = Scalar::kFrom,
                      .aliases = {"alpha_range"}});
      visit("threshold",
            self.threshold,
            FieldSpec{
                .doc = "differences up to this are noise and stay, of 255", .low = 0, .high = 255});
    }
  };

  explicit UnsharpMask(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    Mask mask;
    mask.side = draw_odd(options_.blur_limit, random);
    mask.sigma = random.uniform(options_.sigma_limit.low, options_.sigma_limit.high);
    mask.alpha = random.uniform(options_.alpha.low, options_.alpha.high);
    mask.threshold = options_.threshold;
    draw.note("kernel", mask.side);
    draw.note("sigma", mask.sigma);
    draw.note("alpha", mask.alpha);
    draw.add(Filter{[mask](cv::Mat& bgr) { sharpen_edges(bgr, mask); }});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry unsharp_mask() {
  return transform_entry<UnsharpMask>(
      "UnsharpMask", "Sharpens edges and leaves noise alone.", TransformKind::kFilter);
}

}  // namespace labelloom::augment
