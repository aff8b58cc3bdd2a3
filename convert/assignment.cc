#include "convert/assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void check(std::span<const double> cost, std::size_t row_count, std::size_t column_count) {
  if (cost.size() != row_count * column_count) {
    throw Error(Errc::kArgument,
                {},
                fmt::format("an assignment of {} rows and {} columns has {} costs (expected {})",
                            row_count,
                            column_count,
                            cost.size(),
                            row_count * column_count));
  }
  if (std::ranges::any_of(cost, [](double c) { return std::isnan(c) || c == -kInfinity; })) {
    throw Error(Errc::kArgument, {}, "an assignment has a cost that is not a number");
  }
}

/// What a forbidden pair costs: more than any exchange of allowed ones can gain.
double forbidden_cost(std::span<const double> cost, std::size_t row_count) {
  double largest = 0;
  for (const double c : cost) {
    if (std::isfinite(c)) largest = std::max(largest, std::abs(c));
  }
  return 1 + 2 * largest * static_cast<double>(row_count + 1);
}

}  // namespace

/// The classic algorithm for a full matrix with row_count <= column_count. Row by row, the shortest
/// path of alternating pairs to a free column is found in reduced costs (Dijkstra) and flipped.
void AssignmentSolver::find_shortest_paths(std::size_t row_count, std::size_t column_count) {
  row_price_.assign(row_count, 0.0);
  column_price_.assign(column_count, 0.0);
  row_of_.assign(column_count, kNone);
  for (std::size_t row = 0; row < row_count; ++row) serve(row, column_count);
}

void AssignmentSolver::serve(std::size_t new_row, std::size_t column_count) {
  length_.assign(column_count, kInfinity);
  done_.assign(column_count, 0);
  previous_.assign(column_count, kNone);
  std::size_t row = new_row;
  std::size_t column = kNone;  // last column of the path so far
  double reached = 0;
  while (true) {
    std::size_t nearest = kNone;
    for (std::size_t j = 0; j < column_count; ++j) {
      if (done_[j] != 0) continue;
      const double length =
          reached + cost_[row * column_count + j] - row_price_[row] - column_price_[j];
      if (length < length_[j]) {
        length_[j] = length;
        previous_[j] = column;
      }
      if (nearest == kNone || length_[j] < length_[nearest]) nearest = j;
    }
    column = nearest;
    reached = length_[column];
    done_[column] = 1;
    if (row_of_[column] == kNone) break;
    row = row_of_[column];
  }
  reprice(new_row, reached);
  while (column != kNone) {
    const std::size_t before = previous_[column];
    row_of_[column] = before == kNone ? new_row : row_of_[before];
    column = before;
  }
}

void AssignmentSolver::reprice(std::size_t new_row, double reached) {
  row_price_[new_row] += reached;
  for (std::size_t j = 0; j < done_.size(); ++j) {
    if (done_[j] == 0 || row_of_[j] == kNone) continue;
    row_price_[row_of_[j]] += reached - length_[j];
    column_price_[j] -= reached - length_[j];
  }
}

/// Where the cheapest columns of all rows are different ones, they are the answer: the path of each
/// row would be that one step. (Of columns and rows, if there are more rows.)
bool AssignmentSolver::solve_without_conflict(std::span<const double> cost,
                                              std::size_t row_count,
                                              std::size_t column_count) {
  const bool turned = row_count > column_count;
  const std::size_t n = turned ? column_count : row_count;
  const std::size_t m = turned ? row_count : column_count;
  const std::size_t step_i = turned ? 1 : column_count;
  const std::size_t step_j = turned ? column_count : 1;
  row_of_.assign(m, kNone);
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t best = 0;
    for (std::size_t j = 1; j < m; ++j) {
      if (cost[i * step_i + j * step_j] < cost[i * step_i + best * step_j]) best = j;
    }
    if (row_of_[best] != kNone || !std::isfinite(cost[i * step_i + best * step_j])) return false;
    row_of_[best] = i;
  }
  for (std::size_t j = 0; j < m; ++j) {
    if (row_of_[j] == kNone) continue;
    result_[turned ? j : row_of_[j]] = turned ? row_of_[j] : j;
  }
  return true;
}

std::span<const std::size_t> AssignmentSolver::solve(std::span<const double> cost,
                                                     std::size_t row_count,
                                                     std::size_t column_count) {
  check(cost, row_count, column_count);
  result_.assign(row_count, kNone);
  if (row_count == 0 || column_count == 0) return result_;
  if (solve_without_conflict(cost, row_count, column_count) || row_count == 1) return result_;
  // The algorithm needs no more rows than columns: else the two change places.
  const bool turned = row_count > column_count;
  const std::size_t n = turned ? column_count : row_count;
  const std::size_t m = turned ? row_count : column_count;
  const double forbidden = forbidden_cost(cost, n);
  cost_.resize(n * m);
  for (std::size_t i = 0; i < row_count; ++i) {
    for (std::size_t j = 0; j < column_count; ++j) {
      const double c = cost[i * column_count + j];
      cost_[turned ? j * m + i : i * m + j] = std::isfinite(c) ? c : forbidden;
    }
  }
  find_shortest_paths(n, m);
  for (std::size_t j = 0; j < m; ++j) {
    const std::size_t owner = row_of_[j];
    if (owner == kNone) continue;
    const std::size_t row = turned ? j : owner;
    const std::size_t column = turned ? owner : j;
    if (std::isfinite(cost[row * column_count + column])) result_[row] = column;
  }
  return result_;
}

std::vector<std::optional<std::size_t>> solve_assignment(std::span<const double> cost,
                                                         std::size_t row_count,
                                                         std::size_t column_count) {
  AssignmentSolver solver;
  std::vector<std::optional<std::size_t>> result(row_count);
  const auto columns = solver.solve(cost, row_count, column_count);
  for (std::size_t row = 0; row < row_count; ++row) {
    if (columns[row] != AssignmentSolver::kNone) result[row] = columns[row];
  }
  return result;
}

}  // namespace labelloom
