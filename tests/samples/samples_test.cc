// The sample set against its own truth: first the files as such, then what a conversion makes of
// them.

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "convert/group_keypoints.h"
#include "formats/image_folder.h"
#include "formats/label_studio.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_dir.h"

namespace labelloom {
namespace {

using Json = rapidjson::Value;

/// Reading rounds to 1/10,000 of a pixel.
constexpr double kPointTolerance = 1e-3;
/// That rounding along a border of 2,000 pixels.
constexpr double kAreaTolerance = 0.2;
/// An ellipse becomes 64 points on it: its area shrinks by 0.16 %, its box by up to 0.12 %.
constexpr double kEllipseTolerance = 0.002;

std::filesystem::path sample(const std::string& name) {
  return test::source_dir() / "samples" / "engine_parts" / name;
}

rapidjson::Document parse(const std::string& name) {
  rapidjson::Document document;
  const std::string text = test::read_file(sample(name));
  document.Parse<rapidjson::kParseFullPrecisionFlag>(text.data(), text.size());
  EXPECT_FALSE(document.HasParseError()) << name;
  return document;
}

const rapidjson::Document& truth() {
  static const rapidjson::Document document = parse("truth.json");
  return document;
}

std::vector<double> numbers(const Json& list) {
  std::vector<double> values;
  for (const Json& value : list.GetArray()) values.push_back(value.GetDouble());
  return values;
}

/// One key point region of an export, in pixels.
struct Exported {
  std::string label;
  double x = 0;
  double y = 0;
};

void expect_true_keypoints(const std::vector<Exported>& exported, const Json& image) {
  const auto& expected = image["exported_keypoints"].GetArray();
  ASSERT_EQ(exported.size(), expected.Size()) << image["file_name"].GetString();
  for (rapidjson::SizeType i = 0; i < expected.Size(); ++i) {
    EXPECT_EQ(exported[i].label, expected[i]["label"].GetString());
    EXPECT_NEAR(exported[i].x, expected[i]["x"].GetDouble(), 1e-9);
    EXPECT_NEAR(exported[i].y, expected[i]["y"].GetDouble(), 1e-9);
  }
}

Exported exported_keypoint(const Json& value, const Json& sizes) {
  return {value["keypointlabels"][0].GetString(),
          value["x"].GetDouble() * sizes["original_width"].GetInt() / 100,
          value["y"].GetDouble() * sizes["original_height"].GetInt() / 100};
}

TEST(SampleTruth, HasAPictureOfTheSizeItSaysForEveryEntry) {
  ASSERT_GE(truth()["images"].Size(), 12U);
  for (const Json& image : truth()["images"].GetArray()) {
    const auto size = read_image_size(sample("images") / image["file_name"].GetString());
    EXPECT_EQ(size, (Size{image["width"].GetInt(), image["height"].GetInt()}));
  }
}

TEST(SampleTruth, HasEveryCategoryToolAndVisibility) {
  std::set<std::string> found;
  for (const Json& image : truth()["images"].GetArray()) {
    for (const Json& instance : image["instances"].GetArray()) {
      found.insert(instance["category"].GetString());
      found.insert(instance["drawn_as"].GetString());
      for (const Json& keypoint : instance["keypoints"].GetArray()) {
        found.insert(keypoint["seen"].GetString());
      }
    }
  }
  const std::set<std::string> expected{"RockerArm",
                                       "Bolt",
                                       "PushRod",
                                       "Washer",
                                       "polygon",
                                       "box",
                                       "ellipse",
                                       "rotated_box",
                                       "brush",
                                       "visible",
                                       "hidden",
                                       "outside"};
  EXPECT_EQ(found, expected);
}

TEST(SampleMinExport, HoldsTheKeypointsOfTheTruthInOrder) {
  const rapidjson::Document rows = parse("export.min.json");
  std::size_t found = 0;
  for (const Json& image : truth()["images"].GetArray()) {
    for (const Json& row : rows.GetArray()) {
      if (row["annotation_id"] != image["annotation_id"]) continue;
      ++found;
      std::vector<Exported> exported;
      if (row.HasMember("kp-1")) {
        for (const Json& value : row["kp-1"].GetArray()) {
          exported.push_back(exported_keypoint(value, value));
        }
      }
      expect_true_keypoints(exported, image);
    }
  }
  EXPECT_EQ(found, truth()["images"].Size());
  EXPECT_GT(rows.Size(), found) << "some tasks have a second annotator";
}

TEST(SampleFullExport, HoldsTheKeypointsOfTheTruthInOrder) {
  const rapidjson::Document tasks = parse("export.full.json");
  ASSERT_EQ(tasks.Size(), truth()["images"].Size());
  for (rapidjson::SizeType i = 0; i < tasks.Size(); ++i) {
    std::vector<Exported> exported;
    for (const Json& region : tasks[i]["annotations"][0]["result"].GetArray()) {
      if (std::string_view(region["type"].GetString()) != "keypointlabels") continue;
      exported.push_back(exported_keypoint(region["value"], region));
    }
    expect_true_keypoints(exported, truth()["images"][i]);
  }
}

/// An export read with pictures and labelling interface, as the demonstration does.
class SampleConversion : public ::testing::TestWithParam<const char*> {
 protected:
  static LabelStudioExport read() {
    const ImageFolder images(sample("images"));
    const LabelConfig config = read_label_config(sample("label_config.xml"));
    Report report;
    return read_label_studio(sample(GetParam()), {.images = &images, .config = &config}, report);
  }
  /// For every true image, its instances: true index -> converted instance of the same box.
  static std::map<int, const Instance*> matched(const Dataset& dataset, const Json& image) {
    std::map<int, const Instance*> found;
    const auto named =
        std::ranges::find(dataset.images, image["file_name"].GetString(), &Image::file_name);
    if (named == dataset.images.end()) {
      ADD_FAILURE() << "no image " << image["file_name"].GetString();
      return found;
    }
    for (rapidjson::SizeType i = 0; i < image["instances"].Size(); ++i) {
      const auto box = numbers(image["instances"][i]["box"]);
      for (const Instance& instance : dataset.instances) {
        // Parts never share a centre: 1 pixel tells them apart, ellipses included.
        const double dx = instance.bbox.x + instance.bbox.width / 2 - box[0] - box[2] / 2;
        const double dy = instance.bbox.y + instance.bbox.height / 2 - box[1] - box[3] / 2;
        if (instance.image_id == named->id && std::hypot(dx, dy) < 1) {
          found[static_cast<int>(i)] = &instance;
        }
      }
    }
    return found;
  }
};
INSTANTIATE_TEST_SUITE_P(Exports,
                         SampleConversion,
                         ::testing::Values("export.min.json", "export.full.json"),
                         [](const auto& test) {
                           return std::string(test.param).substr(7, 3) == "min" ? "Min" : "Full";
                         });

void expect_true_geometry(const Instance& instance, const Json& expected) {
  const auto box = numbers(expected["box"]);
  const bool is_ellipse = expected.HasMember("ellipse");
  const double tolerance = is_ellipse ? kEllipseTolerance * box[2] : kPointTolerance;
  EXPECT_NEAR(instance.bbox.x, box[0], tolerance);
  EXPECT_NEAR(instance.bbox.y, box[1], tolerance);
  EXPECT_NEAR(instance.bbox.width, box[2], tolerance);
  EXPECT_NEAR(instance.bbox.height, box[3], tolerance);
  const double area = expected["area"].GetDouble();
  EXPECT_NEAR(instance.area, area, is_ellipse ? kEllipseTolerance * area : kAreaTolerance);
  if (!expected.HasMember("polygon")) return;
  const auto polygon = numbers(expected["polygon"]);
  ASSERT_EQ(2 * instance.rings.points().size(), polygon.size());
  for (std::size_t i = 0; i < instance.rings.points().size(); ++i) {
    EXPECT_NEAR(instance.rings.points()[i].x, polygon[2 * i], kPointTolerance);
    EXPECT_NEAR(instance.rings.points()[i].y, polygon[2 * i + 1], kPointTolerance);
  }
}

void expect_true_mask(const Instance& instance, const Json& expected, Size size) {
  ASSERT_NE(instance.mask(), nullptr);
  std::vector<RowRun> runs;
  const auto& list = expected["mask_runs"].GetArray();
  for (rapidjson::SizeType i = 0; i + 2 < list.Size(); i += 3) {
    runs.push_back({list[i].GetUint(), list[i + 1].GetUint(), list[i + 2].GetUint()});
  }
  EXPECT_EQ(*instance.mask(), encode_rows(runs, size));
}

TEST_P(SampleConversion, ReproducesBoxesAreasPolygonsAndMasks) {
  const LabelStudioExport converted = read();
  std::size_t instance_count = 0;
  for (const Json& image : truth()["images"].GetArray()) {
    SCOPED_TRACE(image["file_name"].GetString());
    const auto found = matched(converted.dataset, image);
    ASSERT_EQ(found.size(), image["instances"].Size());
    instance_count += found.size();
    for (const auto& [index, instance] : found) {
      SCOPED_TRACE(index);
      const Json& expected = image["instances"][static_cast<rapidjson::SizeType>(index)];
      const auto category =
          std::ranges::find(converted.dataset.categories, instance->category_id, &Category::id);
      ASSERT_NE(category, converted.dataset.categories.end());
      EXPECT_EQ(category->name, expected["category"].GetString());
      expect_true_geometry(*instance, expected);
      if (expected.HasMember("mask_runs")) {
        expect_true_mask(*instance, expected, {image["width"].GetInt(), image["height"].GetInt()});
      }
    }
  }
  EXPECT_EQ(converted.dataset.instances.size(), instance_count);
  EXPECT_EQ(converted.dataset.images.size(), truth()["images"].Size());
}

TEST_P(SampleConversion, TakesCategoriesAndKeypointsInTheOrderOfTheInterface) {
  const LabelStudioExport converted = read();
  std::vector<std::string> names;
  for (const Category& category : converted.dataset.categories) names.push_back(category.name);
  EXPECT_EQ(names, (std::vector<std::string>{"RockerArm", "Bolt", "PushRod", "Washer"}));
  EXPECT_EQ(converted.keypoint_labels,
            (std::vector<std::string>{"pad", "pivot", "adjuster", "head", "tip", "cup", "ball"}));
}

/// The name of the slot that holds the key point, empty when none does.
std::string slot_at(const Dataset& dataset, const Instance& instance, const Json& point) {
  const auto category = std::ranges::find(dataset.categories, instance.category_id, &Category::id);
  for (std::size_t slot = 0; slot < instance.keypoints.size(); ++slot) {
    const Keypoint& keypoint = instance.keypoints[slot];
    if (keypoint.visibility == Visibility::kAbsent) continue;
    const double dx = keypoint.point.x - point["x"].GetDouble();
    const double dy = keypoint.point.y - point["y"].GetDouble();
    if (std::hypot(dx, dy) < kPointTolerance) return category->keypoints[slot];
  }
  return {};
}

TEST_P(SampleConversion, GivesEveryUndoubtedKeypointToItsTrueOwner) {
  LabelStudioExport converted = read();
  Dataset& dataset = converted.dataset;
  const GroupingResult grouped =
      group_keypoints(dataset, {.label_order = converted.keypoint_labels});
  std::size_t point_count = 0;
  std::size_t doubtful = 0;
  for (const Json& image : truth()["images"].GetArray()) {
    SCOPED_TRACE(image["file_name"].GetString());
    const auto found = matched(dataset, image);
    for (const Json& point : image["exported_keypoints"].GetArray()) {
      ++point_count;
      const Instance& owner = *found.at(point["owner"].GetInt());
      const auto decision =
          std::ranges::find_if(grouped.decisions, [&](const KeypointDecision& candidate) {
            const LooseKeypoint& loose = grouped.keypoints[candidate.loose_index];
            return loose.image_id == owner.image_id && loose.label == point["label"].GetString() &&
                   std::hypot(loose.point.x - point["x"].GetDouble(),
                              loose.point.y - point["y"].GetDouble()) < kPointTolerance;
          });
      ASSERT_NE(decision, grouped.decisions.end());
      if (decision->doubt != KeypointDecision::Doubt::kNone) {
        ++doubtful;
        continue;
      }
      EXPECT_EQ(slot_at(dataset, owner, point), point["label"].GetString());
    }
  }
  EXPECT_EQ(grouped.decisions.size(), point_count);
  // Doubt is for the few points where parts lie on each other.
  EXPECT_LT(static_cast<double>(doubtful), 0.1 * static_cast<double>(point_count));
}

}  // namespace
}  // namespace labelloom
