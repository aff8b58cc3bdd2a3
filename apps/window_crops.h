#pragma once

// The windows around boxes go through the network once more.

#include <span>
#include <vector>

#include <torch/types.h>

#include "apps/fixed_batches.h"
#include "select/boxmask.h"
#include "select/window.h"

namespace labelloom::apps {

/// Where a box's logits are, see BoxJob.
struct CropPlace {
  int batch = 0;  ///< 0: the pictures' own logits, when the window is the whole picture
  int crop = 0;
  select::Cells window;
};

struct CroppedLogits {
  std::vector<torch::Tensor> batches;  ///< [n,C,h,w] on the device; the first are the pictures' own
  std::vector<CropPlace> places;       ///< one a window that was asked for
  std::size_t crops = 0;               ///< that went through the network
};

/// A window of a picture of the batch.
struct PictureWindow {
  int picture = 0;
  select::Window window;
};

/// Cuts every window, a window that several boxes share once, and segments it.
/// @param images [N,3,H,W] as the network takes them; a window's outside is zero, the mean colour
/// @param logits [N,C,h,w] of them, `stride` pixels a cell
/// @param alignment of the windows
[[nodiscard]] CroppedLogits segment_windows(FixedBatches& model,
                                            const torch::Tensor& images,
                                            const torch::Tensor& logits,
                                            int stride,
                                            std::span<const PictureWindow> windows,
                                            int alignment);

}  // namespace labelloom::apps
