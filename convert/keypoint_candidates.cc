// Which instances are within reach of which points, and which points need no thought. The costs are
// explained in keypoint_matching.cc.

#include <algorithm>
#include <cmath>
#include <limits>

#include "convert/keypoint_matching.h"

namespace labelloom {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Found on COCO's person photographs and random halves of them, with polygons and with boxes, as is
// kLayoutGain; from two thirds to one and a half times these values the results stay within half a
// per cent.
constexpr double kOutsideCost = 15;
constexpr double kInsideCost = 0.5;
constexpr double kAreaCost = 0.1;

// A key point may lie this share of the instance's size outside. In COCO's person photographs
// 1 % of the points (of limbs that are hidden) lie more than 0.45 outside, none more than 0.6.
constexpr double kReachShare = 0.75;
// Beyond dispute: inside one instance and at least this far outside all others.
constexpr double kClearShare = 0.35;

}  // namespace

void ImageMatch::begin(std::span<const std::uint32_t> points,
                       std::span<const std::uint32_t> instances,
                       MatchScratch& scratch) {
  scratch_ = &scratch;
  owners_.clear();
  points_.clear();
  edges_.clear();
  open_blocks_.clear();
  add_owners(instances);
  add_points(points);
  place_given();
  for (const Block& block : scratch.blocks) add_edges(block);
  mark_disputed_owners();
}

double ImageMatch::Owner::cost(double distance_px) const {
  return (distance_px > 0 ? kOutsideCost : kInsideCost) * distance_px / size_px() + area_cost;
}

void ImageMatch::add_owners(std::span<const std::uint32_t> instances) {
  owners_.reserve(instances.size());
  for (const std::uint32_t index : instances) {
    const Instance& instance = context_->dataset.instances[index];
    const InstanceDistance distance(instance);
    const double area = instance.area > 0 ? instance.area : instance.bbox.area();
    owners_.push_back(
        {.distance = distance,
         .instance = index,
         .category = context_->category_of[index],
         .reach_px = context_->tolerance_px.value_or(kReachShare * distance.size_px()),
         .area_cost = kAreaCost * std::log(std::max(area, 1.0)),
         .may_take = !instance.iscrowd});
  }
  pass_over_rectangles();
}

void ImageMatch::add_points(std::span<const std::uint32_t> points) {
  auto& by_label = scratch_->by_label;
  by_label.clear();
  for (const std::uint32_t loose : points) {
    by_label.emplace_back(static_cast<std::uint32_t>(context_->keypoints.label_of(loose)), loose);
  }
  std::ranges::sort(by_label);
  points_.reserve(points.size());
  for (const auto& [label, loose] : by_label) {
    points_.push_back(
        {.loose = loose, .label = label, .at = context_->dataset.loose_keypoints[loose].point});
  }
  auto& blocks = scratch_->blocks;
  blocks.clear();
  for (std::uint32_t i = 0; i < points_.size(); ++i) {
    if (i == 0 || points_[i].label != points_[i - 1].label) blocks.push_back({i, i});
    blocks.back().last = i + 1;
  }
}

bool ImageMatch::has_slot_filled(const Owner& owner, std::uint32_t slot) const {
  const auto& keypoints = instance(owner).keypoints;
  return slot < keypoints.size() && keypoints[slot].visibility != Visibility::kAbsent;
}

void ImageMatch::place_given() {
  for (const Block& block : scratch_->blocks) {
    for (std::uint32_t i = block.first; i < block.last; ++i) {
      Point& point = points_[i];
      const auto given = context_->keypoints.given_owner(point.loose);
      if (!given) continue;
      const auto found = std::ranges::find(owners_, *given, &Owner::instance);
      if (found == owners_.end() || found->category == kNoCategory) continue;
      const auto owner = static_cast<std::uint32_t>(found - owners_.begin());
      const SlotTable::Slot* slot = context_->slots.find(point.label, found->category);
      if (slot == nullptr) continue;
      bool taken = has_slot_filled(*found, slot->slot);
      for (std::uint32_t j = block.first; j < i; ++j) taken |= points_[j].owner == owner;
      point.fixed = true;
      const double distance_px = found->distance.to_shape(point.at);
      if (taken) {
        point.taken_by = owner;
      } else {
        point.given = true;
        point.first_edge = static_cast<std::uint32_t>(edges_.size());
        point.edge_count = 1;
        edges_.push_back({.owner = owner, .slot = slot->slot, .distance_px = distance_px});
        attach(i, edges_.back(), nullptr);
      }
    }
  }
}

/// Finds the owners that may take a block's points.
void ImageMatch::find_takers(const Block& block) {
  scratch_->takers.clear();
  bool homeless = true;
  for (std::uint32_t j = 0; j < owners_.size(); ++j) {
    const Owner& owner = owners_[j];
    if (owner.category == kNoCategory || instance(owner).iscrowd) continue;
    const SlotTable::Slot* slot = context_->slots.find(points_[block.first].label, owner.category);
    if (slot == nullptr || !slot->candidate) continue;
    homeless = false;
    if (owner.may_take) scratch_->takers.push_back({.owner = j, .slot = slot->slot});
  }
  for (std::uint32_t i = block.first; i < block.last; ++i) {
    if (!points_[i].fixed) points_[i].homeless = homeless;
  }
}

