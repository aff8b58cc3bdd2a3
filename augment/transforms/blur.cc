// The mean over a square window.

#include <opencv2/imgproc.hpp>

#include "augment/kernel.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class Blur final : public Transform {
 public:
  struct Options {
    IntRange blur_limit{3, 7};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("blur_limit", self.blur_limit, kBlurLimitSpec);
    }
  };

  explicit Blur(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const int side = draw_odd(options_.blur_limit, random);
    draw.note("kernel", side);
    draw.add(Filter{[side](cv::Mat& bgr) { cv::blur(bgr, bgr, {side, side}); }});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry blur() {
  return transform_entry<Blur>(
      "Blur", "Takes the mean over a square window.", TransformKind::kFilter);
}

}  // namespace labelloom::augment
