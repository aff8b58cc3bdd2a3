#include "evaluate/coco_evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evaluate/coco_summary.h"

namespace labelloom::evaluate {
namespace {

using ::testing::HasSubstr;

Instance object(std::int64_t id, Box box, std::vector<Keypoint> keypoints = {}) {
  Instance instance;
  instance.id = id;
  instance.image_id = 1;
  instance.category_id = 3;
  instance.bbox = box;
  instance.area = box.area();
  instance.keypoints = std::move(keypoints);
  return instance;
}

/// One image and one category with two key points.
Dataset one_image(std::vector<Instance> instances) {
  Dataset truth;
  truth.images.push_back({.id = 1, .file_name = "a.png", .size = {100, 100}});
  truth.categories.push_back({.id = 3, .name = "bolt", .keypoints = {"head", "tip"}});
  for (Instance& instance : instances) truth.instances.push_back(std::move(instance));
  return truth;
}

Detection found(Box box, double score) {
  return {.image_id = 1, .category_id = 3, .score = score, .bbox = box, .area = box.area()};
}

std::string error_of(const Dataset& truth,
                     const Detection& detection,
                     const CocoOptions& options = {}) {
  try {
    (void)evaluate_coco(truth, {&detection, 1}, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(EvaluateCoco, PrecisionAndRecallCanBeLookedUp) {
  const Dataset truth = one_image({object(1, {0, 0, 10, 10}), object(2, {50, 50, 10, 10})});
  const std::vector<Detection> detections = {found({0, 0, 10, 10}, 0.9),
                                             found({50, 50, 10, 7}, 0.5)};
  const CocoScores scores = evaluate_coco(truth, detections);
  ASSERT_EQ(scores.precision.size(), 10U * 101 * 1 * 4 * 3);
  ASSERT_EQ(scores.recall.size(), 10U * 1 * 4 * 3);
  EXPECT_NEAR(scores.ap50(), 1, 1e-9);
  EXPECT_NEAR(scores.average_recall({.threshold = 0.75}), 0.5, 1e-9);
  // 51 of the 101 recalls are reached by the first detection
  EXPECT_NEAR(scores.average_precision({.threshold = 0.75}), 51.0 / 101, 1e-9);
  EXPECT_EQ(scores.average_precision({.threshold = 0.42}), -1);
  EXPECT_EQ(scores.average_precision({.area = 3}), -1);
  EXPECT_NEAR(scores.average_recall({.detections = 0}), 0.5, 1e-9);
  EXPECT_NEAR(scores.average_precision({.category = 0}), scores.average_precision(), 1e-12);
  EXPECT_THROW((void)scores.average_precision({.category = 1}), Error);
}

TEST(EvaluateCoco, AMatchWithAnnotation0CountsUnlessItIsUnwanted) {
  const Dataset truth = one_image({object(0, {0, 0, 10, 10})});
  const Detection detection = found({0, 0, 10, 10}, 0.9);
  EXPECT_NEAR(evaluate_coco(truth, {&detection, 1}).ap50(), 1, 1e-9);
  EXPECT_EQ(evaluate_coco(truth, {&detection, 1}, {.zero_id_never_matches = true}).ap50(), 0);
}

TEST(EvaluateCoco, DetectionsThatDoNotFitAreNamed) {
  const Dataset truth =
      one_image({object(1, {0, 0, 10, 10}, {{{1, 1}, Visibility::kVisible}, {}})});
  Detection detection = found({0, 0, 10, 10}, 0.9);
  EXPECT_THAT(error_of(truth, detection, {.task = Task::kKeypoints}),
              HasSubstr("[0]: 0 key points, but category 3 of the ground truth has 2"));
  EXPECT_THAT(error_of(truth, detection, {.task = Task::kMasks}),
              HasSubstr("annotation 1 has neither polygons nor a mask"));
  detection.image_id = 9;
  EXPECT_THAT(error_of(truth, detection, {.place = [](std::size_t) { return Where{.file = "x"}; }}),
              HasSubstr("x: image_id 9 is no image of the ground truth"));
}

TEST(EvaluateCoco, MasksOfAnotherSizeAreNamed) {
  Dataset truth = one_image({object(1, {0, 0, 10, 10})});
  truth.instances[0].rings = Rings({{0, 0}, {10, 0}, {10, 10}});
  Detection detection = found({0, 0, 10, 10}, 0.9);
  detection.mask = Rle{{50, 100}, {0, 5000}};
  EXPECT_THAT(error_of(truth, detection, {.task = Task::kMasks}),
              HasSubstr("[0]: the mask is 50 x 100, those of the ground truth of image 1 are 100 x "
                        "100"));
}

TEST(EvaluateCoco, DetectionsOfUnknownCategoriesPlayNoPart) {
  const Dataset truth = one_image({object(1, {0, 0, 10, 10})});
  std::vector<Detection> detections = {found({0, 0, 10, 10}, 0.9), found({0, 0, 10, 10}, 0.95)};
  detections[1].category_id = 77;
  const CocoScores scores = evaluate_coco(truth, detections);
  EXPECT_EQ(scores.unknown_category, 1U);
  EXPECT_NEAR(scores.ap50(), 1, 1e-9);
}

TEST(EvaluateCoco, SigmasDecideHowFarAKeyPointMayBeOff) {
  const std::vector<Keypoint> points = {{{10, 10}, Visibility::kVisible},
                                        {{20, 20}, Visibility::kHidden}};
  const Dataset truth = one_image({object(1, {0, 0, 40, 40}, points)});
  Detection detection = found({0, 0, 40, 40}, 0.9);
  detection.keypoints = {{{13, 10}, 1}, {{20, 24}, 1}};
  CocoOptions options{.task = Task::kKeypoints};
  // OKS: (exp(-9 / 32) + exp(-16 / 32)) / 2 = 0.68, with sigma .05 and an area of 1600
  const CocoScores scores = evaluate_coco(truth, {&detection, 1}, options);
  EXPECT_NEAR(scores.average_recall({.threshold = 0.65}), 1, 1e-9);
  EXPECT_EQ(scores.average_recall({.threshold = 0.7}), 0);
  options.sigmas = {{"bolt", {0.5, 0.5}}};
  EXPECT_NEAR(evaluate_coco(truth, {&detection, 1}, options).average_precision(), 1, 1e-9);
  options.sigmas = {{"bolt", {0.5}}};
  EXPECT_THAT(error_of(truth, detection, options), HasSubstr("1 sigmas for category \"bolt\""));
  options.sigmas = {{"bolt", {0.5, 0}}};
  EXPECT_THAT(error_of(truth, detection, options), HasSubstr("sigma 0 is not above 0"));
}

TEST(EvaluateCoco, OptionsThatMakeNoSenseAreRefused) {
  const Dataset truth = one_image({object(1, {0, 0, 10, 10})});
  const Detection detection = found({0, 0, 10, 10}, 0.9);
  EXPECT_THAT(error_of(truth, detection, {.thresholds = {}}), HasSubstr("1 to 32 thresholds"));
  EXPECT_THAT(error_of(truth, detection, {.thresholds = {0.0}}), HasSubstr("above 0"));
  EXPECT_THAT(error_of(truth, detection, {.thresholds = std::vector<double>(33, 0.5)}),
              HasSubstr("1 to 32"));
  EXPECT_THAT(error_of(truth, detection, {.recalls = {1, 0}}), HasSubstr("ascending"));
  EXPECT_THAT(error_of(truth, detection, {.max_detections = {0}}), HasSubstr("above 0"));
}

TEST(PycocotoolsLine, IsThatOfPycocotools) {
  const Dataset truth = one_image({object(1, {0, 0, 10, 10})});
  const Detection detection = found({0, 0, 10, 10}, 0.9);
  const CocoScores scores = evaluate_coco(truth, {&detection, 1});
  const std::vector<SummaryLine> lines = summarise(scores);
  EXPECT_EQ(pycocotools_line(lines[0], scores),
            " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 1.000");
  EXPECT_EQ(pycocotools_line(lines[1], scores),
            " Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 1.000");
  EXPECT_EQ(pycocotools_line(lines[10], scores),
            " Average Recall     (AR) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = -1.000");
}

}  // namespace
}  // namespace labelloom::evaluate
