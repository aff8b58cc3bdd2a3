#pragma once

#include <optional>

#include "formats/geometry.h"

namespace labelloom {

/// What is left of `from` where `what` is taken away, holes of both respected; to about 1e-6 of the
/// extent (Boost.Geometry's); parts that nothing comes near stay as they are. Parts under
/// `min_area` square pixels are dropped. Nothing when a ring of either is not a simple polygon:
/// such have no one difference.
[[nodiscard]] std::optional<Rings> subtract(const Rings& from,
                                            const Rings& what,
                                            double min_area = 1e-3);

}  // namespace labelloom
