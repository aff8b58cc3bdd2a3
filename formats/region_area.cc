#include "formats/region_area.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace labelloom {
namespace {

struct Edge {
  Point2d low;  // the end with the smaller y
  Point2d high;
  std::size_t ring = 0;
  std::size_t index = 0;  // in the ring, points that repeat left out

  [[nodiscard]] double x_at(double y) const {
    return low.x + (y - low.y) / (high.y - low.y) * (high.x - low.x);
  }
};

/// Twice the area of the triangle a, b, c; its sign says on which hand of a -> b the point c lies.
double turn(const Point2d& a, const Point2d& b, const Point2d& c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/// Cuts the plane at every height at which something happens to the edges; between two of them no
/// edge ends and none cross.
class Slabs {
 public:
  explicit Slabs(const Rings& rings) : rings_(rings), lengths_(rings.size(), 0) {
    for (std::size_t r = 0; r < rings.size(); ++r) {
      if (!rings.is_hole(r) || r == 0) ++part_count_;
      parts_.push_back(part_count_ - 1);
      add_edges(r);
    }
    std::ranges::sort(edges_, {}, [](const Edge& edge) { return edge.low.y; });
    find_meetings();
  }

  /// Whether the sum of the rings' areas may not be that of the region.
  [[nodiscard]] bool is_entangled() const { return meets_ || parts_overlap(); }

  [[nodiscard]] double area() {
    for (const Edge& edge : edges_) {
      heights_.push_back(edge.low.y);
      heights_.push_back(edge.high.y);
    }
    std::ranges::sort(heights_);
    double sum = 0;
    std::vector<const Edge*> active;
    std::size_t next = 0;
    for (std::size_t i = 0; i + 1 < heights_.size(); ++i) {
      const double top = heights_[i];
      const double bottom = heights_[i + 1];
      if (!(top < bottom)) continue;
      std::erase_if(active, [top](const Edge* edge) { return edge->high.y <= top; });
      for (; next < edges_.size() && edges_[next].low.y <= top; ++next) {
        if (edges_[next].high.y > top) active.push_back(&edges_[next]);
      }
      sum += (bottom - top) * width(active, (top + bottom) / 2);
    }
    return sum;
  }

 private:
  struct Crossing {
    double x = 0;
    std::size_t ring = 0;
  };

  void add_edges(std::size_t ring) {
    const auto points = rings_[ring];
    Point2d from = points.back();
    for (const Point2d& to : points) {
      if (to == from) continue;
      Edge edge{from, to, ring, lengths_[ring]++};
      if (edge.high.y < edge.low.y) std::swap(edge.low, edge.high);
      edges_.push_back(edge);
      from = to;
    }
  }

  [[nodiscard]] bool are_neighbours(const Edge& a, const Edge& b) const {
    if (a.ring != b.ring) return false;
    const std::size_t apart = a.index < b.index ? b.index - a.index : a.index - b.index;
    return apart <= 1 || apart + 1 == lengths_[a.ring];
  }

  void find_meetings() {
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      const Edge& a = edges_[i];
      const auto [left, right] = std::minmax(a.low.x, a.high.x);
      for (std::size_t j = i + 1; j < edges_.size() && edges_[j].low.y <= a.high.y; ++j) {
        const Edge& b = edges_[j];
        if (std::max(b.low.x, b.high.x) < left || std::min(b.low.x, b.high.x) > right) continue;
        if (!are_neighbours(a, b)) meet(a, b);
      }
    }
  }

  void meet(const Edge& a, const Edge& b) {
    const double low = turn(a.low, a.high, b.low);
    const double high = turn(a.low, a.high, b.high);
    if (low * high > 0) return;
    if (turn(b.low, b.high, a.low) * turn(b.low, b.high, a.high) > 0) return;
    meets_ = true;
    if (low != high) heights_.push_back(std::lerp(b.low.y, b.high.y, low / (low - high)));
  }

  [[nodiscard]] bool parts_overlap() const {
    if (part_count_ < 2) return false;
    std::vector<Box> boxes;
    for (std::size_t r = 0; r < rings_.size(); ++r) {
      if (parts_[r] == boxes.size()) boxes.push_back(extent(rings_[r]));
    }
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      for (std::size_t j = i + 1; j < boxes.size(); ++j) {
        const Box& a = boxes[i];
        const Box& b = boxes[j];
        if (a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()) return true;
      }
    }
    return false;
  }

  /// How much of the line at height `y` lies in the region.
  [[nodiscard]] double width(const std::vector<const Edge*>& active, double y) {
    crossings_.clear();
    for (const Edge* edge : active) crossings_.push_back({edge->x_at(y), edge->ring});
    std::ranges::sort(crossings_, {}, &Crossing::x);
    inside_.assign(rings_.size(), false);
    outer_.assign(part_count_, false);
    holes_.assign(part_count_, 0);
    int covering = 0;  // parts
    double sum = 0;
    for (std::size_t i = 0; i < crossings_.size(); ++i) {
      if (covering > 0) sum += crossings_[i].x - crossings_[i - 1].x;
      const std::size_t ring = crossings_[i].ring;
      const std::size_t part = parts_[ring];
      const bool was = outer_[part] && holes_[part] == 0;
      inside_[ring] = !inside_[ring];
      if (rings_.is_hole(ring)) {
        holes_[part] += inside_[ring] ? 1 : -1;
      } else {
        outer_[part] = inside_[ring];
      }
      const bool is = outer_[part] && holes_[part] == 0;
      covering += static_cast<int>(is) - static_cast<int>(was);
    }
    return sum;
  }

  const Rings& rings_;
  std::vector<Edge> edges_;           // by the height at which they begin
  std::vector<std::size_t> lengths_;  // edges of each ring
  std::vector<std::size_t> parts_;    // of each ring
  std::size_t part_count_ = 0;
  std::vector<double> heights_;
  bool meets_ = false;
  // Of one line, kept for their memory.
  std::vector<Crossing> crossings_;
  std::vector<bool> inside_;  // whether it is in a ring
  std::vector<bool> outer_;   // whether it is in a part's outer ring
  std::vector<int> holes_;    // how many holes of a part it is in
};

}  // namespace

double region_area(const Rings& rings) {
  const double sum = ring_area(rings);
  if (rings.empty() || (rings.size() == 1 && rings[0].size() <= 3)) return sum;
  Slabs slabs(rings);
  if (!slabs.is_entangled()) return sum;
  // Touching alone makes a difference of rounding only.
  const double area = slabs.area();
  return std::abs(area - sum) <= 1e-9 * std::max(1.0, sum) ? sum : area;
}

}  // namespace labelloom
