// Ranges over the table of transforms: a new one is held to the contract from its first day.

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include "tests/augment/contract.h"

namespace labelloom::augment {
namespace {

using test::Case;
using test::Outcome;
using test::Subjects;

constexpr int kSeeds = 4;

const std::vector<Subjects>& all_subjects() {
  static const std::vector<Subjects> all{test::make_subjects({320, 240}),
                                         test::make_subjects({201, 333})};
  return all;
}

double least_iou(TransformKind kind) { return kind == TransformKind::kCurved ? 0.97 : 0.99; }

class EveryTransform : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    // What they do to the annotations of several pictures is tested with them.
    if (GetParam().entry->kind == TransformKind::kMultiImage) GTEST_SKIP() << "needs other images";
  }

  /// Calls `check` with the outcome for each picture and seed.
  template <typename Check>
  void each(const Check& check) const {
    std::vector<Node> nodes;
    nodes.push_back(test::leaf(GetParam()));
    const Pipeline pipeline = test::sequence(std::move(nodes));
    for (const Subjects& subjects : all_subjects()) {
      for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        const Outcome outcome = test::run(pipeline, subjects, {.seed = seed, .image = 7});
        SCOPED_TRACE(::testing::Message() << subjects.size.width << " x " << subjects.size.height
                                          << ", seed " << seed << "\n"
                                          << describe(outcome.plan));
        check(pipeline, subjects, seed, outcome);
      }
    }
  }
};

TEST_P(EveryTransform, HasOneMeaningForEachName) {
  std::set<std::string> names;
  for (const FieldDoc& field : GetParam().entry->fields) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    for (const char* alias : field.spec.aliases) EXPECT_TRUE(names.insert(alias).second) << alias;
  }
}

TEST_P(EveryTransform, MovesPixelsAndPointsAlike) {
  const TransformKind kind = GetParam().entry->kind;
  each([&](const Pipeline&, const Subjects& subjects, std::uint64_t, const Outcome& outcome) {
    test::expect_pixels_and_points_agree(
        outcome, subjects, least_iou(kind), test::is_geometric(kind), Fusion::kFull);
  });
}

TEST_P(EveryTransform, MakesValidInstances) {
  each([&](const Pipeline&, const Subjects&, std::uint64_t, const Outcome& outcome) {
    test::expect_valid(outcome);
  });
}

TEST_P(EveryTransform, DependsOnTheKeyAndNothingElse) {
  // Those that draw nothing, with the settings they are tested with.
  static const std::set<std::string> fixed{"Affine",
                                           "CenterCrop_1",
                                           "CenterCrop_2",
                                           "Crop",
                                           "Crop_1",
                                           "CropAndPad",
                                           "HorizontalFlip",
                                           "LongestMaxSize",
                                           "LongestMaxSize_2",
                                           "PadIfNeeded",
                                           "PadIfNeeded_1",
                                           "PadIfNeeded_2",
                                           "Resize_1",
                                           "Resize_2",
                                           "SmallestMaxSize",
                                           "SmallestMaxSize_2",
                                           "Transpose",
                                           "VerticalFlip"};
  std::set<std::string> outcomes;
  each([&](const Pipeline& pipeline,
           const Subjects& subjects,
           std::uint64_t seed,
           const Outcome& outcome) {
    const Outcome again = test::run(pipeline, subjects, {.seed = seed, .image = 7});
    EXPECT_EQ(describe(outcome.plan), describe(again.plan));
    EXPECT_EQ(outcome.labels.geometry.points, again.labels.geometry.points);
    const auto pixels = [&](const Outcome& from) {
      return render(plan_pixels(from.plan, Fusion::kFull), subjects.smooth, nullptr).pixels;
    };
    EXPECT_EQ(cv::norm(pixels(outcome), pixels(again), cv::NORM_INF), 0);
    std::string points;
    for (const Point2d p : outcome.labels.geometry.points) {
      points += fmt::format("{:.3f} {:.3f},", p.x, p.y);
    }
    outcomes.insert(points);
  });
  if (!test::is_geometric(GetParam().entry->kind)) return;
  if (fixed.contains(GetParam().name)) {
    EXPECT_EQ(outcomes.size(), all_subjects().size());
  } else {
    EXPECT_GT(outcomes.size(), all_subjects().size());
  }
}

TEST_P(EveryTransform, LooksTheSameFusedWithItsNeighbours) {
  const TransformEntry* flip = find_transform("HorizontalFlip");
  const TransformEntry* turn = find_transform("ShiftScaleRotate");
  std::vector<Node> nodes;
  nodes.push_back(test::leaf({"flip", flip}));
  nodes.push_back(test::leaf(GetParam()));
  nodes.push_back(test::leaf({"turn", turn}));
  const Pipeline pipeline = test::sequence(std::move(nodes));
  const bool geometric = test::is_geometric(GetParam().entry->kind);
  for (const Subjects& subjects : all_subjects()) {
    const Outcome outcome = test::run(pipeline, subjects, {.seed = 3, .image = 7});
    SCOPED_TRACE(describe(outcome.plan) + describe(plan_pixels(outcome.plan, Fusion::kFull)));
    test::expect_valid(outcome);
    if (geometric) test::expect_fusion_changes_nothing(outcome, subjects);
    const double least = least_iou(GetParam().entry->kind);
    test::expect_pixels_and_points_agree(outcome, subjects, least, geometric, Fusion::kFull);
    test::expect_pixels_and_points_agree(outcome, subjects, least, geometric, Fusion::kNone);
  }
}

INSTANTIATE_TEST_SUITE_P(Table,
                         EveryTransform,
                         ::testing::ValuesIn(test::all_cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace labelloom::augment