/// Appends the candidates of a point: all within reach, or, if not `all`, those that are too far
/// away for a dispute without their distance.
void ImageMatch::find_candidates(std::uint32_t index, const Block& block, bool all) {
  const Point& point = points_[index];
  for (const MatchTaker& taker : scratch_->takers) {
    Owner& owner = owners_[taker.owner];
    const double to_box_px = owner.distance.to_box(point.at, owner.reach_px);
    if (to_box_px > owner.reach_px) continue;
    MatchCandidate candidate = {.point = index, .owner = taker.owner, .slot = taker.slot};
    candidate.is_far =
        !all && owner.distance.lower_bound(to_box_px) > kClearShare * owner.size_px();
    if (!candidate.is_far) {
      candidate.distance_px = owner.distance.to_shape(point.at);
      if (candidate.distance_px > owner.reach_px) continue;
    }
    candidate.is_taken = has_slot_filled(owner, taker.slot);
    for (std::uint32_t k = block.first; k < block.last; ++k) {
      candidate.is_taken |= points_[k].given && points_[k].owner == taker.owner;
    }
    scratch_->candidates.push_back(candidate);
  }
}

/// Chooses the owner of a point that lies in it, clear of all others and of the points before.
/// The point's candidates are those from `first_candidate` on.
bool ImageMatch::choose_undisputed(std::size_t first_candidate) {
  const auto candidates = std::span(scratch_->candidates).subspan(first_candidate);
  const MatchCandidate* mine = nullptr;
  for (const MatchCandidate& candidate : candidates) {
    if (candidate.is_far || candidate.is_taken) continue;
    if (mine == nullptr || candidate.distance_px < mine->distance_px) mine = &candidate;
  }
  if (mine == nullptr || mine->distance_px > 0) return false;
  for (const MatchCandidate& candidate : candidates) {
    if (candidate.is_far || candidate.is_taken || &candidate == mine) continue;
    if (candidate.distance_px < kClearShare * owners_[candidate.owner].size_px()) return false;
  }
  for (const MatchCandidate& other : scratch_->chosen) {
    if (other.owner == mine->owner) return false;
  }
  scratch_->chosen.push_back(*mine);
  return true;
}

void ImageMatch::add_edge(Point& point, const MatchCandidate& candidate) {
  edges_.push_back({.owner = candidate.owner,
                    .slot = candidate.slot,
                    .distance_px = candidate.distance_px,
                    .cost = owners_[candidate.owner].cost(candidate.distance_px)});
  ++point.edge_count;
}

/// Finds the edges of a block's points and settles what needs no thought. In most blocks that is
/// every point, by what lies near it: then the far owners' distances are never asked for.
void ImageMatch::add_edges(const Block& block) {
  auto& candidates = scratch_->candidates;
  candidates.clear();
  scratch_->chosen.clear();
  find_takers(block);
  // Whether ratios are kept must not depend on which edges are left out here.
  bool at_once = owners_.size() * points_.size() * points_.size() <= kMostRatios;
  for (std::uint32_t i = block.first; i < block.last; ++i) {
    if (points_[i].fixed) continue;
    const std::size_t first_candidate = candidates.size();
    find_candidates(i, block, !at_once);
    at_once = at_once && choose_undisputed(first_candidate);
  }
  const auto begin_edges = [&](std::uint32_t index) -> Point& {
    points_[index].first_edge = static_cast<std::uint32_t>(edges_.size());
    return points_[index];
  };
  if (at_once) {
    for (const MatchCandidate& mine : scratch_->chosen) {
      Point& point = begin_edges(mine.point);
      add_edge(point, mine);
      point.fixed = true;
      attach(mine.point, edges_.back(), nullptr);
    }
    return;
  }
  auto candidate = candidates.begin();
  for (std::uint32_t i = block.first; i < block.last; ++i) {
    if (points_[i].fixed) continue;
    Point& point = begin_edges(i);
    double nearest_taken = kInfinity;
    for (; candidate != candidates.end() && candidate->point == i; ++candidate) {
      const Owner& owner = owners_[candidate->owner];
      if (candidate->is_far) candidate->distance_px = owner.distance.to_shape(point.at);
      if (candidate->distance_px > owner.reach_px) continue;
      if (candidate->is_taken) {
        if (candidate->distance_px < nearest_taken) point.taken_by = candidate->owner;
        nearest_taken = std::min(nearest_taken, candidate->distance_px);
        continue;
      }
      add_edge(point, *candidate);
    }
  }
  settle(block);
}

void ImageMatch::settle(const Block& block) {
  const auto contested = [&](const Point& self, const Edge& mine) {
    for (std::uint32_t k = block.first; k < block.last; ++k) {
      if (&points_[k] == &self) continue;
      for (const Edge& edge : edges(points_[k])) {
        // Outside points do not dispute a place that another point lies in.
        if (edge.owner == mine.owner && (edge.distance_px <= 0 || mine.distance_px > 0)) {
          return true;
        }
      }
    }
    return false;
  };
  bool open = false;
  for (std::uint32_t i = block.first; i < block.last; ++i) {
    Point& point = points_[i];
    if (point.fixed || point.edge_count == 0) continue;
    const auto mine = std::ranges::min_element(edges(point), {}, &Edge::distance_px);
    bool clear = point.edge_count == 1 || mine->distance_px <= 0;
    for (const Edge& edge : edges(point)) {
      if (edge.owner == mine->owner) continue;
      clear &= edge.distance_px >= kClearShare * owners_[edge.owner].size_px();
    }
    if (!clear || contested(point, *mine)) {
      open = true;
      continue;
    }
    point.fixed = true;
    attach(i, *mine, nullptr);
  }
  if (open) open_blocks_.push_back(block);
}

void ImageMatch::mark_disputed_owners() {
  for (const Block& block : open_blocks_) {
    for (std::uint32_t i = block.first; i < block.last; ++i) {
      if (points_[i].fixed) continue;
      for (const Edge& edge : edges(points_[i])) owners_[edge.owner].is_disputed = true;
    }
  }
}

}  // namespace labelloom
