#include "convert/keypoint_matching.h"

#include <algorithm>
#include <cmath>
#include <limits>

// The cost of giving point k to instance j is, in logarithms of probabilities,
//
//   kOutsideCost max(d, 0) / s + kInsideCost min(d, 0) / s + kAreaCost log(area)
//
// with d the signed distance to j's border and s its size, and every instance with m points gains
//
//   kLayoutGain 2 / (m + 1) sum of the log ratios of its pairs (KeypointLayout).
//
// The factor makes the gain grow with the number of points, not of pairs, which repeat each other.
// All points of one name are assigned at once with the others held fixed; as an instance takes a
// name once, the total is then a sum over pairs (k, j) and the assignment is exact. Name by name
// the total only falls, until nothing changes.
namespace labelloom {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Chosen like the costs in keypoint_candidates.cc.
constexpr double kLayoutGain = 2;
// Points this close to their instance teach the layout.
constexpr double kLearnShare = 0.25;
constexpr int kMostSweeps = 10;

/// Weight of the sum over the pairs of `member_count` points.
double pair_weight(std::size_t member_count) {
  return member_count < 2 ? 0 : kLayoutGain * 2 / (static_cast<double>(member_count) + 1);
}

}  // namespace

const ImageMatch::Edge* ImageMatch::taken_edge(const Point& point) const {
  for (const Edge& edge : edges(point)) {
    if (edge.owner == point.owner) return &edge;
  }
  return nullptr;
}

/// Nobody asks for the members of owners that no open point may go to.
void ImageMatch::count_members(const KeypointLayout& layout) {
  auto& members = scratch_->no_members(owners_.size());
  scratch_->pair_sums.assign(owners_.size(), 0.0);
  for (std::uint32_t i = 0; i < points_.size(); ++i) {
    const std::uint32_t owner = points_[i].owner;
    if (owner == kNobody || !owners_[owner].is_disputed) continue;
    const Edge* edge = taken_edge(points_[i]);
    if (edge == nullptr) continue;
    scratch_->pair_sums[edge->owner] += pair_sum(points_[i], *edge, layout);
    members[edge->owner].push_back(i);
  }
}

double ImageMatch::pair_ratio(const Point& point,
                              const Edge& edge,
                              const Point& member,
                              const KeypointLayout& layout) const {
  const Owner& owner = owners_[edge.owner];
  const Point2d offset = {(member.at.x - point.at.x) / owner.size_px(),
                          (member.at.y - point.at.y) / owner.size_px()};
  return layout.log_ratio(owner.category, edge.slot, member.slot, offset);
}

double ImageMatch::pair_sum(const Point& point, const Edge& edge, const KeypointLayout& layout) {
  const auto row = static_cast<std::size_t>(&edge - edges_.data()) * points_.size();
  std::vector<float>& ratios = scratch_->ratios;
  double sum = 0;
  for (const std::uint32_t member : scratch_->members[edge.owner]) {
    if (ratios.empty()) {
      sum += pair_ratio(point, edge, points_[member], layout);
      continue;
    }
    float& known = ratios[row + member];
    if (std::isnan(known)) {
      known = static_cast<float>(pair_ratio(point, edge, points_[member], layout));
    }
    sum += static_cast<double>(known);
  }
  return sum;
}

void ImageMatch::attach(std::uint32_t index, const Edge& edge, const KeypointLayout* layout) {
  Point& point = points_[index];
  if (layout != nullptr) {
    scratch_->pair_sums[edge.owner] += pair_sum(point, edge, *layout);
    scratch_->members[edge.owner].push_back(index);
  }
  point.owner = edge.owner;
  point.slot = edge.slot;
  point.distance_px = edge.distance_px;
}

void ImageMatch::detach(std::uint32_t index, const KeypointLayout* layout) {
  Point& point = points_[index];
  const Edge* edge = taken_edge(point);
  if (edge != nullptr && layout != nullptr) {
    std::erase(scratch_->members[edge->owner], index);
    scratch_->pair_sums[edge->owner] -= pair_sum(point, *edge, *layout);
  }
  point.owner = kNobody;
}

double ImageMatch::edge_cost(const Point& point, const Edge& edge, const KeypointLayout* layout) {
  if (layout == nullptr) return edge.cost;
  const std::size_t count = scratch_->members[edge.owner].size();
  const double before = scratch_->pair_sums[edge.owner];
  const double after = before + pair_sum(point, edge, *layout);
  return edge.cost - (pair_weight(count + 1) * after - pair_weight(count) * before);
}

