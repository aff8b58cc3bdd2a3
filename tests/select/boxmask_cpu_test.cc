// The vectorised scorer against the plain one, against the arithmetic of boxmask_math.h cell by
// cell, and against itself in other orders, layouts and instruction sets.

#include "select/boxmask_cpu.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include "select/boxmask_combine.h"
#include "select/boxmask_kernels.h"
#include "select/boxmask_math.h"
#include "select/boxmask_reference.h"
#include "tests/select/scene.h"
#include "tests/support/every_target.h"

namespace labelloom::select {
namespace {

/// Single precision and sums in 2^-24.
constexpr double kTolerance = 1e-5;

std::vector<ImageComponents> score(const Scene& scene, const ScoringOptions& options = {}) {
  return score_on_cpu(scene.job, scene.images.batch(), scene.crop_batches(), options);
}

void expect_like_reference(const Scene& scene, const ScoringOptions& options) {
  const auto images = score(scene, options);
  const auto plain = score_plainly(scene.job, scene.images.batch(), scene.crop_batches(), options);
  ASSERT_EQ(images.size(), plain.size());
  const CombineOptions paper;
  const CombineOptions robust = boxmask_preset("robust").combine;
  CombineOptions forward;
  forward.divergence = Divergence::kPixelsFromBox;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const ImageTerms by_paper = terms_of(images[i], paper);
    const ImageTerms by_robust = terms_of(images[i], robust);
    const ImageTerms by_forward = terms_of(images[i], forward);
    EXPECT_EQ(images[i].outside_cells, plain[i].outside_cells);
    EXPECT_NEAR(by_paper.segmentation, plain[i].indicator, kTolerance);
    EXPECT_NEAR(by_robust.segmentation, plain[i].probability, kTolerance);
    EXPECT_NEAR(by_paper.segmentation + by_paper.boxes, plain[i].score, 2 * kTolerance);
    ASSERT_EQ(images[i].boxes.size(), plain[i].boxes.size());
    for (std::size_t b = 0; b < plain[i].boxes.size(); ++b) {
      const ReferenceBox& box = plain[i].boxes[b];
      EXPECT_EQ(images[i].boxes[b].mask_cells, box.mask_cells);
      EXPECT_EQ(images[i].boxes[b].state == BoxState::kEmptyMask, box.empty_mask);
      EXPECT_EQ(images[i].boxes[b].keypoints_outside, box.keypoints_outside);
      EXPECT_NEAR(by_paper.each_box[b].location, box.location, kTolerance);
      EXPECT_NEAR(by_paper.each_box[b].classes, box.classes, kTolerance);
      EXPECT_NEAR(by_forward.each_box[b].classes, box.pixels_from_box, kTolerance);
      EXPECT_NEAR(by_robust.each_box[b].classes, box.jensen_shannon, kTolerance);
    }
  }
}

TEST(BoxMaskCpu, EqualsThePlainScorer) {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    expect_like_reference(random_scene(seed, 2 + static_cast<int>(seed) * 3), {});
  }
}

TEST(BoxMaskCpu, EqualsThePlainScorerForWholeWindowsAndOtherThresholds) {
  const ScoringOptions options{.tau = 0.05, .domain = Domain::kWindow, .keypoint_dilation = 0};
  expect_like_reference(random_scene(7, 11), options);
  expect_like_reference(random_scene(3, 11), {.tau = 0.6, .domain = Domain::kWindow});
}

TEST(BoxMaskCpu, EqualsThePlainScorerOnPixels) {
  const ScoringOptions options{.grid = Grid::kPixels};
  expect_like_reference(random_scene(8, 5), options);
  expect_like_reference(random_scene(9, 20), options);
}

TEST(BoxMaskCpu, SeesEmptyMasksInTheRandomScenes) {  // or the tests above say nothing about them
  int empty = 0;
  for (const ImageComponents& image : score(random_scene(3, 11))) {
    for (const BoxComponents& box : image.boxes) empty += box.state == BoxState::kEmptyMask ? 1 : 0;
  }
  EXPECT_GT(empty, 0);
  // Windows, too, and of more cells than their boxes.
  empty = 0;
  for (const ImageComponents& image :
       score(random_scene(3, 11), {.tau = 0.6, .domain = Domain::kWindow})) {
    for (const BoxComponents& box : image.boxes) {
      empty += box.state == BoxState::kEmptyMask && box.box_cells < box.domain_cells ? 1 : 0;
    }
  }
  EXPECT_GT(empty, 0);
}

