// The median over a square window, each channel by itself.

#include <opencv2/imgproc.hpp>

#include "augment/kernel.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class MedianBlur final : public Transform {
 public:
  struct Options {
    IntRange blur_limit{3, 7};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("blur_limit", self.blur_limit, kBlurLimitSpec);
    }
  };

  explicit MedianBlur(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const int side = draw_odd(options_.blur_limit, random);
    draw.note("kernel", side);
    draw.add(Filter{[side](cv::Mat& bgr) { cv::medianBlur(bgr, bgr, side); }});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry median_blur() {
  return transform_entry<MedianBlur>(
      "MedianBlur", "Takes the median over a square window.", TransformKind::kFilter);
}

}  // namespace labelloom::augment
