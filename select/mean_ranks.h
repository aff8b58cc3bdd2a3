#pragma once

#include <vector>

namespace labelloom::select {

/// Ranks in (0, 1), the mean of equals' ranks, greater for greater; NaN for NaN.
[[nodiscard]] std::vector<double> mean_ranks(const std::vector<double>& values);

}  // namespace labelloom::select
