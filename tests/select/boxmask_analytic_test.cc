// Cases whose answer is known: the plain scorer, which the others are compared with, has to give it
// as well.

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "formats/error.h"
#include "select/boxmask_combine.h"
#include "select/boxmask_cpu.h"
#include "select/boxmask_reference.h"
#include "tests/select/scene.h"

namespace labelloom::select {
namespace {

constexpr double kTolerance = 1e-5;
constexpr int kSky = 2;  // stuff: classes 0 and 1 are things

struct Terms {
  double location = 0;
  double classes = 0;
  double segmentation = 0;
  double score = 0;
};

/// Of the first image, by the paper's options; both scorers agree.
Terms terms(const Scene& scene, const ScoringOptions& options = {}) {
  const auto image =
      score_on_cpu(scene.job, scene.images.batch(), scene.crop_batches(), options).at(0);
  const auto plain =
      score_plainly(scene.job, scene.images.batch(), scene.crop_batches(), options).at(0);
  const ImageTerms t = terms_of(image, {});
  EXPECT_NEAR(t.segmentation + t.boxes, plain.score, kTolerance);
  Terms result{.segmentation = t.segmentation, .score = t.segmentation + t.boxes};
  if (t.blamed_box >= 0) {
    result.location = t.each_box[static_cast<std::size_t>(t.blamed_box)].location;
    result.classes = t.each_box[static_cast<std::size_t>(t.blamed_box)].classes;
  }
  return result;
}

ImageComponents components(const Scene& scene, const ScoringOptions& options = {}) {
  return score_on_cpu(scene.job, scene.images.batch(), scene.crop_batches(), options).at(0);
}

/// Sky with one object of class 0 on cells [4, 8) x [2, 6); the logits say so for sure.
Scene perfect_picture() {
  Scene scene(1, 3, 2, 12, 16);
  for (int y = 0; y < 12; ++y) {
    for (int x = 0; x < 16; ++x) {
      const bool object = x >= 4 && x < 8 && y >= 2 && y < 6;
      scene.images.set_label(0, y, x, object ? 0 : kSky, kSure);
    }
  }
  return scene;
}

constexpr Box kObject{16, 8, 16, 16};

Scene perfect_world() {
  Scene scene = perfect_picture();
  scene.add_box(kObject, 0);
  return scene;
}

/// J of a pixel that is surely class `c` and a box with distribution q:
/// KL(p||q) = -ln q_c; KL(q||p) = sum q ln q + kSure sum over others of q.
double sure_distance(const std::vector<float>& q, std::size_t c) {
  double sum = -std::log(static_cast<double>(q[c]));
  for (std::size_t k = 0; k < q.size(); ++k) {
    const double p = static_cast<double>(q[k]);
    sum += p * std::log(p) + (k == c ? 0 : static_cast<double>(kSure) * p);
  }
  return sum / 2;
}

TEST(BoxMask, IsAllButZeroInAPerfectWorld) {
  const Scene scene = perfect_world();
  const Terms t = terms(scene);
  EXPECT_EQ(t.location, 0);
  EXPECT_EQ(t.segmentation, 0);
  EXPECT_NEAR(t.classes, sure_distance(scene.job.boxes[0].target, 0), kTolerance);
  EXPECT_LT(t.classes, 0.01);
  const ImageComponents image = components(scene);
  EXPECT_EQ(image.boxes[0].mask_cells, 16U);
  EXPECT_EQ(image.outside_cells, 12U * 16 - 16);
}

TEST(BoxMask, LabelsThatDisagreeWithTheCropMoveTheLocationTerm) {
  // The crop sees all of the object; the image's segmentation loses, by a hair, a quarter of it.
  Scene scene = perfect_world();
  for (int x = 4; x < 8; ++x) {
    for (int k = 0; k < 3; ++k) scene.images.at(0, k, 2, x) = k == 1 ? -kSure : kSure;
    scene.images.at(0, kSky, 2, x) = kSure + 1e-3F;
  }
  const Terms t = terms(scene);
  EXPECT_NEAR(t.location, 0.25, kTolerance);
  EXPECT_EQ(t.segmentation, 0);
}

TEST(BoxMask, AnUnsureDetectorMovesTheClassTermOnly) {
  Scene scene = perfect_world();
  scene.job.boxes[0].target = class_target(std::vector<float>{0.6F, 0.4F}, scene.classes, {});
  const Terms t = terms(scene);
  EXPECT_EQ(t.location, 0);
  EXPECT_EQ(t.segmentation, 0);
  EXPECT_NEAR(t.classes, sure_distance(scene.job.boxes[0].target, 0), kTolerance);
  EXPECT_GT(t.classes, 1);
}

TEST(BoxMask, AMissedObjectMovesTheSegmentationTermOnly) {
  Scene scene = perfect_world();
  const double before = terms(scene).classes;
  for (int x = 10; x < 13; ++x) scene.images.set_label(0, 9, x, 1, kSure);
  const Terms t = terms(scene);
  EXPECT_EQ(t.location, 0);
  EXPECT_EQ(t.classes, before);
  EXPECT_NEAR(t.segmentation, 3.0 / (12 * 16 - 16), kTolerance);
}

TEST(BoxMask, IsTheSameForTheMirroredPicture) {
  Scene scene = random_scene(60, 6, false);
  Scene mirrored = scene;
  const int width = scene.images.width;
  const auto mirror = [](const Logits& from, Logits& to) {
    for (int n = 0; n < from.count; ++n) {
      for (int k = 0; k < from.classes; ++k) {
        for (int y = 0; y < from.height; ++y) {
          for (int x = 0; x < from.width; ++x) {
            const auto at = static_cast<std::size_t>(
                ((n * from.classes + k) * from.height + y) * from.width + from.width - 1 - x);
            to.at(n, k, y, x) = from.values[at];
          }
        }
      }
    }
  };
  mirror(scene.images, mirrored.images);
  for (std::size_t i = 0; i < scene.crops.size(); ++i) mirror(scene.crops[i], mirrored.crops[i]);
  for (ImageJob& image : mirrored.job.images) {
    image.valid.x = width - image.valid.right();
    for (int y = 0; y < scene.images.height && !image.ignored.empty(); ++y) {
      const auto row = image.ignored.begin() + static_cast<std::ptrdiff_t>(y) * width;
      std::reverse(row, row + width);
    }
  }
  for (BoxJob& box : mirrored.job.boxes) {
    box.box.x = width * 4 - box.box.right();
    box.window.x = width - box.window.right();
    for (Point2d& point : box.keypoints) point.x = width * 4 - point.x;
  }
  EXPECT_EQ(score_on_cpu(scene.job, scene.images.batch(), scene.crop_batches(), {}),
            score_on_cpu(mirrored.job, mirrored.images.batch(), mirrored.crop_batches(), {}));
}

TEST(BoxMask, CountsLabelsOfItsOwnMaskWhenTheWindowIsTheImage) {
  // p of the crop is p of the image: S_loc is the share of {p_c > tau} whose label is another.
  Scene scene(1, 3, 2, 10, 10);
  Noise noise(61);
  scene.images.fill(noise, 2);
  scene.add_box({0, 0, 40, 40}, 1);
  int mask = 0;
  int mislabelled = 0;
  for (int y = 0; y < 10; ++y) {
    for (int x = 0; x < 10; ++x) {
      double e[3];
      for (int k = 0; k < 3; ++k) {
        e[k] = std::exp(static_cast<double>(scene.images.at(0, k, y, x)));
      }
      if (e[1] / (e[0] + e[1] + e[2]) <= 0.3) continue;
      ++mask;
      mislabelled += e[1] > e[0] && e[1] > e[2] ? 0 : 1;
    }
  }
  ASSERT_GT(mislabelled, 0);
  const ImageComponents image = components(scene);
  EXPECT_EQ(image.boxes[0].mask_cells, static_cast<std::uint32_t>(mask));
  EXPECT_EQ(image.boxes[0].mislabelled_cells, static_cast<std::uint32_t>(mislabelled));
}

TEST(BoxMask, TakesTheWholeBoxWhenItsMaskIsEmpty) {
  Scene scene = perfect_picture();
  scene.add_box({40, 32, 16, 12}, 0);  // sky
  const ImageComponents image = components(scene);
  EXPECT_EQ(image.boxes[0].state, BoxState::kEmptyMask);
  EXPECT_EQ(image.boxes[0].summed_cells(), 12U);
  EXPECT_EQ(image.boxes[0].mislabelled_cells, 12U);
  EXPECT_EQ(image.outside_cells, 12U * 16);  // nothing joins the union
  EXPECT_NEAR(terms(scene).classes, sure_distance(scene.job.boxes[0].target, kSky), 1e-4);
}

TEST(BoxMask, TakesTheBoxAndNotTheWindowWhenItsMaskIsEmpty) {
  Scene scene = perfect_picture();
  scene.add_box({40, 32, 16, 12}, 0, {8, 4, 8, 8});  // sky
  const ImageComponents by_box = components(scene);
  const ImageComponents image = components(scene, {.domain = Domain::kWindow});
  EXPECT_EQ(image.boxes[0].state, BoxState::kEmptyMask);
  EXPECT_EQ(image.boxes[0].domain_cells, 64U);
  EXPECT_EQ(image.boxes[0].box_cells, 12U);
  EXPECT_EQ(image.boxes[0].summed_cells(), 12U);
  EXPECT_EQ(image.boxes[0].mislabelled_cells, 12U);
  EXPECT_EQ(image.boxes[0].symmetric, by_box.boxes[0].symmetric);
}

TEST(BoxMask, IsTheSegmentationTermOfTheWholeImageWithoutDetections) {
  const Scene scene = perfect_picture();
  const Terms t = terms(scene);
  EXPECT_NEAR(t.segmentation, 16.0 / (12 * 16), kTolerance);
  EXPECT_EQ(t.score, t.segmentation);
}

TEST(BoxMask, HasNoSegmentationTermWhenMasksCoverTheImage) {
  Scene scene(1, 3, 2, 5, 7);
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 7; ++x) scene.images.set_label(0, y, x, 1, kSure);
  }
  scene.add_box({-100, -100, 1000, 1000}, 1);
  const ImageComponents image = components(scene);
  EXPECT_EQ(image.boxes[0].mask_cells, 35U);
  EXPECT_EQ(image.outside_cells, 0U);
  EXPECT_EQ(terms(scene).segmentation, 0);
}

