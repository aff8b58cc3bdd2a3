#pragma once

// The CUDA scorer as a C interface: all pointers are to device memory, a batch is scored by one
// call on one stream without waiting for it. boxmask_packed.h fills these from a ScoringJob. Units
// are steps of the grid that sums run over (PreparedJob), rectangles are x, y, width, height.

extern "C" {

enum LabelloomLogitType { kLabelloomFloat = 0, kLabelloomHalf = 1, kLabelloomBFloat16 = 2 };

/// Logits of pictures or crops; strides in elements.
struct LabelloomLogits {
  const void* data;
  long long image_stride;
  long long class_stride;
  long long row_stride;
  long long column_stride;
};

struct LabelloomBox {
  int image;
  int crop_batch;
  int crop;
  int seg_class;  ///< -1: the box is not scored
  int domain[4];
  int own[4];         ///< of the domain: what is summed if the BoxMask is empty
  int window[2];      ///< where the crop's corner stands in the image's grid
  int crop_cells[2];  ///< width and height of what is not padding, in cells of the logits
};

struct LabelloomImage {
  int valid[4];
  int cells[4];       ///< the same in cells of the logits
  long long ignored;  ///< where its mask begins in LabelloomBatch::ignored, or -1
};

struct LabelloomKeypoint {
  int box;
  int near[4];
};

struct LabelloomBoxSums {
  unsigned mask_cells;
  unsigned mislabelled_cells;
  unsigned keypoints_outside;
  unsigned unused;
  long long symmetric;
  long long pixels_from_box;
  long long jensen_shannon;
};

struct LabelloomImageSums {
  unsigned not_finite;  ///< logits' cells
  unsigned outside_cells;
  unsigned detectable_cells;
  unsigned unused;
  long long detectable_mass;
};

struct LabelloomBatch {
  int type;  ///< LabelloomLogitType of all logits
  int image_count;
  int box_count;
  int keypoint_count;
  int classes;
  int scale;
  int rows;  ///< of an image's grid
  int columns;
  int most_domain_steps;  ///< of any box
  int most_valid_steps;   ///< of any image
  int jensen_shannon;
  float tau;
  long long union_words;  ///< 32-bit words an image: rows * columns bits, rounded up
  LabelloomLogits images;
  const LabelloomLogits* crops;  ///< [batches of crops]
  const LabelloomBox* boxes;
  const LabelloomImage* image_parts;
  const LabelloomKeypoint* keypoints;
  const float* q;  ///< [boxes, classes] each
  const float* log_q;
  const float* q_log_q;
  const unsigned char* detectable;  ///< [classes]
  const unsigned char* ignored;     ///< [rows / scale, columns / scale] of each image that has one
  LabelloomBoxSums* box_sums;       ///< [boxes] zeros before
  LabelloomImageSums* image_sums;   ///< [images] zeros before
  unsigned* unions;                 ///< [images, union_words] zeros before
};

/// Adds up everything in `batch`, whose struct itself is in host memory, on a cudaStream_t.
/// @returns a cudaError_t, 0 for success.
int labelloom_boxmask_launch(const LabelloomBatch* batch, void* stream);

/// Whether the kernels were built for the current device. @returns as labelloom_boxmask_launch.
int labelloom_boxmask_can_launch();

}  // extern "C"
