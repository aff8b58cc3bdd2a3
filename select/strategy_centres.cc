// Strategies that pick one image after the other, each the furthest from those that are picked or
// labelled already.

#include <algorithm>
#include <numeric>

#include "select/cdal_points.h"
#include "select/strategy.h"

namespace labelloom::select {
namespace {

Ranking by_points(std::shared_ptr<const Points> points, const std::vector<std::uint8_t>& there) {
  Ranking ranking = by_score(std::vector<double>(there.size(), 0));
  for (std::size_t i = 0; i < there.size(); ++i) {
    if (there[i] == 0) ranking.without_point.push_back(i);
  }
  ranking.not_finite = ranking.without_point.size();
  ranking.points = std::move(points);
  ranking.reason = [](std::size_t) { return std::string("unlike all others"); };
  return ranking;
}

}  // namespace

Ranking rank_coreset(const Strategy&, const PoolTable& table, const RankOptions&) {
  if (table.images.empty()) return by_score({});
  const VectorColumn& column = table.vectors.find(vector_column::kEmbedding)->second;
  return by_points(std::make_shared<EuclideanPoints>(column.values, column.length, column.there),
                   column.there);
}

Ranking rank_cdal(const Strategy&, const PoolTable& table, const RankOptions&) {
  if (table.images.empty()) return by_score({});
  const VectorColumn& segmentation = table.vectors.find(vector_column::kCdalSegmentation)->second;
  const VectorColumn& boxes = table.vectors.find(vector_column::kCdalBoxes)->second;
  std::vector<std::uint8_t> there = segmentation.there;
  for (std::size_t i = 0; i < there.size(); ++i) there[i] = there[i] != 0 && boxes.there[i] != 0;
  return by_points(std::make_shared<CdalPoints>(
                       segmentation.values, segmentation.length, boxes.values, boxes.length, there),
                   there);
}

}  // namespace labelloom::select
