// What an image's assignment means for each of its key points, doubts included.

#include <algorithm>
#include <limits>

#include "convert/keypoint_matching.h"

namespace labelloom {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Outside enough to be worth a look, in shares of the instance's size and at least in pixels.
constexpr double kDoubtShare = 0.05;
constexpr double kDoubtPx = 1;
// Another owner costs less than this more: "about as likely".
constexpr double kAmbiguousMargin = 3;

}  // namespace

void ImageMatch::find_ambiguous(const Block& block,
                                const KeypointLayout* layout,
                                std::span<KeypointDecision> decisions) {
  std::vector<std::uint32_t>& owners = scratch_->before;
  owners.clear();
  for (std::uint32_t i = block.first; i < block.last; ++i) owners.push_back(points_[i].owner);
  const MatchCosts& costs = price(block, layout);
  const auto column_of = [&](std::uint32_t owner) {
    return static_cast<std::size_t>(std::ranges::lower_bound(costs.columns, owner) -
                                    costs.columns.begin());
  };
  const std::size_t rows = costs.rows.size();
  constexpr auto kNoRow = static_cast<std::size_t>(-1);
  std::vector<std::size_t> row_of(costs.columns.size(), kNoRow);  // that has the column
  for (std::size_t b = 0; b < rows; ++b) {
    const std::uint32_t owner = owners[costs.rows[b] - block.first];
    if (owner != kNobody) row_of[column_of(owner)] = b;
  }
  for (std::size_t a = 0; a < rows; ++a) {
    const std::uint32_t owner = owners[costs.rows[a] - block.first];
    if (owner == kNobody) continue;
    const std::size_t mine = column_of(owner);
    double margin = kInfinity;
    std::size_t runner_up = mine;
    for (std::size_t j = 0; j < costs.columns.size(); ++j) {
      if (j == mine) continue;
      double change = costs.at(a, j) - costs.at(a, mine);
      if (const std::size_t b = row_of[j]; b != kNoRow) {
        change += costs.at(b, mine) - costs.at(b, j);  // they change places
      }
      if (change < margin) {
        margin = change;
        runner_up = j;
      }
    }
    if (margin >= kAmbiguousMargin) continue;
    const Point& point = points_[costs.rows[a]];
    KeypointDecision& decision = decisions[point.loose];
    decision.doubt = KeypointDecision::Doubt::kAmbiguous;
    decision.other_id = id(costs.columns[runner_up]);
    for (const Edge& edge : edges(point)) {
      if (edge.owner == costs.columns[runner_up]) decision.other_distance_px = edge.distance_px;
    }
  }
  // Back to where they were.
  for (std::size_t a = 0; a < rows; ++a) {
    for (const Edge& edge : edges(points_[costs.rows[a]])) {
      if (edge.owner == owners[costs.rows[a] - block.first]) attach(costs.rows[a], edge, layout);
    }
  }
}

void ImageMatch::decide_unplaced(const Point& point, KeypointDecision& decision) {
  decision.doubt = KeypointDecision::Doubt::kNoOwner;
  std::uint32_t other = point.taken_by;
  if (other == kNobody && point.edge_count > 0) {
    other = std::ranges::min_element(edges(point), {}, &Edge::distance_px)->owner;
  }
  if (other != kNobody) {
    decision.doubt = KeypointDecision::Doubt::kTaken;
    decision.other_id = id(other);
    decision.other_distance_px = owners_[other].distance.to_shape(point.at);
    return;
  }
  double nearest = kInfinity;
  for (std::uint32_t j = 0; j < owners_.size(); ++j) {
    if (!owners_[j].may_take || owners_[j].category == kNoCategory) continue;
    if (context_->slots.find(point.label, owners_[j].category) == nullptr) continue;
    InstanceDistance& distance = owners_[j].distance;
    if (distance.lower_bound(distance.to_box(point.at, kInfinity)) >= nearest) continue;
    const double distance_px = distance.to_shape(point.at);
    if (distance_px >= nearest) continue;
    nearest = distance_px;
    decision.other_id = id(j);
    decision.other_distance_px = distance_px;
  }
}

void ImageMatch::decide(const KeypointLayout* layout,
                        std::span<KeypointDecision> decisions,
                        std::span<Placement> placements,
                        MatchScratch& scratch) {
  scratch_ = &scratch;
  for (const Point& point : points_) {
    KeypointDecision& decision = decisions[point.loose];
    if (point.owner == kNobody) {
      decide_unplaced(point, decision);
      placements[point.loose].homeless = point.homeless;
      continue;
    }
    const Owner& owner = owners_[point.owner];
    placements[point.loose] = {.instance = owner.instance, .slot = point.slot};
    decision.instance_id = instance(owner).id;
    decision.distance_px = point.distance_px;
    decision.how =
        point.given ? KeypointDecision::How::kGivenBySource : KeypointDecision::How::kAssigned;
    const double far_px = std::max(kDoubtPx, kDoubtShare * owner.size_px());
    if (!point.given && point.distance_px > far_px) {
      decision.doubt = KeypointDecision::Doubt::kOutside;
    }
  }
  if (layout != nullptr) count_members(*layout);
  for (const Block& block : open_blocks_) find_ambiguous(block, layout, decisions);
}

}  // namespace labelloom