/// A row's sums, cell by cell.
struct RowSums {
  bool finite = true;
  std::vector<bool> mask;
  DistanceSums distances;
  OutsideSums outside;
};

struct RowCase {
  LogitRow row;
  int seg_class = 0;
  std::vector<float> q;
  std::vector<float> log_q;
  std::vector<float> q_log_q;
  std::vector<std::uint8_t> detectable;
};

RowSums by_cells(const RowCase& c) {
  RowSums sums;
  for (std::size_t i = 0; i < c.row.count; ++i) {
    const auto logit = [&](int k) {
      return c.row.logits[k * c.row.class_stride + static_cast<std::ptrdiff_t>(i)];
    };
    const math::Top top = math::top_of(logit, c.row.classes);
    sums.finite = sums.finite && top.finite;
    const bool masked = math::above(logit, c.row.classes, top.logit, c.seg_class, 0.3F);
    sums.mask.push_back(masked);
    if (!masked) {
      const bool counts = c.detectable[static_cast<std::size_t>(top.label)] != 0;
      sums.outside.detectable_cells += counts ? 1 : 0;
      sums.outside.detectable_mass +=
          math::fixed(math::detectable_share(logit, c.row.classes, top.logit, c.detectable.data()));
      continue;
    }
    const math::Distances d = math::distances(
        logit, c.row.classes, top.logit, c.q.data(), c.log_q.data(), c.q_log_q.data(), true);
    sums.distances.labelled += top.label == c.seg_class ? 1 : 0;
    sums.distances.symmetric += math::fixed(d.symmetric);
    sums.distances.pixels_from_box += math::fixed(d.pixels_from_box);
    sums.distances.jensen_shannon += math::fixed(d.jensen_shannon);
  }
  return sums;
}

RowSums by_kernels(const RowCase& c) {
  RowSums sums;
  std::vector<float> room(kernel_room(c.row.classes));
  std::vector<std::uint64_t> bits(c.row.count / 64 + 1);
  sums.finite = mask_row(c.row, c.seg_class, 0.3F, room.data(), bits.data());
  for (std::size_t i = 0; i < c.row.count; ++i) {
    sums.mask.push_back((bits[i / 64] >> (i % 64) & 1U) != 0);
  }
  std::vector<float> label(c.q.size(), 0);
  label[static_cast<std::size_t>(c.seg_class)] = 1;
  const RowTarget target{c.q.data(), c.log_q.data(), c.q_log_q.data(), label.data()};
  add_distances(c.row, target, bits.data(), true, room.data(), sums.distances);
  for (std::uint64_t& word : bits) word = ~word;
  const std::vector<float> detectable(c.detectable.begin(), c.detectable.end());
  add_outside(c.row, detectable.data(), bits.data(), room.data(), sums.outside);
  return sums;
}

TEST(BoxMaskKernels, DoTheArithmeticOfACellOnEveryInstructionSet) {
  Noise noise(5);
  for (const int classes : {1, 2, 19, 33}) {
    // Memory ends with the row, so that a sanitizer sees who reads on.
    for (const std::size_t count : {1U, 7U, 64U, 131U}) {
      std::vector<float> logits(count * static_cast<std::size_t>(classes));
      for (float& value : logits) {
        const double spread = noise.below(9) == 0 ? 300 : 5;
        value = static_cast<float>(noise.in(-spread, spread));
      }
      RowCase c;
      c.row = {logits.data(), static_cast<std::ptrdiff_t>(count), count, classes};
      c.seg_class = noise.below(classes);
      for (int k = 0; k < classes; ++k) {
        c.q.push_back(static_cast<float>(noise.in(1e-4, 2.0 / classes)));
        c.log_q.push_back(math::log_of(c.q.back()));
        c.q_log_q.push_back(c.q.back() * c.log_q.back());
        c.detectable.push_back(static_cast<std::uint8_t>(noise.below(2)));
      }
      const RowSums plain = by_cells(c);
      expect_same_on_every_target([&] {
        const RowSums sums = by_kernels(c);
        EXPECT_EQ(sums.finite, plain.finite);
        EXPECT_EQ(sums.mask, plain.mask);
        EXPECT_EQ(sums.distances.labelled, plain.distances.labelled);
        EXPECT_EQ(sums.distances.symmetric, plain.distances.symmetric);
        EXPECT_EQ(sums.distances.pixels_from_box, plain.distances.pixels_from_box);
        EXPECT_EQ(sums.distances.jensen_shannon, plain.distances.jensen_shannon);
        EXPECT_EQ(sums.outside.detectable_cells, plain.outside.detectable_cells);
        EXPECT_EQ(sums.outside.detectable_mass, plain.outside.detectable_mass);
        return sums.mask;
      });
    }
  }
}

