#include "apps/mask_accuracy.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/correlation_report.h"
#include "formats/error.h"

namespace labelloom::apps {
namespace {

using ::testing::HasSubstr;

/// One picture of 16 x 16 with a bolt on columns 4 to 11, rows 4 to 11, and a washer without shape.
Dataset truth() {
  Dataset dataset;
  Image image;
  image.id = 1;
  image.file_name = "a.png";
  image.size = {16, 16};
  dataset.images.push_back(image);
  dataset.categories = {{.id = 5, .name = "bolt"}, {.id = 6, .name = "washer"}};
  Instance bolt;
  bolt.id = 1;
  bolt.image_id = 1;
  bolt.category_id = 5;
  bolt.bbox = {4, 4, 8, 8};
  bolt.rings = Rings({{4, 4}, {12, 4}, {12, 12}, {4, 12}});
  dataset.instances.push_back(bolt);
  Instance washer;
  washer.id = 2;
  washer.image_id = 1;
  washer.category_id = 6;
  washer.bbox = {0, 12, 4, 4};
  dataset.instances.push_back(washer);
  return dataset;
}

select::ScoreHeader header() {
  select::ScoreHeader header;
  header.classes = {{.name = "bolt", .seg_class = 1}, {.name = "washer", .seg_class = 2}};
  header.seg_classes = {"background", "bolt", "washer"};
  return header;
}

/// A grid of 4 x 4 cells of 4 pixels. @param mask,labels [16]
select::ScoreRow row_of(const Box& box,
                        const std::vector<std::uint8_t>& mask,
                        const std::vector<int>& labels) {
  select::ScoreRow row;
  row.key = "a.png";
  row.size = {16, 16};
  select::PredictedBox predicted;
  predicted.box = box;
  predicted.score = 0.9;
  predicted.mask = select::cell_runs(mask);
  row.boxes.push_back(predicted);
  row.segmentation =
      select::PredictedSegmentation{{4, 4, {}, 4, 4}, select::label_runs(labels), {}};
  return row;
}

/// The bolt's cells, and those of its left half.
const std::vector<std::uint8_t> kBolt = {0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0};
const std::vector<std::uint8_t> kLeft = {0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
const std::vector<int> kNoLabels(16, 0);

TEST(MaskAccuracy, AMaskThatFitsIsRightEverywhere) {
  const Dataset dataset = truth();
  const select::ScoreHeader head = header();
  MaskAccuracy accuracy(dataset, head);
  const std::vector<int> labels(kBolt.begin(), kBolt.end());
  accuracy.add(row_of({3, 3, 10, 10}, kBolt, labels));
  const MaskScores scores = accuracy.scores();
  EXPECT_EQ(scores.boxes, 1U);
  EXPECT_DOUBLE_EQ(scores.accuracy, 1);
  EXPECT_DOUBLE_EQ(scores.iou, 1);
  EXPECT_DOUBLE_EQ(scores.label_iou, 1);
}

TEST(MaskAccuracy, OnlyPixelsOfTheBoxCount) {
  const Dataset dataset = truth();
  const select::ScoreHeader head = header();
  MaskAccuracy accuracy(dataset, head);
  // The box ends two pixels right of the bolt: 80 pixels, of which 32 are missed.
  accuracy.add(row_of({4, 4, 10, 8}, kLeft, kNoLabels));
  const MaskScores scores = accuracy.scores();
  EXPECT_DOUBLE_EQ(scores.accuracy, 48.0 / 80);
  EXPECT_DOUBLE_EQ(scores.iou, 0.5);
  EXPECT_DOUBLE_EQ(scores.label_accuracy, 16.0 / 80);
  EXPECT_DOUBLE_EQ(scores.label_iou, 0);
}

TEST(MaskAccuracy, BoxesThatFindNothingOrNoShapeDoNotCount) {
  const Dataset dataset = truth();
  const select::ScoreHeader head = header();
  MaskAccuracy accuracy(dataset, head);
  accuracy.add(row_of({0, 0, 4, 4}, kBolt, kNoLabels));
  select::ScoreRow washer = row_of({0, 12, 4, 4}, kBolt, kNoLabels);
  washer.boxes[0].class_index = 1;
  accuracy.add(washer);
  select::ScoreRow wrong_class = row_of({4, 4, 8, 8}, kBolt, kNoLabels);
  wrong_class.boxes[0].class_index = 1;
  accuracy.add(wrong_class);
  EXPECT_EQ(accuracy.scores().boxes, 0U);
  EXPECT_EQ(accuracy.scores().accuracy, 0);
}

TEST(MaskAccuracy, BoxesOfAClassThatTheTruthLacksFindNothing) {
  Dataset dataset = truth();
  dataset.categories[0].id = 0;  // what a class that is missing might be taken for
  dataset.instances[0].category_id = 0;
  select::ScoreHeader head = header();
  head.classes[1].name = "rivet";
  MaskAccuracy accuracy(dataset, head);
  EXPECT_EQ(accuracy.missing_classes(), std::vector<std::string>{"rivet"});
  select::ScoreRow row = row_of({4, 4, 8, 8}, kBolt, kNoLabels);
  row.boxes[0].class_index = 1;
  accuracy.add(row);
  EXPECT_EQ(accuracy.scores().boxes, 0U);
  row.boxes[0].class_index = 0;
  accuracy.add(row);
  EXPECT_EQ(accuracy.scores().boxes, 1U);
}

TEST(MaskAccuracy, PicturesWhoseLogitsAreNotNumbersCountForNothing) {
  const Dataset dataset = truth();
  const select::ScoreHeader head = header();
  MaskAccuracy accuracy(dataset, head);
  select::ScoreRow row = row_of({4, 4, 8, 8}, kBolt, kNoLabels);
  row.boxmask.emplace().finite = false;
  accuracy.add(row);
  EXPECT_EQ(accuracy.scores().boxes, 0U);
}

TEST(MaskAccuracy, AnObjectIsFoundOnceAndAnEmptyMaskIsCounted) {
  const Dataset dataset = truth();
  const select::ScoreHeader head = header();
  MaskAccuracy accuracy(dataset, head);
  select::ScoreRow row = row_of({4, 4, 8, 8}, kBolt, kNoLabels);
  row.boxes.push_back(row.boxes[0]);
  row.boxes[0].mask.clear();
  row.boxes[1].score = 0.5;
  accuracy.add(row);
  EXPECT_EQ(accuracy.scores().boxes, 1U);
  EXPECT_EQ(accuracy.scores().empty, 1U);
  EXPECT_DOUBLE_EQ(accuracy.scores().accuracy, 0);
  row.key = "b.png";
  EXPECT_THROW(accuracy.add(row), Error);
}

TEST(MaskAccuracy, TablesHaveARowAThreshold) {
  const std::vector<std::pair<double, MaskScores>> rows = {{0.1, {}},
                                                           {0.3, {4, 1, 0.75, 0.5, 0.25, 0.125}}};
  EXPECT_THAT(mask_markdown(rows), HasSubstr("| 0.3 | 4 | 75.0 | 50.0 | 25.0 | 25.0 | 12.5 |"));
  EXPECT_THAT(mask_csv(rows), HasSubstr("\n0.3,4,1,0.75,0.5,0.25,0.125\n"));
}

TEST(CorrelationReport, AnImageThatLacksATaskOfTheSetHasNoSumOfLosses) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<NamedValues> losses =
      with_sum({{"boxes", {1, 2}}, {"segmentation", {0.5, nan}}, {"key points", {nan, nan}}},
               std::vector<double>{1, 5, 1});
  ASSERT_EQ(losses.size(), 3U);
  EXPECT_EQ(losses[1].first, "segmentation");
  EXPECT_EQ(losses[2].first, "all");
  EXPECT_DOUBLE_EQ(losses[2].second.at(0), 1 + 5 * 0.5);
  EXPECT_TRUE(std::isnan(losses[2].second.at(1)));
}

TEST(CorrelationReport, EveryScoreMeetsEveryLoss) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const CorrelationInput input{{"a", "b,c", "d", "e"},
                               {{"boxes", {1, 2, 3, 4}}, {"key points", {4, nan, 2, 1}}},
                               {{"good", {10, 20, 30, 40}}, {"flat", {1, 1, 1, 1}}}};
  const auto rows = correlations(input, {.resamples = 0});
  EXPECT_EQ(correlation_csv(input, rows),
            "score,loss,images,rho,low,high\n"
            "good,boxes,4,1,,\n"
            "good,key points,3,-1,,\n"
            "flat,boxes,4,,,\n"
            "flat,key points,3,,,\n");
  EXPECT_THAT(image_csv(input), HasSubstr("\n\"b,c\",2,,20,1\n"));
  EXPECT_THAT(correlation_markdown(input, rows), HasSubstr("| good | 1.00 | -1.00 |"));
  EXPECT_THAT(correlation_chart(input, rows), HasSubstr(">-1.00<"));
}

}  // namespace
}  // namespace labelloom::apps
