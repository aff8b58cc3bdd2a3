#pragma once

#include <string_view>
#include <vector>

#include "augment/options.h"

namespace labelloom::augment {

/// A part of the frame, in shares of its width and height.
struct ShareBox {
  Range x;
  Range y;
};

/// From [x_min, y_min, x_max, y_max], each in [0, 1]. @throws Error(kInvalidData) with the
/// parameter's name if it is not such a list.
[[nodiscard]] ShareBox share_box(const std::vector<double>& sides, std::string_view parameter);

}  // namespace labelloom::augment
