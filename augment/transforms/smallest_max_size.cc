// Another size: the shortest side as given, the other in proportion.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "augment/frames.h"
#include "augment/max_size.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class SmallestMaxSize final : public Transform {
 public:
  struct Options {
    std::vector<double> max_size{1024};
    std::optional<std::vector<double>> max_size_hw;
    Resizing resizing;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("max_size",
            self.max_size,
            FieldSpec{.doc = "pixels; of a list one is chosen", .low = 1, .high = 32767});
      visit(
          "max_size_hw",
          self.max_size_hw,
          FieldSpec{
              .doc = "instead of max_size: [height, width], 0 for free", .low = 0, .high = 32767});
      Resizing::fields(self.resizing, visit);
    }
  };

  explicit SmallestMaxSize(const Options& options) : options_(options) {
    check_max_size_hw(options.max_size_hw, "SmallestMaxSize");
  }

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const double w = scene.size.width;
    const double h = scene.size.height;
    double scale = 0;
    if (options_.max_size_hw) {
      const double y = options_.max_size_hw->front() / h;
      const double x = options_.max_size_hw->back() / w;
      scale = std::max(x, y);
    } else {
      const auto last = static_cast<std::int64_t>(options_.max_size.size()) - 1;
      const double side = options_.max_size[static_cast<std::size_t>(random.integer(0, last))];
      draw.note("max_size", side);
      scale = side / std::min(w, h);
    }
    const Size out{std::max(1, static_cast<int>(std::lround(w * scale))),
                   std::max(1, static_cast<int>(std::lround(h * scale)))};
    if (out != scene.size) draw.add(resized(scene.size, out, options_.resizing));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry smallest_max_size() {
  return transform_entry<SmallestMaxSize>("SmallestMaxSize",
                                          "Resizes so that the shorter side has a given length.",
                                          TransformKind::kProjective,
                                          1,
                                          adapt_max_size);
}

}  // namespace labelloom::augment
