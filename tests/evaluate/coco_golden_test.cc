// Numbers of pycocotools, made by tests/peers/make_evaluation_golden.py.

#include <cmath>
#include <map>

#include <gtest/gtest.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "evaluate/coco_summary.h"
#include "formats/coco.h"
#include "tests/support/golden.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_dir.h"

namespace labelloom::evaluate {
namespace {

using test::golden;
using test::shared_data;
using test::TempDir;
using test::text_of;

constexpr double kSame = 1e-9;

std::string json(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

Task task_of(const rapidjson::Value& item) {
  for (const Task task : {Task::kBoxes, Task::kMasks, Task::kKeypoints}) {
    if (text_of(item["task"]) == name(task)) return task;
  }
  throw std::runtime_error("no such task");
}

void expect_numbers(const rapidjson::Value& wanted, const std::vector<SummaryLine>& found) {
  ASSERT_EQ(wanted.Size(), found.size());
  for (rapidjson::SizeType i = 0; i < wanted.Size(); ++i) {
    EXPECT_NEAR(wanted[i].GetDouble(), found[i].value, kSame) << found[i].name;
  }
}

void expect_scores(const rapidjson::Value& item, const CocoScores& scores) {
  expect_numbers(item["numbers"], summarise(scores));
  ASSERT_EQ(item["classes"].Size(), scores.categories.size());
  for (rapidjson::SizeType k = 0; k < item["classes"].Size(); ++k) {
    SCOPED_TRACE(scores.categories[k].name);
    expect_numbers(item["classes"][k], summarise(scores, k));
  }
}

TEST(CocoGolden, HardCasesAndRandomWorldsScoreAsWithPycocotools) {
  const rapidjson::Document document = golden("evaluation_golden.json");
  const TempDir dir;
  Report report;
  int cases = 0;
  for (const auto& group : document["made"].GetArray()) {
    const Dataset truth = read_coco(dir.write("truth.json", json(group["truth"])), {}, report);
    const CocoResults results = read_coco_results(dir.write("results.json", json(group["results"])),
                                                  {truth.keypoint_origin});
    for (const auto& item : group["cases"].GetArray()) {
      SCOPED_TRACE(std::string(group["name"].GetString()) + ", " + item["task"].GetString());
      // pycocotools takes a match with annotation 0 for none; that is wanted on request only.
      CocoOptions options{.task = task_of(item), .zero_id_never_matches = true};
      expect_scores(item, evaluate_coco(truth, results.detections, options));
      if (item.HasMember("shifted")) {
        options.zero_id_never_matches = false;
        expect_numbers(item["shifted"],
                       summarise(evaluate_coco(truth, results.detections, options)));
      }
      ++cases;
    }
  }
  EXPECT_GT(cases, 50);
}

// --- the real files
// -------------------------------------------------------------------------------

double part(std::int64_t id, std::int64_t factor, std::int64_t modulus, std::int64_t centre) {
  return static_cast<double>(id * factor % modulus - centre);
}

/// The detection that make_evaluation_golden.py makes of an annotation.
Detection moved(const Instance& instance, int copy, double shift) {
  const std::int64_t n = instance.id + std::int64_t{13} * copy;
  const Box& box = instance.bbox;
  const double dx = box.width * part(n, 7919, 21, 10) / 100;
  const double dy = box.height * part(n, 104729, 21, 10) / 100;
  Detection detection{.image_id = instance.image_id, .category_id = instance.category_id};
  detection.bbox = {
      box.x + dx, box.y + dy, box.width, box.height * (100 + part(n, 1299709, 31, 15)) / 100};
  detection.area = detection.bbox.area();
  detection.score = part(n, 15485863, 97, 0) / 97;
  detection.rings = instance.rings;
  for (Point2d& p : detection.rings.points()) p = {p.x + dx, p.y + dy};
  for (std::size_t i = 0; i < instance.keypoints.size(); ++i) {
    const Keypoint& k = instance.keypoints[i];
    const auto at = n + static_cast<std::int64_t>(i);
    // An absent one is zeros, whatever the file's origin.
    const double file_shift = k.visibility == Visibility::kAbsent ? 0 : shift;
    detection.keypoints.push_back({{k.point.x - file_shift + dx * part(at, 31, 3, 1) + shift,
                                    k.point.y - file_shift + dy * part(at, 37, 3, 1) + shift}});
  }
  return detection;
}

std::vector<Detection> synthetic(const Dataset& truth) {
  const double shift = truth.keypoint_origin == KeypointOrigin::kPixelCentre ? 0.5 : 0;
  std::vector<Detection> detections;
  for (const Instance& instance : truth.instances) {
    if (instance.iscrowd || instance.id % 11 == 0) continue;
    for (int copy = 0; copy < (instance.id % 5 == 0 ? 2 : 1); ++copy) {
      detections.push_back(moved(instance, copy, shift));
    }
  }
  return detections;
}

TEST(CocoGolden, RealFilesScoreAsWithPycocotools) {
  const rapidjson::Document document = golden("evaluation_golden.json");
  ASSERT_GT(document["real"].Size(), 0U);
  for (const auto& item : document["real"].GetArray()) {
    const auto path = shared_data(item["file"].GetString());
    if (!path) GTEST_SKIP() << "the real data are not here";
    SCOPED_TRACE(std::string(item["file"].GetString()) + ", " + item["task"].GetString());
    Report report;
    const Dataset truth = read_coco(*path, {}, report);
    const std::vector<Detection> detections = synthetic(truth);
    ASSERT_EQ(detections.size(), item["detections"].GetUint());
    expect_scores(item, evaluate_coco(truth, detections, {.task = task_of(item)}));
  }
}

}  // namespace
}  // namespace labelloom::evaluate
