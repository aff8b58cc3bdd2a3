// Contrast limited adaptive histogram equalisation of the lightness.

#include <array>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class CLAHE final : public Transform {
 public:
  struct Options {
    Range clip_limit{1, 4};
    std::vector<double> tile_grid_size{8, 8};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("clip_limit",
            self.clip_limit,
            FieldSpec{.doc = "highest bin, as a multiple of the mean bin",
                      .low = 1,
                      .high = 1000,
                      .scalar = Scalar::kFrom,
                      .from = 1,
                      .aliases = {"clip_range"}});
      visit("tile_grid_size",
            self.tile_grid_size,
            FieldSpec{.doc = "tiles across and down", .low = 1, .high = 256});
    }
  };

  explicit CLAHE(const Options& options)
      : options_(options), tiles_(two_integers(options.tile_grid_size, "CLAHE: tile_grid_size")) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const double clip = random.uniform(options_.clip_limit.low, options_.clip_limit.high);
    draw.note("clip_limit", clip);
    // Zuiderveld 1994, on L of CIE L*a*b*.
    const cv::Size tiles(tiles_[0], tiles_[1]);
    draw.add(Filter{[clip, tiles](cv::Mat& bgr) {
      cv::Mat lab;
      cv::cvtColor(bgr, lab, cv::COLOR_BGR2Lab);
      cv::Mat lightness;
      cv::extractChannel(lab, lightness, 0);
      cv::createCLAHE(clip, tiles)->apply(lightness, lightness);
      cv::insertChannel(lightness, lab, 0);
      cv::cvtColor(lab, bgr, cv::COLOR_Lab2BGR);
    }});
  }

 private:
  Options options_;
  std::array<int, 2> tiles_;
};

}  // namespace

TransformEntry clahe() {
  return transform_entry<CLAHE>(
      "CLAHE", "Equalises lightness locally, with limited contrast.", TransformKind::kFilter);
}

}  // namespace labelloom::augment
