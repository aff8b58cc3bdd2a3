// Exports of real projects, where they are at hand.

#include <cctype>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/label_studio.h"
#include "tests/support/shared_data.h"

namespace labelloom {
namespace {

using testing::HasSubstr;

/// Every real export converts, or is refused for a reason that is known.
class RealExport : public testing::TestWithParam<std::pair<const char*, const char*>> {};
INSTANTIATE_TEST_SUITE_P(
    SharedData,
    RealExport,
    testing::Values(
        std::pair{"akucia_watch_train.full.json", ""},
        std::pair{"akucia_watch_train.min.json", ""},
        std::pair{"evalme_test_bbox.full.json", ""},
        std::pair{"evalme_test_bbox.min.json", ""},
        std::pair{"lsc_test_csv.full.json", ""},
        std::pair{"lsc_test_csv.min.json", ""},
        std::pair{"lsc_test_json_min_polygon.full.json", ""},
        std::pair{"lsc_test_json_min_polygon.min.json", ""},
        std::pair{"lsc_test_json_min_repeater.full.json", "task-with-several-images"},
        std::pair{"lsc_test_json_min_repeater.min.json", "task-with-several-images"},
        std::pair{"lsf_example_all_tools_brush_ellipse_poly.annotation.json", "without \"data\""},
        std::pair{"lsf_example_all_tools_brush_ellipse_poly.min.json", ""},
        std::pair{"lsf_example_ellipses.annotation.json", "image's size"},
        std::pair{"lsf_example_ellipses.min.json", "image's size"},
        std::pair{"lsf_example_multi_image_item_index.annotation.json", "image's size"},
        std::pair{"lsf_example_multi_image_item_index.min.json", "image's size"},
        std::pair{"lsf_example_multilabel_labels_plus_shapes.annotation.json", "image's size"},
        std::pair{"lsf_example_multilabel_labels_plus_shapes.min.json", "image's size"},
        std::pair{"mlbackend_brush_rle.full.json", "without its task"},
        std::pair{"mlbackend_keypoints_parentid_1.full.json", "without its task"},
        std::pair{"mlbackend_polygons.full.json", "without its task"},
        std::pair{"sdk_test_coco_rect_poly_kp.full.json", ""},
        std::pair{"sdk_test_coco_rect_poly_kp.min.json", ""},
        std::pair{"sdk_test_yolo_keypoints_parentid.full.json", ""},
        std::pair{"sdk_test_yolo_keypoints_parentid.min.json", ""},
        std::pair{"sdk_test_yolo_polygons.full.json", ""},
        std::pair{"sdk_test_yolo_polygons.min.json", ""}),
    [](const auto& test) {
      std::string name = test.param.first;
      for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
      return name;
    });

TEST_P(RealExport, ConvertsWithEveryRegionAccountedForOrIsRefused) {
  const auto path = test::shared_data(std::string("labelstudio/") + GetParam().first);
  if (!path) GTEST_SKIP() << "no shared data";
  Report report;
  try {
    const LabelStudioExport e = read_label_studio(*path, {}, report);
    EXPECT_STREQ(GetParam().second, "");
    const auto sum = [](const std::map<std::string, std::uint64_t>& counts) {
      return std::accumulate(
          counts.begin(), counts.end(), std::uint64_t{0}, [](std::uint64_t n, const auto& entry) {
            return n + entry.second;
          });
    };
    const LabelStudioSummary& s = e.summary;
    EXPECT_EQ(sum(s.regions), s.instances + s.keypoints + sum(s.left_out));
    EXPECT_EQ(s.instances, e.dataset.instances.size());
    for (const Instance& i : e.dataset.instances) {
      EXPECT_GT(i.area, 0);
      EXPECT_GT(i.bbox.area(), 0);
    }
  } catch (const Error& error) {
    ASSERT_STRNE(GetParam().second, "") << error.what();
    EXPECT_THAT(error.what(), HasSubstr(GetParam().second));
  }
}

TEST(RealExports, BothFormsOfOneProjectGiveTheSameInstances) {
  for (const char* name : {"akucia_watch_train",
                           "evalme_test_bbox",
                           "lsc_test_csv",
                           "sdk_test_coco_rect_poly_kp",
                           "sdk_test_yolo_polygons"}) {
    const auto full = test::shared_data(std::string("labelstudio/") + name + ".full.json");
    const auto min = test::shared_data(std::string("labelstudio/") + name + ".min.json");
    if (!full || !min) GTEST_SKIP() << "no shared data";
    Report report;
    const Dataset a = read_label_studio(*full, {}, report).dataset;
    const Dataset b = read_label_studio(*min, {}, report).dataset;
    ASSERT_EQ(a.instances.size(), b.instances.size()) << name;
    std::vector<double> areas_a;
    std::vector<double> areas_b;
    for (const Instance& i : a.instances) areas_a.push_back(i.area);
    for (const Instance& i : b.instances) areas_b.push_back(i.area);
    EXPECT_THAT(areas_a, testing::UnorderedElementsAreArray(areas_b)) << name;
    EXPECT_EQ(a.loose_keypoints.size(), b.loose_keypoints.size()) << name;
  }
}

}  // namespace
}  // namespace labelloom
