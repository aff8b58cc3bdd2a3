#pragma once

// The assignment problem of one image: which of its instances takes which of its key points.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "convert/assignment.h"
#include "convert/keypoint_distance.h"
#include "convert/keypoint_layout.h"
#include "convert/keypoint_owners.h"
#include "formats/dataset.h"

namespace labelloom {

/// Which slot of which category takes a label.
class SlotTable {
 public:
  struct Slot {
    std::uint32_t category = 0;  // index into Dataset::categories
    std::uint32_t slot = 0;      // index into Category::keypoints
    bool candidate = true;       // false: only for key points whose owner the source names
  };
  explicit SlotTable(std::size_t label_count = 0) : slots_(label_count) {}
  void add(std::size_t label, const Slot& slot) { slots_[label].push_back(slot); }
  [[nodiscard]] std::span<const Slot> of(std::size_t label) const { return slots_[label]; }
  /// The slot that a category has for a label; null when it has none.
  [[nodiscard]] const Slot* find(std::size_t label, std::size_t category) const {
    for (const Slot& slot : slots_[label]) {
      if (slot.category == category) return &slot;
    }
    return nullptr;
  }

 private:
  std::vector<std::vector<Slot>> slots_;
};

/// What all images have in common. Borrows everything.
struct MatchContext {
  const Dataset& dataset;
  const LooseKeypoints& keypoints;
  const SlotTable& slots;
  /// Category index of every instance, or kNoCategory.
  const std::vector<std::uint32_t>& category_of;
  std::optional<double> tolerance_px;
};

/// Where a loose key point goes.
struct Placement {
  static constexpr auto kNowhere = static_cast<std::uint32_t>(-1);
  std::uint32_t instance = kNowhere;  ///< index into Dataset::instances
  std::uint32_t slot = 0;
  bool homeless = false;  ///< no instance of its image is of a category that may own it
};

/// Costs of a block's open points with everything else as it is.
struct MatchCosts {
  std::vector<std::uint32_t> rows;     // points
  std::vector<std::uint32_t> columns;  // owners
  std::vector<double> cost;            // [rows, columns]
  [[nodiscard]] double at(std::size_t row, std::size_t column) const {
    return cost[row * columns.size() + column];
  }
};

/// An owner that a point may be within reach of.
struct MatchCandidate {
  std::uint32_t point = 0;
  std::uint32_t owner = 0;
  std::uint32_t slot = 0;
  double distance_px = 0;
  bool is_far = false;  // the distance is not known, only that it is too large for a dispute
  bool is_taken = false;
};

/// Points of one label: those from `first` on and before `last`.
struct MatchBlock {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// An owner that may take the points of a block, and the slot for them.
struct MatchTaker {
  std::uint32_t owner = 0;
  std::uint32_t slot = 0;
};

/// Memory to work in, which goes from one image to the next. One a thread.
struct MatchScratch {
  MatchCosts costs;
  AssignmentSolver solver;
  std::vector<MatchBlock> blocks;                   // all of an image
  std::vector<MatchTaker> takers;                   // of a block
  std::vector<MatchCandidate> candidates;           // of a block's points, in their order
  std::vector<MatchCandidate> chosen;               // one of each point
  std::vector<std::uint32_t> before;                // owners of a block's points
  std::vector<std::uint32_t> settled;               // owners that are out of the question
  std::vector<std::uint32_t> start, best;           // owners of all points
  std::vector<std::vector<std::uint32_t>> members;  // of each owner: its points
  std::vector<double> pair_sums;                    // of each owner: log ratios of its pairs
  std::vector<float> ratios;  // pair_ratio() [edges, points], NaN where not known yet
  std::vector<std::pair<std::uint32_t, std::uint32_t>> by_label;  // label, loose key point
  std::vector<std::uint32_t> rectangles, shapes;                  // owners

  /// Empties the members of so many owners.
  std::vector<std::vector<std::uint32_t>>& no_members(std::size_t owner_count) {
    if (members.size() < owner_count) members.resize(owner_count);
    for (std::size_t j = 0; j < owner_count; ++j) members[j].clear();
    return members;
  }
};

/// One image's key points, the instances that may take them, and who has what. Borrows the context.
class ImageMatch {
 public:
  explicit ImageMatch(const MatchContext& context) : context_(&context) {}

  /// Begins with an image: finds the instances within reach of each point and settles what needs no
  /// thought. May be called again, for another image in the same memory.
  void begin(std::span<const std::uint32_t> points,
             std::span<const std::uint32_t> instances,
             MatchScratch& scratch);

  /// Whether every point has an undisputed owner, or none within reach.
  [[nodiscard]] bool is_settled() const { return open_blocks_.empty(); }

  /// Finds the assignment of least cost: without a layout from the distances alone, else starting
  /// from the present assignment.
  void solve(const KeypointLayout* layout, MatchScratch& scratch);