TEST(BoxMaskCpu, GivesTheSameIntegersOnEveryInstructionSet) {
  const Scene scene = random_scene(11, 19);
  const ScoringOptions options{.keep_union = true};
  expect_same_on_every_target([&] { return score(scene, options); });
}

TEST(BoxMaskCpu, GivesTheSameIntegersOnAnyNumberOfThreads) {
  const Scene scene = random_scene(12, 9);
  const auto expected = score(scene);
  for (const std::size_t threads : {1U, 2U, 3U}) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    EXPECT_EQ(score(scene), expected);
  }
}

TEST(BoxMaskCpu, DoesNotLookAtThePaddingOfCrops) {
  for (const Grid grid : {Grid::kLogits, Grid::kPixels}) {
    Scene scene = random_scene(13, 7, /*with_padding=*/true);
    const ScoringOptions options{.grid = grid};
    const auto expected = score(scene, options);
    for (const BoxJob& box : scene.job.boxes) {
      Logits& crop = scene.crops[static_cast<std::size_t>(box.crop_batch)];
      for (int k = 0; k < crop.classes; ++k) {
        for (int y = 0; y < crop.height; ++y) {
          for (int x = 0; x < crop.width; ++x) {
            const bool padding = y >= box.window.height || x >= box.window.width;
            if (padding) crop.at(1, k, y, x) = std::numeric_limits<float>::quiet_NaN();
          }
        }
      }
    }
    EXPECT_EQ(score(scene, options), expected);
  }
}

TEST(BoxMaskCpu, ScoresAnImageAloneAsInABatch) {
  const Scene scene = random_scene(14, 6);
  const auto together = score(scene);
  for (int i = 0; i < 3; ++i) {
    ScoringJob alone = scene.job;
    alone.images = {scene.job.images[static_cast<std::size_t>(i)]};
    std::erase_if(alone.boxes, [i](const BoxJob& box) { return box.image != i; });
    for (BoxJob& box : alone.boxes) box.image = 0;
    LogitBatch images = scene.images.batch();
    images.data += i * images.image_stride;
    images.count = 1;
    const auto image = score_on_cpu(alone, images, scene.crop_batches(), {});
    EXPECT_EQ(image.front(), together[static_cast<std::size_t>(i)]);
  }
}

TEST(BoxMaskCpu, TakesChannelsLast) {
  for (const Grid grid : {Grid::kLogits, Grid::kPixels}) {
    const Scene scene = random_scene(15, 6);
    const ScoringOptions options{.grid = grid};
    const LogitBatch planes = scene.images.batch();
    std::vector<float> last(scene.images.values.size());
    LogitBatch images = planes;
    images.data = last.data();
    images.class_stride = 1;
    images.column_stride = planes.classes;
    images.row_stride = std::ptrdiff_t{planes.classes} * planes.width;
    for (int n = 0; n < planes.count; ++n) {
      for (int k = 0; k < planes.classes; ++k) {
        for (int y = 0; y < planes.height; ++y) {
          for (int x = 0; x < planes.width; ++x) {
            const std::ptrdiff_t at =
                n * images.image_stride + y * images.row_stride + x * images.column_stride + k;
            last[static_cast<std::size_t>(at)] =
                planes.data[n * planes.image_stride + k * planes.class_stride +
                            y * planes.row_stride + x];
          }
        }
      }
    }
    EXPECT_EQ(score_on_cpu(scene.job, images, scene.crop_batches(), options),
              score(scene, options));
  }
}

TEST(BoxMaskCpu, LeavesOutJensenShannonWhenItIsNotWanted) {
  const Scene scene = random_scene(16, 8);
  auto expected = score(scene);
  for (ImageComponents& image : expected) {
    image.has_jensen_shannon = false;
    for (BoxComponents& box : image.boxes) box.jensen_shannon = 0;
  }
  EXPECT_EQ(score(scene, {.jensen_shannon = false}), expected);
}

}  // namespace
}  // namespace labelloom::select
