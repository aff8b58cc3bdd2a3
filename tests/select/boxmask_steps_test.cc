// What CUDA threads do, step after step on the processor: the integers of the vectorised scorer.

#include "select/boxmask_steps.h"

#include <gtest/gtest.h>

#include "select/boxmask_cpu.h"
#include "select/boxmask_packed.h"
#include "tests/select/scene.h"

namespace labelloom::select {
namespace {

LabelloomLogits view(const LogitBatch& logits) {
  return {logits.data,
          logits.image_stride,
          logits.class_stride,
          logits.row_stride,
          logits.column_stride};
}

void score_box(LabelloomBatch& batch, int index) {
  const LabelloomBox& box = batch.boxes[index];
  if (box.seg_class < 0) return;
  LabelloomBoxSums& sums = batch.box_sums[index];
  const auto for_steps = [&](auto&& body) {
    for (int y = box.domain[1]; y < box.domain[1] + box.domain[3]; ++y) {
      for (int x = box.domain[0]; x < box.domain[0] + box.domain[2]; ++x) body(x, y);
    }
  };
  for_steps([&](int x, int y) {
    bool finite = true;
    const bool masked = steps::in_mask<float>(batch, box, x, y, finite);
    batch.image_sums[box.image].not_finite += finite ? 0U : 1U;
    if (!masked) return;
    sums.mask_cells += 1;
    const long long bit = steps::bit_of(batch, x, y);
    batch.unions[box.image * batch.union_words + bit / 32] |= 1U << (bit % 32);
    steps::add_box_step<float>(batch, index, x, y, sums);
  });
  if (sums.mask_cells > 0) return;
  for_steps([&](int x, int y) { steps::add_box_step<float>(batch, index, x, y, sums); });
}

void score_image(LabelloomBatch& batch, int image) {
  const int* valid = batch.image_parts[image].valid;
  for (int y = valid[1]; y < valid[1] + valid[3]; ++y) {
    for (int x = valid[0]; x < valid[0] + valid[2]; ++x) {
      const long long bit = steps::bit_of(batch, x, y);
      const unsigned word = batch.unions[image * batch.union_words + bit / 32];
      const bool covered = (word >> (bit % 32) & 1U) != 0;
      steps::add_image_step<float>(batch, image, x, y, covered, batch.image_sums[image]);
    }
  }
}

std::vector<ImageComponents> by_steps(const Scene& scene, const ScoringOptions& options) {
  std::vector<LogitShape> shapes;
  std::vector<LabelloomLogits> crops;
  for (const LogitBatch& crop : scene.crop_batches()) {
    shapes.push_back(shape_of(crop));
    crops.push_back(view(crop));
  }
  const PreparedJob prepared = prepare(scene.job, options, shape_of(scene.images.batch()), shapes);
  const PackedJob packed = pack(scene.job, prepared, options);
  std::vector<LabelloomBoxSums> box_sums(packed.boxes.size());
  std::vector<LabelloomImageSums> image_sums(packed.images.size());
  std::vector<unsigned> unions(packed.images.size() *
                               static_cast<std::size_t>(packed.sizes.union_words));
  LabelloomBatch batch = packed.sizes;
  batch.images = view(scene.images.batch());
  batch.crops = crops.data();
  batch.boxes = packed.boxes.data();
  batch.image_parts = packed.images.data();
  batch.keypoints = packed.keypoints.data();
  batch.q = packed.q.data();
  batch.log_q = packed.log_q.data();
  batch.q_log_q = packed.q_log_q.data();
  batch.detectable = packed.detectable.data();
  batch.ignored = packed.ignored.data();
  batch.box_sums = box_sums.data();
  batch.image_sums = image_sums.data();
  batch.unions = unions.data();
  for (int i = 0; i < batch.box_count; ++i) score_box(batch, i);
  for (int i = 0; i < batch.keypoint_count; ++i) {
    const bool outside = steps::is_outside<float>(batch, batch.keypoints[i]);
    box_sums[static_cast<std::size_t>(batch.keypoints[i].box)].keypoints_outside += outside ? 1 : 0;
  }
  for (int i = 0; i < batch.image_count; ++i) score_image(batch, i);
  return unpack(prepared, options, box_sums, image_sums, unions);
}

TEST(BoxMaskSteps, GiveTheIntegersOfTheVectorisedScorer) {
  for (std::uint32_t seed = 50; seed < 54; ++seed) {
    SCOPED_TRACE(seed);
    const Scene scene = random_scene(seed, 1 + static_cast<int>(seed - 50) * 7);
    for (const ScoringOptions& options :
         {ScoringOptions{.keep_union = true},
          ScoringOptions{.grid = Grid::kPixels, .jensen_shannon = false},
          ScoringOptions{.tau = 0.6, .domain = Domain::kWindow}}) {
      EXPECT_EQ(by_steps(scene, options),
                score_on_cpu(scene.job, scene.images.batch(), scene.crop_batches(), options));
    }
  }
}

}  // namespace
}  // namespace labelloom::select
