#pragma once

// CALD's measure of one picture (Yu et al., Consistency-based Active Learning for Object Detection,
// 2022): how boxes that are found in it are found again in changed views of it.

#include <cstdint>
#include <span>
#include <vector>

#include "formats/geometry.h"

namespace labelloom::select {

/// A detection.
struct CaldBox {
  Box box;
  int class_index = 0;
  double score = 0;  ///< the greatest probability of a class that is not the background
  std::vector<float> distribution;  ///< [K + 1], the background's last
};

/// The distribution of a detector without background: probabilities [K] of sum 1, of which the
/// greatest times the probability of an object is `score`.
[[nodiscard]] std::vector<float> with_background(std::span<const float> probabilities,
                                                 double score);

/// A changed view of a picture.
struct CaldView {
  std::vector<Box> references;  ///< the picture's boxes where they are in the view, in their order
  std::vector<CaldBox> found;   ///< in the view
};

/// M(x), LOWER for what should be labelled first: for each view and box k with its best match j,
/// M_k = IoU + (1 - JS(p_k, p_j)) (s_k + s_j) / 2; the least min(1, |M_k - 1.3|) of a view, their
/// mean over the views. 0 for a view without detections and for a picture without. Of more than 40
/// boxes, 50 evenly spaced ones count.
[[nodiscard]] double cald_consistency(std::span<const CaldBox> boxes,
                                      std::span<const CaldView> views);

/// [classes] greatest score of each class, averaged over the picture and its views.
[[nodiscard]] std::vector<float> cald_classes(std::span<const CaldBox> boxes,
                                              std::span<const CaldView> views,
                                              int classes);

/// At most two rectangles to be blacked out, with sides of a twentieth to a fifth of the picture's;
/// the box of which a hole covers most is covered by a tenth to four tenths. Of 50 tries; the same
/// for the same seed.
[[nodiscard]] std::vector<Box> cutout_holes(std::span<const Box> boxes,
                                            Size picture,
                                            std::uint64_t seed);

/// A picture rotated about its middle on a canvas that holds all of it, which is brought back to
/// the picture's size.
struct RotatedView {
  Size size;
  double degrees = 5;

  /// The enclosing box of the rotated box, cut at the borders.
  [[nodiscard]] Box box(const Box& box) const;
  /// Where in the picture the point of the view comes from, both from the middle.
  [[nodiscard]] Point2d source(Point2d view) const;
};

}  // namespace labelloom::select
