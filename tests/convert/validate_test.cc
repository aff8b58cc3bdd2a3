#include "convert/validate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convert/ring_crossing.h"
#include "formats/coco.h"
#include "tests/convert/small_dataset.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_dir.h"

namespace labelloom {
namespace {

using test::box_instance;
using test::mask_instance;
using test::polygon_instance;
using test::rectangle;
using test::small_dataset;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> broken_rules(const Dataset& dataset, const ValidateOptions& options = {}) {
  std::vector<std::string> names;
  for (const Finding& finding : validate(dataset, options)) names.push_back(finding.rule);
  return names;
}

/// A mask with the rectangle as foreground.
Rle rectangle_mask(Size size, double x, double y, double width, double height) {
  return rasterise_ring(rectangle(x, y, width, height), size);
}

/// A minimal fault: a change of the small data set and the one rule it breaks.
struct Fault {
  const char* rule;
  void (*make)(Dataset& dataset);
};

const Fault kFaults[] = {
    {"duplicate-image-id",
     [](Dataset& d) {
       d.images.push_back(d.images[0]);
       d.images[2].file_name = "c.jpg";
       // Of its own, so that no image goes without annotations.
       d.instances.push_back(polygon_instance(4, 1, 2, rectangle(1, 1, 5, 5)));
     }},
    {"duplicate-annotation-id", [](Dataset& d) { d.instances[1].id = 1; }},
    {"duplicate-category-id", [](Dataset& d) { d.categories.push_back({.id = 2, .name = "lid"}); }},
    {"annotation-id-below-1", [](Dataset& d) { d.instances[1].id = 0; }},
    {"unknown-image",
     [](Dataset& d) { d.instances.push_back(polygon_instance(4, 3, 2, rectangle(1, 1, 5, 5))); }},
    {"unknown-category",
     [](Dataset& d) { d.instances.push_back(polygon_instance(4, 1, 3, rectangle(1, 1, 5, 5))); }},
    {"image-size-not-positive", [](Dataset& d) { d.images[0].size.height = 0; }},
    {"not-finite", [](Dataset& d) { d.instances[0].rings.points()[0].x = std::nan(""); }},
    {"not-finite",
     [](Dataset& d) { d.instances[0].area = std::numeric_limits<double>::infinity(); }},
    {"box-not-positive", [](Dataset& d) { d.instances[1].bbox.width = 0; }},
    {"box-not-positive", [](Dataset& d) { d.instances[1].bbox.height = -3; }},
    {"box-outside-image",
     [](Dataset& d) {
       for (Instance& instance : d.instances) instance.rings = {};
       d.instances[1].bbox.x = 100;
     }},
    {"box-leaves-image",
     [](Dataset& d) {
       for (Instance& instance : d.instances) instance.rings = {};
       d.instances[1].bbox.x = 85;
     }},
    {"area-not-positive", [](Dataset& d) { d.instances[1].area = 0; }},
    {"ring-too-short",
     [](Dataset& d) {
       d.instances[1].rings = Rings({{50, 40}, {70, 60}});
     }},
    {"mask-size-differs",
     [](Dataset& d) {
       d.instances.push_back(mask_instance(4, 1, 2, rectangle_mask({80, 80}, 1, 1, 5, 5)));
       d.instances.back().iscrowd = true;
     }},
    {"mask-empty",
     [](Dataset& d) {
       d.instances.push_back(box_instance(4, 1, 2, {1, 1, 5, 5}));
       d.instances.back().ensure_extra().mask = Rle{{100, 80}, {8000}};
       d.instances.back().iscrowd = true;
     }},
    {"keypoint-count-differs", [](Dataset& d) { d.instances[0].keypoints.resize(3); }},
    {"keypoint-count-differs", [](Dataset& d) { d.instances[1].keypoints.resize(1); }},
    {"skeleton-out-of-range",
     [](Dataset& d) {
       d.categories[0].skeleton = {{0, 1}};
     }},
    {"skeleton-out-of-range",
     [](Dataset& d) {
       d.categories[0].skeleton = {{1, 3}};
     }},
    {"category-id-zero",
     [](Dataset& d) {
       d.categories[1].id = 0;
       for (std::size_t i : {1U, 2U}) d.instances[i].category_id = 0;
     }},
    {"duplicate-category-name", [](Dataset& d) { d.categories[1].name = "cart"; }},
    {"duplicate-keypoint-name", [](Dataset& d) { d.categories[0].keypoints[1] = "left"; }},
    {"duplicate-file-name", [](Dataset& d) { d.images[1].file_name = "a.jpg"; }},
    {"duplicate-instance",
     [](Dataset& d) {
       d.instances.push_back(d.instances[1]);
       d.instances[3].id = 4;
     }},
    {"box-differs-from-shape", [](Dataset& d) { d.instances[1].bbox.x += 1.5; }},
    {"box-differs-from-shape",
     [](Dataset& d) {
       d.instances.push_back(mask_instance(4, 1, 2, rectangle_mask({100, 80}, 1, 1, 50, 50)));
       d.instances.back().iscrowd = true;
       d.instances.back().bbox.width -= 3;
     }},
    {"area-differs-from-shape", [](Dataset& d) { d.instances[1].area *= 1.06; }},
    {"ring-without-area",
     [](Dataset& d) {
       d.instances[1].rings.add(std::vector<Point2d>{{50, 40}, {60, 50}, {70, 60}});
     }},
    {"ring-crosses-itself",
     [](Dataset& d) {
       d.instances[1] =
           polygon_instance(2, 1, 2, {{50, 40}, {70, 60}, {70, 40}, {50, 70}, {40, 60}});
     }},
    {"ring-outside-image",
     [](Dataset& d) { d.instances[1] = polygon_instance(2, 1, 2, rectangle(110, 10, 5, 5)); }},
    {"ring-leaves-image",
     [](Dataset& d) { d.instances[1] = polygon_instance(2, 1, 2, rectangle(90, 10, 30, 5)); }},
    {"crowd-with-polygons", [](Dataset& d) { d.instances[1].iscrowd = true; }},
    {"crowd-without-mask",
     [](Dataset& d) {
       d.instances[1].iscrowd = true;
       d.instances[1].rings = {};
     }},
    {"mask-without-crowd",
     [](Dataset& d) {
       d.instances.push_back(mask_instance(4, 1, 2, rectangle_mask({100, 80}, 1, 1, 5, 5)));
     }},
    {"mask-without-crowd",
     [](Dataset& d) {
       d.instances[1].rings.add(rectangle(55, 45, 10, 10), true);
       d.instances[1].area -= 100;
     }},
    {"shape-missing", [](Dataset& d) { d.instances[1].rings = {}; }},
    {"keypoints-missing",
     [](Dataset& d) { d.instances.push_back(polygon_instance(4, 2, 1, rectangle(1, 1, 5, 5))); }},
    {"keypoint-outside-image",
     [](Dataset& d) {
       d.instances[0].keypoints[0].point = {101.5, 12};
     }},
    {"absent-keypoint-with-position",
     [](Dataset& d) {
       d.instances[0].keypoints[1].point = {12, 12};
     }},
    {"category-unused", [](Dataset& d) { d.categories.push_back({.id = 3, .name = "lid"}); }},
    {"image-without-annotations", [](Dataset& d) { d.instances.pop_back(); }},
    {"ring-not-checked",
     [](Dataset& d) {
       // A zigzag of 3,000 edges, none of which cross, and each overlaps every other along x.
       std::vector<Point2d> comb;
       comb.reserve(3002);
       for (int i = 0; i < 3000; ++i) {
         comb.push_back({i % 2 == 0 ? 0.0 : 100.0, 1 + i * 0.01});
       }
       comb.push_back({100, 60});
       comb.push_back({0, 60});
       d.instances[1] = polygon_instance(2, 1, 2, comb);
     }},
};

TEST(Validate, FindsNothingInACleanDataset) {
  EXPECT_THAT(broken_rules(small_dataset()), IsEmpty());
  EXPECT_THAT(broken_rules(Dataset{}), IsEmpty());
}

TEST(Validate, EveryFaultBreaksExactlyItsRule) {
  for (const Fault& fault : kFaults) {
    Dataset dataset = small_dataset();
    fault.make(dataset);
    std::vector<std::string> expected = {fault.rule};
    if (expected[0] == "duplicate-category-id") expected.emplace_back("category-unused");
    if (expected[0] == "duplicate-image-id") expected.emplace_back("image-without-annotations");
    EXPECT_EQ(broken_rules(dataset), expected) << fault.rule;
  }
}

TEST(Validate, EveryRuleHasATextAndAFaultThatBreaksIt) {
  // Rules that need image files; their own test is below.
  std::set<std::string> tested = {
      "image-missing", "image-unreadable", "image-size-differs", "image-ambiguous"};
  for (const Fault& fault : kFaults) tested.insert(fault.rule);
  for (const RuleText& rule : rules()) {
    ASSERT_NE(rule.name, nullptr);
    EXPECT_TRUE(tested.contains(rule.name)) << rule.name;
    EXPECT_GT(std::string(rule.reason).size(), 20U) << rule.name;
  }
  EXPECT_EQ(tested.size(), rules().size());
}

TEST(Validate, CountsAllAndNamesTheFirst) {
  Dataset dataset = small_dataset();
  dataset.instances.clear();
  for (int i = 1; i <= 10000; ++i) {
    dataset.instances.push_back(box_instance(i, 1 + i % 2, 1 + i % 2, {1, 1, 0, 5.0 + i}));
  }
  const std::vector<Finding> findings = validate(dataset, {.example_count = 3});
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].rule, "box-not-positive");
  EXPECT_EQ(findings[0].severity, Severity::kError);
  EXPECT_EQ(findings[0].count, 10000U);
  EXPECT_THAT(findings[0].examples,
              ElementsAre("annotation 1 in \"b.jpg\": [1, 1, 0, 6]",
                          "annotation 2 in \"a.jpg\": [1, 1, 0, 7]",
                          "annotation 3 in \"b.jpg\": [1, 1, 0, 8]"));
}

