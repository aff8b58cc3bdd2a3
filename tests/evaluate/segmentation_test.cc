#include "evaluate/segmentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "tests/support/temp_dir.h"

namespace labelloom::evaluate {
namespace {

using test::TempDir;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Labels = std::vector<std::uint8_t>;

SegmentationScores scores_of(const Labels& truth,
                             const Labels& predicted,
                             const SegmentationOptions& options = {}) {
  ConfusionMatrix matrix(options.ignore);
  matrix.add(truth, predicted);
  return segmentation_scores(matrix, options);
}

TEST(MeanIou, IsTheMeanOverTheClassesOfTheTruth) {
  // class 0: 2 right of 4 that are either; class 1: 1 of 3; class 2 is predicted only
  const SegmentationScores scores = scores_of({0, 0, 0, 1, 1}, {0, 0, 1, 1, 2});
  ASSERT_EQ(scores.classes.size(), 3U);
  EXPECT_DOUBLE_EQ(scores.classes[0].iou, 2.0 / 3);
  EXPECT_DOUBLE_EQ(scores.classes[1].iou, 1.0 / 3);
  EXPECT_EQ(scores.classes[2].iou, 0);
  EXPECT_DOUBLE_EQ(scores.mean_iou.value(), 0.5);
  EXPECT_DOUBLE_EQ(scores.pixel_accuracy.value(), 3.0 / 5);
}

TEST(MeanIou, LeavesOutPixelsThatAreNotLabelled) {
  const SegmentationScores scores = scores_of({0, 1, 255, 255}, {0, 1, 0, 7});
  EXPECT_EQ(scores.mean_iou, 1.0);
  EXPECT_EQ(scores.pixel_accuracy, 1.0);
  EXPECT_EQ(scores.classes.size(), 2U);
  EXPECT_EQ(scores_of({0, 1, 3}, {0, 1, 9}, {.ignore = 3}).mean_iou, 1.0);
  EXPECT_EQ(scores_of({255}, {0}, {.ignore = std::nullopt}).mean_iou, 0.0);
}

TEST(MeanIou, TakesPredictionsThatAreNotLabelledForWrong) {
  const SegmentationScores scores = scores_of({1, 1}, {1, 255});
  EXPECT_EQ(scores.mean_iou, 0.5);
}

TEST(MeanIou, MayLeaveTheBackgroundOut) {
  const Labels truth = {0, 0, 0, 1};
  const Labels predicted = {0, 0, 1, 1};
  EXPECT_DOUBLE_EQ(scores_of(truth, predicted).mean_iou.value(), (2.0 / 3 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(scores_of(truth, predicted, {.excluded = {0}}).mean_iou.value(), 0.5);
}

TEST(MeanIou, IsOfAllImagesTogetherAndNotOfEach) {
  ConfusionMatrix all;
  all.add(Labels{1, 1, 1, 1}, Labels{1, 1, 1, 1});
  ConfusionMatrix other;
  other.add(Labels{1}, Labels{0});
  all.add(other);
  EXPECT_DOUBLE_EQ(segmentation_scores(all).mean_iou.value(), 0.8);
}

TEST(MeanIou, IsNothingWithoutTruth) {
  const SegmentationScores scores = scores_of({255, 255}, {0, 1});
  EXPECT_FALSE(scores.mean_iou.has_value());
  EXPECT_FALSE(scores.pixel_accuracy.has_value());
  EXPECT_THROW((void)scores_of({1, 2}, {1}), Error);
}

LabelMap map_of(Size size, std::uint8_t label) {
  return {size, Labels(static_cast<std::size_t>(size.width * size.height), label)};
}

TEST(EvaluateFolders, ComparesFilesOfTheSameName) {
  const TempDir dir;
  write_label_map(dir / "gt" / "a.png", map_of({4, 2}, 1));
  write_label_map(dir / "gt" / "deep" / "b.PNG", map_of({2, 1}, 2));
  write_label_map(dir / "dt" / "a.png", map_of({4, 2}, 1));
  write_label_map(dir / "dt" / "deep" / "b.PNG", map_of({2, 1}, 1), {});
  write_label_map(dir / "dt" / "more.png", map_of({9, 9}, 5));
  const SegmentationScores scores = evaluate_folders(dir / "gt", dir / "dt");
  EXPECT_EQ(scores.images, 2U);
  EXPECT_DOUBLE_EQ(scores.mean_iou.value(), 0.4);
  EXPECT_DOUBLE_EQ(scores.pixel_accuracy.value(), 0.8);
}

std::string error_of(const std::filesystem::path& truth, const std::filesystem::path& predicted) {
  try {
    (void)evaluate_folders(truth, predicted);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(EvaluateFolders, SaysWhichFileDoesNotFit) {
  const TempDir dir;
  write_label_map(dir / "gt" / "a.png", map_of({4, 2}, 1));
  const std::string predicted = (dir / "dt" / "a.png").string();
  EXPECT_THAT(error_of(dir / "gt", dir / "dt"), StartsWith(predicted + ": is missing"));
  write_label_map(dir / "dt" / "a.png", map_of({4, 3}, 1));
  EXPECT_THAT(error_of(dir / "gt", dir / "dt"),
              StartsWith(predicted + ": the label map is 4 x 3, its ground truth is 4 x 2"));
  const auto text = dir.write("dt/a.png", "no picture at all, and a little longer than a header");
  EXPECT_THAT(error_of(dir / "gt", dir / "dt"), StartsWith(predicted + ": is no PNG file"));
  EXPECT_THAT(error_of(dir / "nowhere", dir / "dt"), HasSubstr("nowhere: cannot be read"));
  std::filesystem::create_directory(dir / "empty");
  EXPECT_THAT(error_of(dir / "empty", dir / "dt"), HasSubstr("there are no PNG files in it"));
}

}  // namespace
}  // namespace labelloom::evaluate
