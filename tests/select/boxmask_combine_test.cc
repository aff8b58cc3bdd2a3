#include "select/boxmask_combine.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "select/mean_ranks.h"

namespace labelloom::select {
namespace {

using ::testing::ElementsAre;

BoxComponents masked(std::uint32_t cells, std::uint32_t mislabelled, std::int64_t symmetric) {
  BoxComponents box;
  box.domain_cells = 150;
  box.box_cells = 100;
  box.mask_cells = cells;
  box.mislabelled_cells = mislabelled;
  box.symmetric = symmetric * kFixedOne;
  box.pixels_from_box = symmetric * kFixedOne / 4;
  box.jensen_shannon = cells * kFixedOne / 8;
  return box;
}

ImageComponents two_boxes() {
  ImageComponents image;
  image.outside_cells = 200;
  image.detectable_cells = 50;
  image.detectable_mass = 40 * kFixedOne;
  image.boxes = {masked(10, 5, 20), masked(20, 5, 60)};  // totals 0.5 + 2 and 0.25 + 3
  return image;
}

TEST(TermsOf, AddsTheGreatestBoxToTheSegmentationTerm) {
  const ImageTerms terms = terms_of(two_boxes(), {});
  EXPECT_DOUBLE_EQ(terms.segmentation, 0.25);
  EXPECT_DOUBLE_EQ(terms.boxes, 3.25);
  EXPECT_EQ(terms.blamed_box, 1);
  EXPECT_DOUBLE_EQ(terms.each_box[0].location, 0.5);
  EXPECT_DOUBLE_EQ(terms.each_box[0].classes, 2);
}

TEST(TermsOf, TakesTheRobustPresetsFormsOfTheSameSums) {
  const ImageTerms terms = terms_of(two_boxes(), boxmask_preset("robust").combine);
  EXPECT_DOUBLE_EQ(terms.segmentation, 0.2);
  EXPECT_DOUBLE_EQ(terms.boxes, 0.5 + 0.125);
  EXPECT_EQ(terms.blamed_box, 0);
}

TEST(TermsOf, KnowsEveryDivergence) {
  CombineOptions options;
  options.divergence = Divergence::kPixelsFromBox;
  EXPECT_DOUBLE_EQ(terms_of(two_boxes(), options).each_box[0].classes, 0.5);
  options.divergence = Divergence::kBoxFromPixels;
  EXPECT_DOUBLE_EQ(terms_of(two_boxes(), options).each_box[0].classes, 3.5);
  options.log_base = 2;
  EXPECT_DOUBLE_EQ(terms_of(two_boxes(), options).each_box[0].classes, 3.5 / std::log(2.0));
}

TEST(TermsOf, KnowsEveryAggregation) {
  CombineOptions options;
  options.aggregation = Aggregation::kMean;
  EXPECT_DOUBLE_EQ(terms_of(two_boxes(), options).boxes, (2.5 + 3.25) / 2);
  options.aggregation = Aggregation::kSum;
  EXPECT_DOUBLE_EQ(terms_of(two_boxes(), options).boxes, 2.5 + 3.25);
  options.aggregation = Aggregation::kTopMean;
  options.top_boxes = 1;
  EXPECT_DOUBLE_EQ(terms_of(two_boxes(), options).boxes, 3.25);
  options.top_boxes = 9;
  EXPECT_DOUBLE_EQ(terms_of(two_boxes(), options).boxes, (2.5 + 3.25) / 2);
}

TEST(TermsOf, FollowsThePolicyForEmptyMasks) {
  ImageComponents image;
  image.boxes = {masked(0, 100, 500)};
  image.boxes[0].state = BoxState::kEmptyMask;
  CombineOptions options;
  EXPECT_DOUBLE_EQ(terms_of(image, options).boxes, 1 + 5);
  options.empty_mask = EmptyMask::kSkip;
  EXPECT_EQ(terms_of(image, options).boxes, 0);
  EXPECT_EQ(terms_of(image, options).blamed_box, -1);
  options.empty_mask = EmptyMask::kMaximum;
  EXPECT_DOUBLE_EQ(terms_of(image, options, 1e-4).boxes, 1 - std::log(1e-4));
}

TEST(TermsOf, FollowsThePolicyForImagesWithoutDetections) {
  CombineOptions options;
  EXPECT_EQ(terms_of(ImageComponents(), options).boxes, 0);
  EXPECT_FALSE(terms_of(ImageComponents(), options).top);
  options.no_detections = NoDetections::kTop;
  EXPECT_TRUE(terms_of(ImageComponents(), options).top);
  EXPECT_FALSE(terms_of(two_boxes(), options).top);
  options.location_weight = options.class_weight = 0;  // S_seg alone: boxes do not matter
  EXPECT_FALSE(terms_of(ImageComponents(), options).top);
}

TEST(TermsOf, WeighsKeyPointsOnlyWhenAskedTo) {
  ImageComponents image = two_boxes();
  image.boxes[0].keypoints = 4;
  image.boxes[0].keypoints_outside = 3;
  CombineOptions options;
  EXPECT_DOUBLE_EQ(terms_of(image, options).boxes, 3.25);
  options.keypoint_weight = 2;
  EXPECT_DOUBLE_EQ(terms_of(image, options).boxes, 2.5 + 1.5);
}

TEST(TermsOf, RefusesJensenShannonThatWasNotSummed) {
  ImageComponents image = two_boxes();
  image.has_jensen_shannon = false;
  EXPECT_NO_THROW((void)terms_of(image, {}));
  EXPECT_THROW((void)terms_of(image, boxmask_preset("robust").combine), Error);
}

TEST(Combine, AddsTerms) {
  const std::vector<TermPair> pool{{0.25, 3}, {0.5, 1}, {1, 9, false}};
  EXPECT_THAT(combine(pool, {}), ElementsAre(3.25, 1.5, -std::numeric_limits<double>::infinity()));
}

TEST(Combine, AveragesRanksWithEqualsSharingTheirs) {
  const std::vector<TermPair> pool{{0.1, 5}, {0.2, 5}, {0.3, 7}, {9, 9, false}, {0.4, 1}};
  const auto scores = combine(pool, boxmask_preset("robust").combine);
  // Ranks of the boxes: 1 -> 1/8, 5 and 5 -> 4/8, 7 -> 7/8; of the segmentation 1/8, 3/8, 5/8, 7/8.
  EXPECT_THAT(
      scores,
      ElementsAre(
          5.0 / 16, 7.0 / 16, 12.0 / 16, -std::numeric_limits<double>::infinity(), 8.0 / 16));
}

TEST(Combine, PutsImagesWithoutDetectionsOnTopByTheirSegmentationTerms) {
  const std::vector<TermPair> pool{
      {0.2, 0, true, true}, {0.9, 7}, {0.5, 0, true, true}, {0.1, 3}, {1, 0, false, true}};
  EXPECT_THAT(combine(pool, {}),
              ElementsAre(9.1, 7.9, 9.4, 3.1, -std::numeric_limits<double>::infinity()));
  const auto by_rank = combine(pool, combine_preset("rank"));
  EXPECT_GT(by_rank[2], by_rank[0]);
  EXPECT_GT(by_rank[0], by_rank[1]);
  EXPECT_GT(by_rank[1], by_rank[3]);
  EXPECT_TRUE(std::isfinite(by_rank[2]));
}

TEST(Combine, RanksImagesAmongThoseThatCanBeChosen) {
  std::vector<TermPair> pool{{0.1, 5}, {0.2, 6}, {0.3, 7}};
  const auto alone = combine(pool, combine_preset("rank"));
  for (const double term : {0.15, 0.16, 0.25})
    pool.push_back({term, 10 * term, true, false, false});
  pool.push_back({0.2, 6, true, false, false});
  const auto scores = combine(pool, combine_preset("rank"));
  EXPECT_THAT(std::vector(scores.begin(), scores.begin() + 3), testing::ElementsAreArray(alone));
  EXPECT_EQ(scores[6], scores[1]);  // the others have the ranks of their places
  EXPECT_THAT(scores[3], testing::AllOf(testing::Ge(0), testing::Lt(scores[1])));
}

TEST(MeanRanks, CountAllIfNoneIsCounted) {
  EXPECT_THAT(mean_ranks({3, 1}, {false, false}), ElementsAre(0.75, 0.25));
  EXPECT_THAT(mean_ranks({3, 1}), ElementsAre(0.75, 0.25));
  EXPECT_THAT(mean_ranks({}), ElementsAre());
}

TEST(CombinePreset, RankIsThePapersTermsByTheirRanks) {
  EXPECT_EQ(combine_preset("paper").combination, Combination::kSum);
  EXPECT_EQ(combine_preset("robust").divergence, Divergence::kJensenShannon);
  EXPECT_EQ(combine_preset("rank").combination, Combination::kRankMean);
  EXPECT_EQ(combine_preset("rank").divergence, Divergence::kSymmetric);
  EXPECT_THROW((void)combine_preset("sum"), Error);
}

TEST(Combine, TakesAnEmptyPool) { EXPECT_TRUE(combine({}, {}).empty()); }

TEST(BoxMaskOptions, AreCheckedAndNamed) {
  EXPECT_NO_THROW(validate(boxmask_preset("paper")));
  EXPECT_NO_THROW(validate(boxmask_preset("robust")));
  EXPECT_THROW((void)boxmask_preset("best"), Error);
  BoxMaskOptions options;
  options.scoring.tau = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(validate(options), Error);
  options = {};
  options.scoring.epsilon = 0;
  EXPECT_THROW(validate(options), Error);
  options = {};
  options.window.margin = -1;
  EXPECT_THROW(validate(options), Error);
}

}  // namespace
}  // namespace labelloom::select
