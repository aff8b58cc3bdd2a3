// Squares and rectangles of one colour, as Albumentations 1 had them.

#include <algorithm>
#include <utility>
#include <vector>

#include "augment/holes.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

void adapt(Settings& settings, Dialect /*dialect*/) { adapt_hole_fill(settings); }

class Cutout final : public Transform {
 public:
  struct Options {
    int num_holes = 8;
    int max_h_size = 8;
    int max_w_size = 8;
    HoleFill fill;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("num_holes",
            self.num_holes,
            FieldSpec{.doc = "number of holes", .low = 1, .high = 10000});
      visit("max_h_size",
            self.max_h_size,
            FieldSpec{.doc = "height of the holes, pixels", .low = 1, .high = 32767});
      visit("max_w_size",
            self.max_w_size,
            FieldSpec{.doc = "width of the holes, pixels", .low = 1, .high = 32767});
      hole_fill_fields(self.fill, visit);
    }
  };

  explicit Cutout(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    std::vector<PixelRect> rects;
    for (int i = 0; i < options_.num_holes; ++i) {
      // Centres lie anywhere; holes are moved in from the top and the left, cut right and below.
      const auto y = static_cast<int>(random.integer(0, scene.size.height - 1));
      const auto x = static_cast<int>(random.integer(0, scene.size.width - 1));
      rects.push_back({std::max(0, x - options_.max_w_size / 2),
                       std::max(0, y - options_.max_h_size / 2),
                       options_.max_w_size,
                       options_.max_h_size});
    }
    draw.add(erase(std::move(rects), options_.fill, random));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry cutout() {
  return transform_entry<Cutout>(
      "Cutout", "Paints rectangles over.", TransformKind::kErase, 0.5, adapt);
}

}  // namespace labelloom::augment
