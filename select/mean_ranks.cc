#include "select/mean_ranks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace labelloom::select {

std::vector<double> mean_ranks(const std::vector<double>& values, std::vector<bool> counted) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) order.push_back(i);
  }
  counted.resize(values.size(), false);
  const auto is_counted = [&](std::size_t i) { return counted[i]; };
  if (std::ranges::none_of(order, is_counted)) counted.assign(values.size(), true);
  const auto count = static_cast<double>(std::ranges::count_if(order, is_counted));
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size(), std::numeric_limits<double>::quiet_NaN());
  std::size_t less = 0;  // that are counted
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    std::size_t equal = 0;
    for (; last < order.size() && values[order[last]] == values[order[first]]; ++last) {
      if (counted[order[last]]) ++equal;
    }
    const double rank = static_cast<double>(2 * less + equal) / (2 * count);
    less += equal;
    for (std::size_t i = first; i < last; ++i) ranks[order[i]] = rank;
  }
  return ranks;
}

}  // namespace labelloom::select
