// The cells that reports show are those that the scores count.

#include "select/blamed_cells.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "select/boxmask_cpu.h"
#include "select/cell_statistics.h"
#include "tests/select/scene.h"

namespace labelloom::select {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

BlamedPicture blamed(const Scene& scene,
                     std::size_t picture = 0,
                     const ScoringOptions& options = {}) {
  const LogitBatch images = scene.images.batch();
  const std::vector<int> labels =
      cell_labels({&images, static_cast<int>(picture), scene.job.images[picture].valid});
  const std::vector<LogitBatch> crops = scene.crop_batches();
  return BlamedCells(scene.job, images, crops, options).of_picture(picture, labels);
}

TEST(BlamedCells, AreAsManyAsTheScoresCount) {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    Scene scene(2, 5, 3, 16, 20);
    Noise noise(seed);
    scene.images.fill(noise, 3);
    scene.job.images[1].valid = {2, 3, 15, 11};
    for (int i = 0; i < 6; ++i) {
      scene.add_box({noise.in(0, 50), noise.in(0, 40), noise.in(1, 30), noise.in(1, 24)},
                    noise.below(3),
                    i % 2);
    }
    const auto scored = score_on_cpu(scene.job, scene.images.batch(), scene.crop_batches(), {});
    for (std::size_t p = 0; p < 2; ++p) {
      const BlamedPicture picture = blamed(scene, p);
      EXPECT_EQ(cell_count(picture.detectable_outside), scored[p].detectable_cells);
      ASSERT_EQ(picture.boxes.size(), scored[p].boxes.size());
      for (std::size_t i = 0; i < picture.boxes.size(); ++i) {
        EXPECT_EQ(cell_count(picture.boxes[i].mask), scored[p].boxes[i].mask_cells);
        EXPECT_EQ(cell_count(picture.boxes[i].mislabelled), scored[p].boxes[i].mislabelled_cells);
        EXPECT_LE(cell_count(picture.boxes[i].divergent), scored[p].boxes[i].summed_cells());
      }
    }
  }
}

TEST(BlamedCells, DivergentAreAsFewAsMakeHalfOfTheSum) {
  Scene scene(1, 3, 2, 4, 4);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) scene.images.set_label(0, y, x, 0, 20);
  }
  scene.images.set_label(0, 1, 2, 1, 20, 0);
  scene.add_box({4, 4, 8, 8}, 0);
  // The crop saw class 0 everywhere, the picture did not.
  scene.crops.front().set_label(0, 1, 2, 0, 20);
  const BlamedPicture picture = blamed(scene);
  EXPECT_THAT(picture.boxes[0].mask, ElementsAre(5, 2, 2, 2));
  EXPECT_THAT(picture.boxes[0].mislabelled, ElementsAre(6, 1));
  EXPECT_THAT(picture.boxes[0].divergent, ElementsAre(6, 1));
}

TEST(BlamedCells, ABoxWithoutMaskBlamesAllOfItAndLeavesTheOutsideAlone) {
  Scene scene(1, 3, 2, 4, 4);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) scene.images.set_label(0, y, x, 1, 20);
  }
  scene.add_box({0, 0, 8, 4}, 0);
  const BlamedPicture picture = blamed(scene);
  EXPECT_THAT(picture.boxes[0].mask, IsEmpty());
  EXPECT_THAT(picture.boxes[0].mislabelled, ElementsAre(0, 2));
  EXPECT_THAT(picture.detectable_outside, ElementsAre(0, 16));
}

TEST(BlamedCells, OfAnEmptyWindowAreThoseOfItsBox) {
  Scene scene(1, 3, 2, 4, 4);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) scene.images.set_label(0, y, x, 1, 20);
  }
  scene.add_box({0, 0, 8, 4}, 0);
  const BlamedPicture picture = blamed(scene, 0, {.domain = Domain::kWindow});
  EXPECT_THAT(picture.boxes[0].mask, IsEmpty());
  EXPECT_THAT(picture.boxes[0].mislabelled, ElementsAre(0, 2));
}

TEST(BlamedCells, AClassThatTheSegmentationLacksHasNone) {
  Scene scene(1, 3, 2, 4, 4);
  scene.add_box({0, 0, 8, 8}, 0);
  scene.job.boxes[0].seg_class = -1;
  const BlamedPicture picture = blamed(scene);
  EXPECT_THAT(picture.boxes[0].mask, IsEmpty());
  EXPECT_THAT(picture.boxes[0].mislabelled, IsEmpty());
  EXPECT_THAT(picture.boxes[0].divergent, IsEmpty());
}

}  // namespace
}  // namespace labelloom::select