TEST(Validate, AcceptsTheBoxesOfCocosCrowdsAndTheAreasOfPixelCounters) {
  Dataset dataset = small_dataset();
  // COCO 2017: a crowd's box is one pixel less wide and high than its mask.
  Instance crowd = mask_instance(4, 1, 2, rectangle_mask({100, 80}, 1, 1, 30, 30));
  crowd.bbox.width -= 1;
  crowd.bbox.height -= 1;
  crowd.iscrowd = true;
  dataset.instances.push_back(crowd);
  // A small square that covers fewer pixel centres than its area says.
  Instance square = polygon_instance(5, 1, 2, rectangle(10.4, 10.4, 2.2, 2.2));
  square.area = static_cast<double>(pixel_count(rasterise(square.rings, {100, 80})));
  ASSERT_GT(std::abs(square.area - ring_area(square.rings)), 0.05 * square.area);
  dataset.instances.push_back(square);
  EXPECT_THAT(broken_rules(dataset), IsEmpty());
}

TEST(Validate, ComparesTheAreaOfMasksWithTheirPixels) {
  Dataset dataset = small_dataset();
  dataset.instances.push_back(mask_instance(4, 1, 2, rectangle_mask({100, 80}, 1, 1, 30, 30)));
  EXPECT_THAT(broken_rules(dataset), ElementsAre("mask-without-crowd"));
  dataset.instances[3].area *= 0.9;
  EXPECT_THAT(broken_rules(dataset), ElementsAre("area-differs-from-shape", "mask-without-crowd"));
}

