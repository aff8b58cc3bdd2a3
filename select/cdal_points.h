#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "select/k_centre.h"

namespace labelloom::select {

/// CDAL's core-set distance (Agarwal et al., Contextual Diversity for Active Learning, 2020): the
/// mean symmetric divergence of class-wise mean distributions over the classes that both images
/// have, for pixels and for boxes, each divided by its median in the pool, added.
class CdalPoints final : public Points {
 public:
  /// `segmentation`: [count, C, C], row c the mean distribution of class c, zeros without it;
  /// `segmentation_length` C * C. `boxes`: [count, K], zeros without boxes. `there`: [count] 0: one
  /// of them is not known, and mean and median are those of the others; empty: all are known.
  CdalPoints(const std::vector<float>& segmentation,
             std::size_t segmentation_length,
             const std::vector<float>& boxes,
             std::size_t box_length,
             const std::vector<std::uint8_t>& there = {});
  [[nodiscard]] std::size_t size() const override { return count_; }
  [[nodiscard]] float distance(std::size_t a, std::size_t b) const override;
  [[nodiscard]] float distance_to_mean(std::size_t a) const override;
  [[nodiscard]] bool is_metric() const override { return false; }

 private:
  /// Distributions of one task: so many groups of so many numbers an image.
  struct Task {
    std::size_t groups = 0;
    std::size_t classes = 0;
    std::vector<float> p;  ///< [count + 1, groups, classes]; the last is the mean
    std::vector<float> log_p;
    std::vector<std::uint8_t> there;  ///< [count + 1, groups]
    float scale = 1;

    Task(const std::vector<float>& rows,
         std::size_t images,
         const std::vector<std::uint8_t>& known,
         std::size_t group_count,
         std::size_t class_count);
    [[nodiscard]] float divergence(std::size_t a, std::size_t b) const;
  };
  std::size_t count_;
  Task segmentation_;
  Task boxes_;
};

}  // namespace labelloom::select
