#pragma once

#include <cstddef>
#include <cstdint>
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

/// The same for many problems, small ones above all: keeps its memory from one to the next.
class AssignmentSolver {
 public:
  static constexpr auto kNone = static_cast<std::size_t>(-1);
  /// @returns the column of each row, kNone for a row that is not served; valid until the next
  /// call. @throws Error(kArgument) as solve_assignment does.
  std::span<const std::size_t> solve(std::span<const double> cost,
                                     std::size_t row_count,
                                     std::size_t column_count);

 private:
  [[nodiscard]] bool solve_without_conflict(std::span<const double> cost,
                                            std::size_t row_count,
                                            std::size_t column_count);
  void find_shortest_paths(std::size_t row_count, std::size_t column_count);
  void serve(std::size_t new_row, std::size_t column_count);
  void reprice(std::size_t new_row, double reached);

  std::vector<std::size_t> result_;
  // Of the matrix that has no more rows than columns.
  std::vector<double> cost_;
  std::vector<double> row_price_;
  std::vector<double> column_price_;
  std::vector<std::size_t> row_of_;    // row that has a column
  std::vector<std::size_t> previous_;  // column before a column on the shortest path
  std::vector<double> length_;
  std::vector<std::uint8_t> done_;
};

}  // namespace labelloom