TEST(BoxMask, GivesATinyBoxTheCellUnderItsCentre) {
  Scene scene = perfect_picture();
  scene.add_box({20.1, 12.2, 1, 1}, 0);  // misses the centres of all cells
  scene.add_box({22, 14, 0, 0}, 0);      // a point on one
  scene.add_box({63.5, 47.5, 0.5, 0.5}, 0);
  const ImageComponents image = components(scene);
  EXPECT_EQ(image.boxes[0].domain_cells, 1U);
  EXPECT_EQ(image.boxes[0].mask_cells, 1U);
  EXPECT_EQ(image.boxes[1].domain_cells, 1U);
  EXPECT_EQ(image.boxes[2].domain_cells, 1U);
  EXPECT_EQ(image.boxes[2].state, BoxState::kEmptyMask);
}

TEST(BoxMask, LeavesOutBoxesOutsideTheImageAndOfUnknownClass) {
  Scene scene = perfect_world();
  const Terms before = terms(scene);
  scene.add_box({-50, 0, 20, 20}, 0);
  scene.add_box({0, 0, std::numeric_limits<double>::quiet_NaN(), 20}, 0);
  scene.add_box(kObject, -1);
  const ImageComponents image = components(scene);
  EXPECT_EQ(image.boxes[1].state, BoxState::kOutside);
  EXPECT_EQ(image.boxes[2].state, BoxState::kOutside);
  EXPECT_EQ(image.boxes[3].state, BoxState::kUnmapped);
  EXPECT_EQ(terms(scene).score, before.score);
}

