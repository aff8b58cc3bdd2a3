#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace labelloom {

/// Solves the assignment problem: each row takes at most one column and each column at most one
/// row, so that as many rows as possible are served, and of those ways the one of least total cost.
///
/// `cost` is [row_count, column_count], row-major; infinity forbids a pair, negative costs are
/// fine. Jonker and Volgenant's shortest augmenting paths, O(n^2 m) with n = min and m = max of the
/// two counts. Ties are broken the same way for the same input.
/// @returns the column of each row; nothing for a row that is not served.
/// @throws Error(kArgument) if `cost` has another size, or an entry is NaN or minus infinity.
[[nodiscard]] std::vector<std::optional<std::size_t>> solve_assignment(std::span<const double> cost,
                                                                       std::size_t row_count,
                                                                       std::size_t column_count);

}  // namespace labelloom
