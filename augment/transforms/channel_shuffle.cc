// Permutes red, green and blue.

#include <array>
#include <string>
#include <utility>

#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class ChannelShuffle final : public Transform {
 public:
  using Options = NoOptions;
  explicit ChannelShuffle(const Options& /*options*/) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    std::array<std::size_t, 3> from{0, 1, 2};
    for (std::size_t i = 2; i > 0; --i) {  // Fisher and Yates
      std::swap(from[i], from[static_cast<std::size_t>(random.integer(0, std::int64_t(i)))]);
    }
    ColourMatrix matrix{{}};
    std::string order;
    for (std::size_t i = 0; i < 3; ++i) {
      matrix.m[i * 4 + from[i]] = 1;
      order += "rgb"[from[i]];
    }
    draw.note("order", order);
    draw.add(matrix);
  }
};

}  // namespace

TransformEntry channel_shuffle() {
  return transform_entry<ChannelShuffle>(
      "ChannelShuffle", "Permutes red, green and blue.", TransformKind::kColour);
}

}  // namespace labelloom::augment