  /// Pairs of points of one instance: those that stay, and those that solve() may change.
  enum class Pairs : std::uint8_t { kSettled, kOpen };
  /// Adds the offsets between points that lie on or close to their instance.
  void learn(Pairs pairs, LayoutSums& sums, MatchScratch& scratch) const;

  /// Writes what was decided, at the points' indexes; right after the last solve(), with its layout
  /// and scratch.
  void decide(const KeypointLayout* layout,
              std::span<KeypointDecision> decisions,
              std::span<Placement> placements,
              MatchScratch& scratch);

 private:
  static constexpr auto kNobody = static_cast<std::uint32_t>(-1);
  static constexpr std::size_t kMostRatios = 4'000'000;  // kept an image

  struct Owner {
    InstanceDistance distance;
    std::uint32_t instance = 0;  // index into Dataset::instances
    std::uint32_t category = 0;  // or kNoCategory
    double reach_px = 0;         // how far outside a key point may lie
    double area_cost = 0;        // what every key point costs
    bool may_take = false;       // is no crowd, and no rectangle around another candidate
    bool is_disputed = false;    // by points that are not settled: the others matter no more
    [[nodiscard]] double size_px() const { return distance.size_px(); }
    [[nodiscard]] double cost(double distance_px) const;
  };
  /// An owner within reach of a point, or named by the source.
  struct Edge {
    std::uint32_t owner = 0;
    std::uint32_t slot = 0;
    double distance_px = 0;
    double cost = 0;
  };
  struct Point {
    std::uint32_t loose = 0;  // index into Dataset::loose_keypoints
    std::uint32_t label = 0;
    Point2d at;
    std::uint32_t first_edge = 0;
    std::uint32_t edge_count = 0;
    std::uint32_t owner = kNobody;
    std::uint32_t slot = 0;
    double distance_px = 0;            // to the owner's border
    std::uint32_t taken_by = kNobody;  // nearest owner that has this name from elsewhere
    bool fixed = false;                // given by the source, or beyond dispute
    bool given = false;
    bool homeless = false;
  };
  using Block = MatchBlock;
  [[nodiscard]] std::span<const Edge> edges(const Point& point) const {
    return std::span(edges_).subspan(point.first_edge, point.edge_count);
  }
  /// The edge to the owner that the point has; null without one.
  [[nodiscard]] const Edge* taken_edge(const Point& point) const;
  [[nodiscard]] static const Instance& instance(const Owner& owner) {
    return owner.distance.instance();
  }
  [[nodiscard]] std::int64_t id(std::uint32_t owner) const { return instance(owners_[owner]).id; }

  void add_owners(std::span<const std::uint32_t> instances);
  void pass_over_rectangles();
  void add_points(std::span<const std::uint32_t> points);
  void place_given();
  [[nodiscard]] bool has_slot_filled(const Owner& owner, std::uint32_t slot) const;
  void find_takers(const Block& block);
  void find_candidates(std::uint32_t index, const Block& block, bool all);
  [[nodiscard]] bool choose_undisputed(std::size_t first_candidate);
  void add_edges(const Block& block);
  void add_edge(Point& point, const MatchCandidate& candidate);
  void settle(const Block& block);
  void mark_disputed_owners();

  void count_members(const KeypointLayout& layout);
  [[nodiscard]] double pair_ratio(const Point& point,
                                  const Edge& edge,
                                  const Point& member,
                                  const KeypointLayout& layout) const;
  /// Log ratios of a point at the owner of `edge` with all its members.
  [[nodiscard]] double pair_sum(const Point& point, const Edge& edge, const KeypointLayout& layout);
  void attach(std::uint32_t point, const Edge& edge, const KeypointLayout* layout);
  void detach(std::uint32_t point, const KeypointLayout* layout);
  [[nodiscard]] double edge_cost(const Point& point,
                                 const Edge& edge,
                                 const KeypointLayout* layout);
  /// Takes the block's open points off their owners and prices every edge.
  const MatchCosts& price(const Block& block, const KeypointLayout* layout);
  bool solve_block(const Block& block, const KeypointLayout* layout);
  [[nodiscard]] double total_cost() const;
  /// Owner of each point.
  void get_assignment(std::vector<std::uint32_t>& owners) const;
  void restore(const std::vector<std::uint32_t>& owners);
  void find_ambiguous(const Block& block,
                      const KeypointLayout* layout,
                      std::span<KeypointDecision> decisions);
  void decide_unplaced(const Point& point, KeypointDecision& decision);

  const MatchContext* context_;
  MatchScratch* scratch_ = nullptr;  // of the thread that works on it now
  std::vector<Owner> owners_;
  std::vector<Point> points_;  // by label
  std::vector<Edge> edges_;
  std::vector<Block> open_blocks_;  // with points to assign
};

}  // namespace labelloom