TEST(BoxMask, MarksAnImageWithALogitThatIsNoNumber) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float bad : {kNan, kInfinity}) {
    Scene in_image = perfect_world();
    in_image.images.at(0, 1, 11, 15) = bad;
    Scene in_crop = perfect_world();
    in_crop.crops[0].at(0, 2, 3, 5) = bad;
    for (const Scene& scene : {in_image, in_crop}) {
      const ImageComponents image = components(scene);
      EXPECT_FALSE(image.finite);
      ASSERT_EQ(image.boxes.size(), 1U);
      EXPECT_EQ(image.boxes[0], BoxComponents());
      EXPECT_FALSE(terms_of(image, {}).finite);
    }
  }
  Scene beside_box = perfect_world();  // no cell of the box: nobody looks
  beside_box.crops[0].at(0, 2, 9, 9) = kNan;
  EXPECT_TRUE(components(beside_box).finite);
  Scene masked_class = perfect_world();
  masked_class.images.at(0, 1, 11, 15) = -kInfinity;
  EXPECT_TRUE(components(masked_class).finite);
}

TEST(BoxMask, TakesASegmentationOfOneClass) {
  Scene scene(1, 1, 1, 4, 4);
  scene.add_box({0, 0, 8, 8}, 0);
  const Terms t = terms(scene);
  EXPECT_EQ(t.location, 0);
  EXPECT_NEAR(t.classes, 0, kTolerance);
  EXPECT_EQ(t.segmentation, 1);  // all of it is a thing, and nothing was detected there
}

