#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace labelloom::select {

/// Points with distances between them.
class Points {
 public:
  virtual ~Points() = default;
  [[nodiscard]] virtual std::size_t size() const = 0;
  /// Not negative, 0 from a point to itself, symmetric.
  [[nodiscard]] virtual float distance(std::size_t a, std::size_t b) const = 0;
  /// Distance to the mean of all points that are there.
  [[nodiscard]] virtual float distance_to_mean(std::size_t a) const = 0;
  /// Whether a detour is never shorter; then distances that cannot matter are not computed.
  [[nodiscard]] virtual bool is_metric() const = 0;
};

/// Rows of numbers with their Euclidean distance, always summed in the same order.
class EuclideanPoints final : public Points {
 public:
  /// `rows`: [count * length]. `there`: [count] 0: has no row, and the mean is that of the others;
  /// empty: all have one.
  EuclideanPoints(std::vector<float> rows,
                  std::size_t length,
                  const std::vector<std::uint8_t>& there = {});
  [[nodiscard]] std::size_t size() const override { return count_; }
  [[nodiscard]] float distance(std::size_t a, std::size_t b) const override;
  [[nodiscard]] float distance_to_mean(std::size_t a) const override;
  [[nodiscard]] bool is_metric() const override { return true; }

 private:
  std::vector<float> rows_;
  std::size_t length_;
  std::size_t count_;
  std::vector<float> mean_;
};

/// Greedy k-centre (Sener and Savarese, 2018; Gonzalez, 1985: at most twice the least possible
/// radius): the point furthest from all centres is the next one; of equals the first. Without any
/// centre the point closest to the mean is the first.
class KCentre {
 public:
  /// `seeds`: centres from the beginning, which are not chosen again. `absent`: have no place, are
  /// no candidates and need not be covered. `points` is borrowed.
  explicit KCentre(const Points& points,
                   const std::vector<std::size_t>& seeds = {},
                   const std::vector<std::size_t>& absent = {});

  /// The next centre would be this point; nothing when all points are centres or refused.
  [[nodiscard]] std::optional<std::size_t> candidate() const;
  /// Makes a point a centre.
  void take(std::size_t point);
  /// The point is never a candidate, but stays one to be covered.
  void refuse(std::size_t point) { open_[point] = false; }
  void allow(std::size_t point) { open_[point] = !is_centre_[point]; }

  /// Greatest distance of a point to its nearest centre; nothing without centres. Those that are
  /// absent have none.
  [[nodiscard]] std::optional<float> radius() const;
  /// Distance of a point to its nearest centre; infinity without centres.
  [[nodiscard]] float reach(std::size_t point) const { return reach_[point]; }
  /// How many distances were computed.
  [[nodiscard]] std::size_t distances() const { return distances_; }

 private:
  const Points& points_;
  std::vector<float> reach_;          // distance to the nearest centre
  std::vector<std::size_t> nearest_;  // that centre, an index in centres_
  std::vector<std::size_t> centres_;
  std::vector<bool> open_;
  std::vector<bool> is_centre_;
  std::size_t distances_ = 0;
};

}  // namespace labelloom::select