TEST(Validate, NamesTheShapeWhenBoxAndShapeLeaveTheImageTogether) {
  Dataset dataset = small_dataset();
  dataset.instances[1] = polygon_instance(2, 1, 2, rectangle(90, 10, 30, 5));
  EXPECT_THAT(broken_rules(dataset), ElementsAre("ring-leaves-image"));
  dataset.instances[1].bbox.width += 20;
  dataset.instances[1].area = 150;
  EXPECT_THAT(broken_rules(dataset),
              ElementsAre("box-leaves-image", "box-differs-from-shape", "ring-leaves-image"));
}

// Header and start of image data of a 3 x 2 PNG; enough for its size.
constexpr unsigned char kPng3x2[] = {0x89, 'P',  'N',  'G',  0x0D, 0x0A, 0x1A, 0x0A, 0x00,
                                     0x00, 0x00, 0x0D, 'I',  'H',  'D',  'R',  0x00, 0x00,
                                     0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00, 0x00,
                                     0x00, 0x00, 0xB5, 0x1B, 0x5C, 0x13};

TEST(Validate, ComparesWithTheImageFiles) {
  const test::TempDir folder;
  const std::string png(std::begin(kPng3x2), std::end(kPng3x2));
  folder.write("good.png", png);
  folder.write("other_size.png", png);
  folder.write("text.png", "this is no image, whatever its name says");
  folder.write("one/twice.png", png);
  folder.write("two/twice.png", png);
  Dataset dataset;
  std::int64_t id = 0;
  for (const char* file : {"good.png", "other_size.png", "text.png", "gone.png", "twice.png"}) {
    dataset.images.push_back({.id = ++id, .file_name = file, .size = {3, 2}, .extra = {}});
  }
  dataset.images[1].size = {2, 3};
  EXPECT_THAT(broken_rules(dataset, {.images = folder.path()}),
              ElementsAre("image-missing",
                          "image-unreadable",
                          "image-size-differs",
                          "image-ambiguous",
                          "image-without-annotations"));
  const std::vector<Finding> findings = validate(dataset, {.images = folder.path()});
  EXPECT_THAT(findings[2].examples,
              ElementsAre("image 2 \"other_size.png\": 2 x 3, the file has 3 x 2"));
}

