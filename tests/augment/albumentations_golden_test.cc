// Boxes and key points where Albumentations 2.0.8 puts them
// (tests/peers/make_albumentations_golden.py).

#include <gtest/gtest.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "augment/apply.h"
#include "augment/pipeline_file.h"
#include "tests/support/golden.h"

namespace labelloom::augment {
namespace {

using rapidjson::Value;

std::string json_text(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

Size size_of(const Value& pair) { return {pair[0].GetInt(), pair[1].GetInt()}; }

/// Albumentations' key points name pixels; those of some transforms it moves as edges all the same.
Keypoint keypoint(const Value& pair, double shift) {
  return {{pair[0].GetDouble() + shift, pair[1].GetDouble() + shift}, Visibility::kVisible};
}

TEST(AlbumentationsGolden, FixedParametersGiveItsBoxesAndKeypoints) {
  constexpr double kTolerance = 2e-3;  // it calculates with 32 bits
  // There the canvas of SafeRotate has whole pixels, and Rotate cuts its border off at some.
  constexpr double kRoundedTolerance = 0.6;
  const rapidjson::Document golden = test::golden("albumentations_golden.json");
  const Size size = size_of(golden["size"]);
  ASSERT_GT(golden["cases"].Size(), 20U);
  for (const Value& expected : golden["cases"].GetArray()) {
    SCOPED_TRACE(json_text(expected["pipeline"]));
    const Value& transform = expected["pipeline"]["transform"]["transforms"][0];
    const bool cut = transform.HasMember("crop_border") && transform["crop_border"].IsTrue();
    const bool rounded = cut || test::text_of(expected["name"]) == "SafeRotate";
    const double tolerance = rounded ? kRoundedTolerance : kTolerance;
    const double shift = expected["keypoints_are_edges"].GetBool() ? 0 : 0.5;
    Instance with_keypoints;
    for (const Value& pair : golden["keypoints"].GetArray()) {
      with_keypoints.keypoints.push_back(keypoint(pair, shift));
    }
    std::vector<Instance> instances{with_keypoints};
    for (const Value& box : golden["boxes"].GetArray()) {
      Instance instance;
      instance.bbox = {box[0].GetDouble(),
                       box[1].GetDouble(),
                       box[2].GetDouble() - box[0].GetDouble(),
                       box[3].GetDouble() - box[1].GetDouble()};
      instances.push_back(instance);
    }
    std::vector<const Instance*> pointers;
    pointers.reserve(instances.size());
    for (const Instance& instance : instances) pointers.push_back(&instance);

    Report report;
    const PipelineFile file = parse_pipeline(json_text(expected["pipeline"]), "golden", report);
    const Plan plan = file.pipeline.sample({size, pointers}, {1, 2, 3});
    EXPECT_EQ(plan.out, size_of(expected["size"]));
    Labels labels = lay_out(pointers, size);
    apply(plan, labels, nullptr, BoxOutline::kCorners);

    const std::vector<Box> moved = boxes(labels);
    ASSERT_EQ(moved.size(), expected["boxes"].Size());
    for (rapidjson::SizeType i = 0; i < expected["boxes"].Size(); ++i) {
      const Value& box = expected["boxes"][i];  // id, left, top, right, bottom
      EXPECT_NEAR(moved[i].x, box[1].GetDouble(), tolerance);
      EXPECT_NEAR(moved[i].y, box[2].GetDouble(), tolerance);
      EXPECT_NEAR(moved[i].right(), box[3].GetDouble(), tolerance);
      EXPECT_NEAR(moved[i].bottom(), box[4].GetDouble(), tolerance);
    }
    const auto points = labels.geometry[labels.geometry.spans.front()];
    ASSERT_EQ(points.size(), expected["keypoints"].Size());
    for (rapidjson::SizeType i = 0; i < expected["keypoints"].Size(); ++i) {
      const Keypoint wanted = keypoint(expected["keypoints"][i], shift);
      EXPECT_NEAR(points[i].x, wanted.point.x, tolerance);
      EXPECT_NEAR(points[i].y, wanted.point.y, tolerance);
    }
  }
}

}  // namespace
}  // namespace labelloom::augment
