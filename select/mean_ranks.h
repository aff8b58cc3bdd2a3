#pragma once

#include <vector>

namespace labelloom::select {

/// Ranks in (0, 1), the mean of equals' ranks, greater for greater; NaN for NaN. Only values that
/// are `counted` change the others' ranks; those that are not have the rank, in [0, 1], of their
/// place among the counted.
/// @param counted [values]; if no value is, all are
[[nodiscard]] std::vector<double> mean_ranks(const std::vector<double>& values,
                                             std::vector<bool> counted = {});

}  // namespace labelloom::select
