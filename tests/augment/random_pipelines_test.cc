// The contract of single transforms holds for pipelines of them too.

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/coco.h"
#include "formats/error.h"
#include "formats/report.h"
#include "tests/augment/contract.h"
#include "tests/support/shared_data.h"

namespace labelloom::augment {
namespace {

using test::Case;
using test::Outcome;
using test::Subjects;

struct Drawn {
  Pipeline pipeline;
  bool curved = false;
  bool colours = false;
};

/// Five transforms of the table that move pixels or change their colours.
Drawn draw_pipeline(std::uint64_t seed) {
  static const std::vector<Case> cases = [] {
    std::vector<Case> all = test::all_cases();
    std::erase_if(all, [](const Case& one) {
      return !test::is_geometric(one.entry->kind) && one.entry->kind != TransformKind::kColour;
    });
    return all;
  }();
  Random random({.seed = seed, .image = 99});
  std::vector<Node> nodes;
  bool curved = false;
  bool colours = false;
  for (int i = 0; i < 5; ++i) {
    const auto last = static_cast<std::int64_t>(cases.size()) - 1;
    const Case& one = cases[static_cast<std::size_t>(random.integer(0, last))];
    curved = curved || one.entry->kind == TransformKind::kCurved;
    colours = colours || one.entry->kind == TransformKind::kColour;
    nodes.push_back(test::leaf(one));
  }
  return {test::sequence(std::move(nodes)), curved, colours};
}

void check(const Subjects& subjects, std::uint64_t seed) {
  const Drawn drawn = draw_pipeline(seed);
  Outcome outcome;
  try {
    outcome = test::run(drawn.pipeline, subjects, {.seed = seed, .image = 5});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::kInvalidData) << error.what();  // a crop larger than the picture
    return;
  }
  SCOPED_TRACE(fmt::format("seed {}\n{}{}",
                           seed,
                           describe(outcome.plan),
                           describe(plan_pixels(outcome.plan, Fusion::kFull))));
  test::expect_valid(outcome);
  const double least = drawn.curved ? 0.97 : 0.99;
  test::expect_pixels_and_points_agree(outcome, subjects, least, !drawn.colours, Fusion::kFull);
  test::expect_pixels_and_points_agree(outcome, subjects, least, !drawn.colours, Fusion::kNone);
}

TEST(RandomPipelines, MovePixelsAndPointsAlike) {
  const Subjects subjects = test::make_subjects({320, 240});
  for (std::uint64_t seed = 1; seed <= 40; ++seed) check(subjects, seed);
}

/// The instances with rings of one image at a time, for every `stride`th image.
void check_coco(const char* file, std::size_t stride) {
  const auto path = labelloom::test::shared_data(file);
  if (!path) GTEST_SKIP() << "the data is not there";
  Report report;
  const Dataset dataset = read_coco(*path, {}, report);
  const InstancesByImage by_image(dataset);
  for (std::size_t i = 0; i < dataset.images.size(); i += stride) {
    std::vector<Instance> instances;
    for (const std::uint32_t index : by_image[i]) {
      const Instance& instance = dataset.instances[index];
      if (!instance.rings.empty()) instances.push_back(instance);
    }
    const Subjects subjects =
        test::make_subjects(dataset.images[i].size, std::move(instances), dataset.categories);
    SCOPED_TRACE(dataset.images[i].file_name);
    check(subjects, 1000 + i);
  }
}

TEST(RandomPipelines, MovePixelsAndPointsOfCocoInstancesAlike) {
  check_coco("coco_instances/annotations/instances_train2017.json", 4);
}

TEST(RandomPipelines, MovePixelsAndPointsOfCocoPersonsAlike) {
  check_coco("coco_person_keypoints/annotations/person_keypoints_train2017.json", 4);
}

}  // namespace
}  // namespace labelloom::augment
