// One of the eight symmetries of a square.

#include <array>

#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class D4 final : public Transform {
 public:
  using Options = NoOptions;
  explicit D4(const Options& /*options*/) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    struct Element {
      const char* name = "";
      Homography map;
    };
    const std::array<Element, 8> elements{{{"e", {}},
                                           {"r90", rotation(90)},
                                           {"r180", rotation(180)},
                                           {"r270", rotation(270)},
                                           {"v", scaling(1, -1)},
                                           {"hvt", {{0, -1, 0, -1, 0, 0, 0, 0, 1}}},
                                           {"h", scaling(-1, 1)},
                                           {"t", {{0, 1, 0, 1, 0, 0, 0, 0, 1}}}}};
    const auto index = static_cast<std::size_t>(random.integer(0, 7));
    draw.note("group_element", elements[index].name);
    if (index > 0) draw.add(fitted(elements[index].map, scene.size));
  }
};

}  // namespace

TransformEntry d4() {
  return transform_entry<D4>(
      "D4", "One of the eight symmetries of a square.", TransformKind::kExactMove, 1);
}

}  // namespace labelloom::augment
