#pragma once

#include "augment/transform.h"

// One line a transform: the function that returns its entry, in augment/transforms/<name>.cc.
#define LABELLOOM_TRANSFORMS(X)  \
  X(affine)                      \
  X(bbox_safe_random_crop)       \
  X(blur)                        \
  X(center_crop)                 \
  X(channel_dropout)             \
  X(channel_shuffle)             \
  X(clahe)                       \
  X(coarse_dropout)              \
  X(color_jitter)                \
  X(copy_paste)                  \
  X(crop)                        \
  X(crop_and_pad)                \
  X(cutout)                      \
  X(d4)                          \
  X(defocus)                     \
  X(downscale)                   \
  X(elastic_transform)           \
  X(emboss)                      \
  X(equalize)                    \
  X(flip)                        \
  X(gauss_noise)                 \
  X(gaussian_blur)               \
  X(grid_distortion)             \
  X(grid_dropout)                \
  X(horizontal_flip)             \
  X(hue_saturation_value)        \
  X(image_compression)           \
  X(invert_img)                  \
  X(iso_noise)                   \
  X(longest_max_size)            \
  X(median_blur)                 \
  X(mix_up)                      \
  X(mosaic)                      \
  X(motion_blur)                 \
  X(multiplicative_noise)        \
  X(optical_distortion)          \
  X(pad_if_needed)               \
  X(perspective)                 \
  X(pixel_dropout)               \
  X(posterize)                   \
  X(random_brightness)           \
  X(random_brightness_contrast)  \
  X(random_contrast)             \
  X(random_crop)                 \
  X(random_fog)                  \
  X(random_gamma)                \
  X(random_rain)                 \
  X(random_resized_crop)         \
  X(random_rotate90)             \
  X(random_scale)                \
  X(random_shadow)               \
  X(random_sized_bbox_safe_crop) \
  X(random_sized_crop)           \
  X(random_snow)                 \
  X(random_sun_flare)            \
  X(resize)                      \
  X(rgb_shift)                   \
  X(rotate)                      \
  X(safe_rotate)                 \
  X(sharpen)                     \
  X(shift_scale_rotate)          \
  X(smallest_max_size)           \
  X(solarize)                    \
  X(to_gray)                     \
  X(to_sepia)                    \
  X(transpose)                   \
  X(unsharp_mask)                \
  X(vertical_flip)

namespace labelloom::augment {

#define LABELLOOM_DECLARE(function) TransformEntry function();
LABELLOOM_TRANSFORMS(LABELLOOM_DECLARE)
#undef LABELLOOM_DECLARE

}  // namespace labelloom::augment