TEST(BoxMask, DoesNotChangeWhenAConstantIsAddedToLogits) {
  Scene scene = random_scene(62, 8);
  const auto before = components(scene);
  for (float& value : scene.images.values) value += 16;
  const auto after = components(scene);
  ASSERT_EQ(before.boxes.size(), after.boxes.size());
  for (std::size_t i = 0; i < before.boxes.size(); ++i) {
    if (before.boxes[i].summed_cells() == 0) continue;
    EXPECT_NEAR(terms_of(before, {}).each_box[i].classes,
                terms_of(after, {}).each_box[i].classes,
                kTolerance);
  }
}

TEST(BoxMask, CountsKeyPointsAwayFromTheMask) {
  Scene scene = perfect_world();
  // On the object; two cells outside the box, which is near enough; in the far corner; nowhere.
  scene.job.boxes[0].keypoints = {
      {20, 12}, {39.5, 12}, {60, 44}, {std::numeric_limits<double>::infinity(), 0}};
  const ImageComponents image = components(scene);
  EXPECT_EQ(image.boxes[0].keypoints, 4U);
  EXPECT_EQ(image.boxes[0].keypoints_outside, 2U);
  EXPECT_EQ(components(scene, {.keypoint_dilation = 0}).boxes[0].keypoints_outside, 3U);
}

TEST(BoxMask, PixelsAndCellsAgreeOnASmoothPicture) {
  Scene scene(1, 3, 2, 24, 24);
  for (int y = 0; y < 24; ++y) {
    for (int x = 0; x < 24; ++x) {
      const double inside = 9 - std::hypot(x - 12, y - 12);
      scene.images.at(0, 0, y, x) = static_cast<float>(inside);
      scene.images.at(0, kSky, y, x) = static_cast<float>(-inside);
      scene.images.at(0, 1, y, x) = -4;
    }
  }
  scene.add_box({10, 10, 70, 70}, 0);
  const ImageTerms cells = terms_of(components(scene), {});
  const ImageTerms pixels = terms_of(components(scene, {.grid = Grid::kPixels}), {});
  EXPECT_NEAR(cells.boxes, pixels.boxes, 0.05);
  EXPECT_NEAR(cells.segmentation, pixels.segmentation, 0.02);
}

TEST(BoxMask, RefusesJobsThatDoNotFitTheirLogits) {
  const auto refused = [](auto&& spoil) {
    Scene scene = perfect_world();
    spoil(scene);
    EXPECT_THROW((void)components(scene), Error);
  };
  refused([](Scene& s) { s.job.boxes[0].image = 1; });
  refused([](Scene& s) { s.job.boxes[0].seg_class = 3; });
  refused([](Scene& s) { s.job.boxes[0].crop = 1; });
  refused([](Scene& s) { s.job.boxes[0].crop_batch = -1; });
  refused([](Scene& s) { s.job.boxes[0].window.width = 99; });
  refused([](Scene& s) { s.job.boxes[0].window = {0, 0, 2, 2}; });
  refused([](Scene& s) { s.job.boxes[0].target = {1, 0, 0}; });
  refused([](Scene& s) { s.job.boxes[0].target.pop_back(); });
  refused([](Scene& s) { s.job.images[0].valid.width = 17; });
  refused([](Scene& s) { s.job.images[0].ignored = {1, 2, 3}; });
  refused([](Scene& s) { s.job.images.clear(); });
  refused([](Scene& s) { s.job.detectable.pop_back(); });
  refused([](Scene& s) { s.job.seg_classes = 4; });
  refused([](Scene& s) { s.job.stride = 0; });
}

}  // namespace
}  // namespace labelloom::select
