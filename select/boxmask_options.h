#pragma once

// Options of BoxMask. What is decided while logits are in memory (WindowOptions, ScoringOptions) is
// apart from what can be decided again over stored components (CombineOptions): score once, combine
// many.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace labelloom::select {

/// What happens to a window that leaves the image.
enum class WindowBorder : std::uint8_t {
  kShift,  ///< moved inside; clipped only if it is larger than the image
  kClip,   ///< cut off
  kPad,    ///< kept; the caller fills what is outside with the mean colour
};

/// How the region around a box is cut out for its second segmentation.
struct WindowOptions {
  double margin = 0.5;  ///< added on each side, in widths (left, right) and heights (top, bottom)
  int min_size = 64;    ///< least side in pixels
  int alignment = 32;   ///< sides lie on multiples of it: the network's total stride
  WindowBorder border = WindowBorder::kShift;
  /// 0: native scale. Otherwise every window is stretched to a square of this many pixels, and its
  /// logits have to be resampled to the window's cells before they are scored.
  int crop_size = 0;
  /// Above 1: windows with less than `min_size` x `max_zoom` pixels are enlarged up to this factor.
  double max_zoom = 1;
};

/// Which cells a BoxMask may have.
enum class Domain : std::uint8_t { kBox, kWindow };

/// What sums run over: the cells of the logits, or pixels (logits are interpolated).
enum class Grid : std::uint8_t { kLogits, kPixels };

/// Where the probability of a detector's background class goes.
enum class Background : std::uint8_t {
  kDrop,     ///< dropped, the others are divided by what is left
  kToStuff,  ///< evenly to the segmentation's classes that no box can have
};

/// What is fixed when logits are scored.
struct ScoringOptions {
  double tau = 0.3;       ///< a cell is in the BoxMask if its probability is greater
  double epsilon = 1e-4;  ///< probability of a class that the detector says nothing about
  Background background = Background::kDrop;
  Domain domain = Domain::kBox;
  Grid grid = Grid::kLogits;
  bool jensen_shannon = true;  ///< its sums are wanted as well
  int keypoint_dilation = 2;   ///< cells a key point may lie outside its BoxMask
  bool keep_union = false;     ///< ImageComponents::union_mask is wanted
};

/// What stands for a box whose BoxMask is empty.
enum class EmptyMask : std::uint8_t {
  kWholeBox,  ///< S_loc and S_cls over the whole box
  kSkip,      ///< nothing
  kMaximum,   ///< S_loc = 1, S_cls = ln(1 / epsilon), Jensen-Shannon: 1
};

/// What stands for the box term of an image without detections.
enum class NoDetections : std::uint8_t {
  kZero,  ///< S = S_seg over the whole image
  kTop,   ///< before every other image
};

/// How far two distributions are apart.
enum class Divergence : std::uint8_t {
  kSymmetric,      ///< [KL(p||q) + KL(q||p)] / 2, Eq. 2
  kPixelsFromBox,  ///< KL(p||q), p of the pixel, q of the box
  kBoxFromPixels,  ///< KL(q||p)
  kJensenShannon,  ///< divided by ln 2: in [0, 1]
};

/// How Eq. 3 counts a pixel outside all BoxMasks.
enum class Outside : std::uint8_t {
  kIndicator,    ///< its label is a class that boxes have
  kProbability,  ///< probability of those classes together
};

enum class Aggregation : std::uint8_t { kMaximum, kMean, kSum, kTopMean };

enum class Combination : std::uint8_t {
  kSum,       ///< weighted sum
  kRankMean,  ///< mean of the two terms' ranks in the pool
};

/// What can be chosen over stored components.
struct CombineOptions {
  EmptyMask empty_mask = EmptyMask::kWholeBox;
  NoDetections no_detections = NoDetections::kZero;
  Divergence divergence = Divergence::kSymmetric;
  double log_base = 0;  ///< 0: nats; no effect on kJensenShannon
  Outside outside = Outside::kIndicator;
  Aggregation aggregation = Aggregation::kMaximum;
  int top_boxes = 3;  ///< of kTopMean
  Combination combination = Combination::kSum;
  double location_weight = 1;
  double class_weight = 1;
  double keypoint_weight = 0;  ///< of an extension the paper does not have
  double segmentation_weight = 1;
};

/// All options of BoxMask.
struct BoxMaskOptions {
  WindowOptions window;
  ScoringOptions scoring;
  CombineOptions combine;
};

/// `paper`: the equations as printed. `robust`: every term bounded and the two sums combined by
/// their ranks. The crops are the same: the paper does not define them.
/// @throws Error(kArgument) for other names.
[[nodiscard]] BoxMaskOptions boxmask_preset(std::string_view name);

/// How terms become one score: those of `paper`, of `robust`, or `rank`, the paper's terms combined
/// by their ranks. @throws Error(kArgument) for other names.
inline constexpr std::array<std::string_view, 3> kCombinePresets = {"paper", "robust", "rank"};
[[nodiscard]] CombineOptions combine_preset(std::string_view name);

/// One line that is the same only for the same options; `alignment`, which is the model's, and
/// `keep_union`, which changes no score, are not in it.
[[nodiscard]] std::string options_text(const WindowOptions& window, const ScoringOptions& scoring);

/// @throws Error(kArgument) naming the first option that is out of range.
void validate(const BoxMaskOptions& options);

}  // namespace labelloom::select