TEST(Validate, TurnsTheReadersRemarksIntoFindings) {
  Report report;
  report.add("area-computed", {}, "annotation 4 had no area");
  report.add("skipped-bad-record", {.file = "a.json"}, "bad");
  report.add("something-new", {}, "said so");
  const std::vector<Finding> found = findings(report);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].rule, "area-computed");
  EXPECT_EQ(found[1].severity, Severity::kError);
  EXPECT_THAT(found[1].examples, ElementsAre("a.json: bad"));
  EXPECT_EQ(found[2].severity, Severity::kWarning);
}

class RealCoco : public ::testing::TestWithParam<const char*> {};

TEST_P(RealCoco, HasNoErrors) {
  const auto file = test::shared_data(GetParam());
  if (!file) GTEST_SKIP() << "real data is not here";
  Report report;
  const Dataset dataset = read_coco(*file, {.skip_bad = true}, report);
  EXPECT_TRUE(report.empty());
  const auto images = file->parent_path().parent_path() / "images";
  for (const Finding& finding : validate(dataset, {.images = images})) {
    EXPECT_NE(finding.severity, Severity::kError) << finding.rule << finding.examples.front();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files,
    RealCoco,
    ::testing::Values("coco_instances/annotations/instances_train2017.json",
                      "coco_person_keypoints/annotations/person_keypoints_train2017.json"));

TEST(RingCrossing, FindsTheEdgesThatCross) {
  RingCrossing crossing;
  const std::vector<Point2d> bow = {{0, 0}, {10, 10}, {10, 0}, {0, 10}};
  const auto found = crossing.find(bow);
  EXPECT_EQ(found.result, RingCrossing::Result::kFound);
  EXPECT_EQ(found.first_edge, 0U);
  EXPECT_EQ(found.second_edge, 2U);
}

TEST(RingCrossing, LeavesRingsAloneThatOnlyTouchThemselves) {
  RingCrossing crossing;
  const auto is_clean = [&](const std::vector<Point2d>& ring) {
    return crossing.find(ring).result == RingCrossing::Result::kNone;
  };
  EXPECT_TRUE(is_clean({}));
  EXPECT_TRUE(is_clean({{0, 0}, {5, 5}, {5, 0}}));
  // A point given twice, the first point given again at the end, a spike out and back.
  EXPECT_TRUE(is_clean({{0, 0}, {5, 0}, {5, 0}, {5, 5}, {0, 5}, {0, 0}}));
  EXPECT_TRUE(is_clean({{0, 0}, {5, 0}, {9, 0}, {5, 0}, {5, 5}, {0, 5}}));
}

TEST(RingCrossing, AgreesWithComparingAllPairs) {
  // A fixed generator: the next draw of a linear congruence, in [0, 20).
  std::uint64_t state = 1;
  const auto draw = [&] {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<double>((state >> 33) % 2000) / 100;
  };
  RingCrossing crossing;
  int crossed = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<Point2d> ring(static_cast<std::size_t>(4 + round % 5));
    for (Point2d& p : ring) p = {draw(), draw()};
    const auto side = [](const Point2d& a, const Point2d& b, const Point2d& p) {
      return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
    };
    bool expected = false;
    const std::size_t n = ring.size();
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = i + 1; j < n; ++j) {
        const Point2d &a = ring[i], &b = ring[(i + 1) % n], &c = ring[j], &d = ring[(j + 1) % n];
        expected |= side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
      }
    }
    crossed += expected ? 1 : 0;
    EXPECT_EQ(crossing.find(ring).result == RingCrossing::Result::kFound, expected) << round;
  }
  EXPECT_GT(crossed, 200);
  EXPECT_LT(crossed, 1900);
}

}  // namespace
}  // namespace labelloom
