#include "convert/assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

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

/// The classic algorithm for a full matrix with row_count <= column_count. Row by row, the shortest
/// path of alternating pairs to a free column is found in reduced costs (Dijkstra) and flipped.
class ShortestPaths {
 public:
  ShortestPaths(const std::vector<double>& cost, std::size_t row_count, std::size_t column_count)
      : cost_(cost),
        column_count_(column_count),
        row_price_(row_count, 0.0),
        column_price_(column_count, 0.0),
        row_of_(column_count, kNobody),
        previous_(column_count),
        length_(column_count),
        done_(column_count) {
    for (std::size_t row = 0; row < row_count; ++row) serve(row);
  }

  [[nodiscard]] const std::vector<std::size_t>& row_of() const { return row_of_; }

 private:
  void serve(std::size_t new_row) {
    std::ranges::fill(length_, kInfinity);
    done_.assign(column_count_, false);
    std::ranges::fill(previous_, kNobody);
    std::size_t row = new_row;
    std::size_t column = kNobody;  // last column of the path so far
    double reached = 0;
    while (true) {
      std::size_t nearest = kNobody;
      for (std::size_t j = 0; j < column_count_; ++j) {
        if (done_[j]) continue;
        const double length =
            reached + cost_[row * column_count_ + j] - row_price_[row] - column_price_[j];
        if (length < length_[j]) {
          length_[j] = length;
          previous_[j] = column;
        }
        if (nearest == kNobody || length_[j] < length_[nearest]) nearest = j;
      }
      column = nearest;
      reached = length_[column];
      done_[column] = true;
      if (row_of_[column] == kNobody) break;
      row = row_of_[column];
    }
    reprice(new_row, reached);
    while (column != kNobody) {
      const std::size_t before = previous_[column];
      row_of_[column] = before == kNobody ? new_row : row_of_[before];
      column = before;
    }
  }

  void reprice(std::size_t new_row, double reached) {
    row_price_[new_row] += reached;
    for (std::size_t j = 0; j < column_count_; ++j) {
      if (!done_[j] || row_of_[j] == kNobody) continue;
      row_price_[row_of_[j]] += reached - length_[j];
      column_price_[j] -= reached - length_[j];
    }
  }

  const std::vector<double>& cost_;
  std::size_t column_count_;
  std::vector<double> row_price_;
  std::vector<double> column_price_;
  std::vector<std::size_t> row_of_;    // row that has a column
  std::vector<std::size_t> previous_;  // column before a column on the shortest path
  std::vector<double> length_;
  std::vector<bool> done_;
};

}  // namespace

std::vector<std::optional<std::size_t>> solve_assignment(std::span<const double> cost,
                                                         std::size_t row_count,
                                                         std::size_t column_count) {
  check(cost, row_count, column_count);
  std::vector<std::optional<std::size_t>> result(row_count);
  if (row_count == 0 || column_count == 0) return result;
  if (row_count == 1) {
    const auto best = std::ranges::min_element(cost);
    if (std::isfinite(*best)) result[0] = static_cast<std::size_t>(best - cost.begin());
    return result;
  }
  // The algorithm needs no more rows than columns: else the two change places.
  const bool turned = row_count > column_count;
  const std::size_t n = turned ? column_count : row_count;
  const std::size_t m = turned ? row_count : column_count;
  const double forbidden = forbidden_cost(cost, n);
  std::vector<double> full(n * m);
  for (std::size_t i = 0; i < row_count; ++i) {
    for (std::size_t j = 0; j < column_count; ++j) {
      const double c = cost[i * column_count + j];
      full[turned ? j * m + i : i * m + j] = std::isfinite(c) ? c : forbidden;
    }
  }
  const ShortestPaths paths(full, n, m);
  for (std::size_t j = 0; j < m; ++j) {
    const std::size_t owner = paths.row_of()[j];
    if (owner == kNobody) continue;
    const std::size_t row = turned ? j : owner;
    const std::size_t column = turned ? owner : j;
    if (std::isfinite(cost[row * column_count + column])) result[row] = column;
  }
  return result;
}

}  // namespace labelloom