const MatchCosts& ImageMatch::price(const Block& block, const KeypointLayout* layout) {
  MatchCosts& costs = scratch_->costs;
  std::vector<std::uint32_t>& settled = scratch_->settled;
  costs.rows.clear();
  costs.columns.clear();
  settled.clear();
  for (std::uint32_t i = block.first; i < block.last; ++i) {
    const Point& point = points_[i];
    if (point.fixed) {
      if (point.owner != kNobody) settled.push_back(point.owner);
      continue;
    }
    detach(i, layout);
    if (point.edge_count == 0) continue;
    costs.rows.push_back(i);
    for (const Edge& edge : edges(point)) costs.columns.push_back(edge.owner);
  }
  std::ranges::sort(costs.columns);
  costs.columns.erase(std::unique(costs.columns.begin(), costs.columns.end()), costs.columns.end());
  std::erase_if(costs.columns, [&](std::uint32_t owner) {
    return std::ranges::find(settled, owner) != settled.end();
  });
  costs.cost.assign(costs.rows.size() * costs.columns.size(), kInfinity);
  for (std::size_t row = 0; row < costs.rows.size(); ++row) {
    const Point& point = points_[costs.rows[row]];
    for (const Edge& edge : edges(point)) {
      const auto column = std::ranges::lower_bound(costs.columns, edge.owner);
      if (column == costs.columns.end() || *column != edge.owner) continue;
      costs.cost[row * costs.columns.size() +
                 static_cast<std::size_t>(column - costs.columns.begin())] =
          edge_cost(point, edge, layout);
    }
  }
  return costs;
}

bool ImageMatch::solve_block(const Block& block, const KeypointLayout* layout) {
  std::vector<std::uint32_t>& before = scratch_->before;
  before.clear();
  for (std::uint32_t i = block.first; i < block.last; ++i) before.push_back(points_[i].owner);
  const MatchCosts& costs = price(block, layout);
  const auto columns = scratch_->solver.solve(costs.cost, costs.rows.size(), costs.columns.size());
  for (std::size_t row = 0; row < costs.rows.size(); ++row) {
    if (columns[row] == AssignmentSolver::kNone) continue;
    const std::uint32_t owner = costs.columns[columns[row]];
    for (const Edge& edge : edges(points_[costs.rows[row]])) {
      if (edge.owner == owner) attach(costs.rows[row], edge, layout);
    }
  }
  bool changed = false;
  for (std::uint32_t i = block.first; i < block.last; ++i) {
    changed |= points_[i].owner != before[i - block.first];
  }
  return changed;
}

double ImageMatch::total_cost() const {
  double total = 0;
  for (const Point& point : points_) {
    const Edge* edge = taken_edge(point);
    if (edge != nullptr) total += edge->cost;
  }
  for (std::size_t j = 0; j < owners_.size(); ++j) {
    total -= pair_weight(scratch_->members[j].size()) * scratch_->pair_sums[j];
  }
  return total;
}

void ImageMatch::get_assignment(std::vector<std::uint32_t>& owners) const {
  owners.resize(points_.size());
  for (std::size_t i = 0; i < points_.size(); ++i) owners[i] = points_[i].owner;
}

void ImageMatch::restore(const std::vector<std::uint32_t>& owners) {
  for (std::uint32_t i = 0; i < points_.size(); ++i) {
    if (points_[i].fixed) continue;
    points_[i].owner = kNobody;
    for (const Edge& edge : edges(points_[i])) {
      if (edge.owner == owners[i]) attach(i, edge, nullptr);
    }
  }
}

void ImageMatch::solve(const KeypointLayout* layout, MatchScratch& scratch) {
  scratch_ = &scratch;
  if (layout == nullptr) {
    for (const Block& block : open_blocks_) solve_block(block, nullptr);
    return;
  }
  get_assignment(scratch.start);
  const std::vector<std::uint32_t>& start = scratch.start;
  scratch.ratios.clear();
  if (edges_.size() * points_.size() <= kMostRatios) {
    scratch.ratios.assign(edges_.size() * points_.size(), std::numeric_limits<float>::quiet_NaN());
  }
  // The order of the names decides in which of several valleys the descent ends: go both ways.
  const int directions = open_blocks_.size() > 1 ? 2 : 1;
  std::vector<std::uint32_t>& best = scratch.best;
  best = start;
  double best_cost = kInfinity;
  for (int direction = 0; direction < directions; ++direction) {
    if (direction > 0) restore(start);
    count_members(*layout);
    bool moved = false;
    for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
      bool swept = false;
      for (const Block& block : open_blocks_) swept |= solve_block(block, layout);
      moved |= swept;
      if (!swept) break;
    }
    std::ranges::reverse(open_blocks_);
    if (!moved) return;  // no name can do better alone, in any order
    const double cost = total_cost();
    if (cost >= best_cost) continue;
    best_cost = cost;
    get_assignment(best);
  }
  restore(best);
}

void ImageMatch::learn(Pairs pairs, LayoutSums& sums, MatchScratch& scratch) const {
  auto& members = scratch.no_members(owners_.size());
  for (std::uint32_t i = 0; i < points_.size(); ++i) {
    const Point& point = points_[i];
    if (point.owner == kNobody) continue;
    const Owner& owner = owners_[point.owner];
    if (pairs == Pairs::kOpen && !owner.is_disputed) continue;
    if (!point.given && point.distance_px > kLearnShare * owner.size_px()) continue;
    for (const std::uint32_t member : members[point.owner]) {
      const Point& other = points_[member];
      if ((other.fixed && point.fixed) != (pairs == Pairs::kSettled)) continue;
      sums.add(owner.category,
               other.slot,
               point.slot,
               {(point.at.x - other.at.x) / owner.size_px(),
                (point.at.y - other.at.y) / owner.size_px()});
    }
    members[point.owner].push_back(i);
  }
}

}  // namespace labelloom
