#pragma once

#include <span>
#include <vector>

#include "select/boxmask.h"

namespace labelloom::select {

/// The terms of a box as numbers.
struct BoxTerms {
  double location = 0;   ///< S_loc, Eq. 1, in [0, 1]
  double classes = 0;    ///< S_cls, Eq. 2, by the divergence that was chosen
  double keypoints = 0;  ///< share of the key points outside the BoxMask, in [0, 1]
  double total = 0;      ///< weighted sum
};

/// The terms of an image as numbers.
struct ImageTerms {
  bool finite = true;
  double segmentation = 0;  ///< S_seg, Eq. 3, in [0, 1]; 0 when BoxMasks cover everything
  double boxes = 0;         ///< S_loc + S_cls, aggregated
  bool top = false;         ///< before all others: NoDetections::kTop, if box terms count at all
  int blamed_box = -1;      ///< whose total is greatest, the first of equals; -1: no box has one
  std::vector<BoxTerms> each_box;
};

/// @throws Error(kArgument) if Jensen-Shannon is asked for and was not summed. `epsilon` is what
/// the image was scored with; only EmptyMask::kMaximum needs it.
[[nodiscard]] ImageTerms terms_of(const ImageComponents& image,
                                  const CombineOptions& options,
                                  double epsilon = 1e-4);

/// What `combine` needs of an image.
struct TermPair {
  double segmentation = 0;
  double boxes = 0;
  bool finite = true;
  bool top = false;  ///< see ImageTerms
  bool open = true;  ///< can be chosen
};

/// S of every image of a pool, higher first to be labelled; minus infinity where not finite.
/// kRankMean: ranks in (0, 1) among those that are open, the mean rank for equals, 1 for the
/// greatest of many; a whole pool is needed, not a shard of it. Those at the top have the greatest
/// score that another image has, or 0 if it is less, and 1 and their segmentation term more.
[[nodiscard]] std::vector<double> combine(std::span<const TermPair> pool,
                                          const CombineOptions& options);

}  // namespace labelloom::select
