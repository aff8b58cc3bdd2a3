#include "augment/share_box.h"

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::augment {

ShareBox share_box(const std::vector<double>& sides, std::string_view parameter) {
  if (sides.size() != 4 || sides[0] > sides[2] || sides[1] > sides[3]) {
    throw Error(
        Errc::kInvalidData,
        {},
        fmt::format("{}: expected [x_min, y_min, x_max, y_max], the larger ones last", parameter));
  }
  return {{sides[0], sides[2]}, {sides[1], sides[3]}};
}

}  // namespace labelloom::augment
