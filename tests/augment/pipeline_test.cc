#include "augment/pipeline.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "augment/frames.h"
#include "augment/pixel_plan.h"
#include "formats/error.h"

namespace labelloom::augment {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Leaves its name in the plan, and a number that it drew.
class Mark final : public Transform {
 public:
  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    draw.note("u", random.uniform());
    draw.add(Filter{});
  }
};

class Enlarge final : public Transform {
 public:
  void draw(const Scene& scene, Random& /*random*/, Draw& draw) const override {
    draw.add(resized(scene.size, {scene.size.width * 10, scene.size.height * 10}, {}));
  }
};

Node mark(const char* name, double p = 1) {
  Node node;
  node.kind = Node::Kind::kTransform;
  node.name = name;
  node.p = p;
  node.transform = std::make_unique<const Mark>();
  return node;
}

template <typename... Nodes>
Node container(Node::Kind kind, Nodes... nodes) {
  Node node;
  node.kind = kind;
  (node.children.push_back(std::move(nodes)), ...);
  return node;
}

std::vector<std::string> names(const Pipeline& pipeline, std::uint64_t seed) {
  std::vector<std::string> found;
  for (const Step& step : pipeline.sample({{10, 10}}, {.seed = seed}).steps) {
    found.push_back(step.transform);
  }
  return found;
}

/// How often each list of steps comes, of 4000.
std::map<std::vector<std::string>, int> tally(Node root) {
  const Pipeline pipeline(std::move(root));
  std::map<std::vector<std::string>, int> counts;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) ++counts[names(pipeline, seed)];
  return counts;
}

using Names = std::vector<std::string>;

TEST(Pipeline, AppliesEveryChildOfASequenceInOrder) {
  const Pipeline pipeline(container(Node::Kind::kSequence, mark("a"), mark("b"), mark("c")));
  EXPECT_THAT(names(pipeline, 1), ElementsAre("a", "b", "c"));
}

TEST(Pipeline, AppliesATransformWithItsProbability) {
  auto counts = tally(container(Node::Kind::kSequence, mark("a", 0.3)));
  EXPECT_NEAR(counts[Names{"a"}], 1200, 120);
}

TEST(Pipeline, AppliesAContainerWithItsProbability) {
  Node inner = container(Node::Kind::kSequence, mark("a"), mark("b"));
  inner.p = 0.25;
  auto counts = tally(container(Node::Kind::kSequence, std::move(inner)));
  EXPECT_NEAR((counts[Names{"a", "b"}]), 1000, 120);
  EXPECT_EQ(counts.size(), 2U);
}

TEST(Pipeline, OneOfTakesProbabilitiesAsWeightsAndThenAppliesSurely) {
  auto counts = tally(container(Node::Kind::kOneOf, mark("a", 0.1), mark("b", 0.3)));
  EXPECT_NEAR(counts[Names{"a"}], 1000, 120);
  EXPECT_NEAR(counts[Names{"b"}], 3000, 120);
  EXPECT_EQ(counts.size(), 2U);
}

TEST(Pipeline, OneOfWithoutWeightsDoesNothing) {
  const auto counts = tally(container(Node::Kind::kOneOf, mark("a", 0)));
  EXPECT_EQ(counts.size(), 1U);
  EXPECT_THAT(counts.begin()->first, IsEmpty());
}

TEST(Pipeline, SomeOfTakesSoManyInTheOrderOfTheFile) {
  Node some = container(Node::Kind::kSomeOf, mark("a"), mark("b"), mark("c"));
  some.count = {2, 2};
  auto counts = tally(std::move(some));
  EXPECT_EQ(counts.size(), 3U);
  EXPECT_NEAR((counts[Names{"a", "b"}]), 1333, 140);
  EXPECT_NEAR((counts[Names{"a", "c"}]), 1333, 140);
}

TEST(Pipeline, SomeOfWithReplacementMayTakeOneTwiceWithOtherNumbers) {
  Node some = container(Node::Kind::kSomeOf, mark("a"), mark("b"));
  some.count = {2, 2};
  some.replace = true;
  auto counts = tally(std::move(some));
  EXPECT_NEAR((counts[Names{"a", "a"}]), 1000, 120);
  Node one = container(Node::Kind::kSomeOf, mark("a"));
  one.count = {2, 2};
  one.replace = true;
  const Plan plan = Pipeline(std::move(one)).sample({{10, 10}}, {.seed = 1});
  ASSERT_EQ(plan.steps.size(), 2U);
  EXPECT_NE(plan.steps[0].drawn, plan.steps[1].drawn);
}

TEST(Pipeline, SomeOfTakesNoMoreThanThereAre) {
  Node some = container(Node::Kind::kSomeOf, mark("a"), mark("b"));
  some.count = {5, 5};
  EXPECT_THAT(names(Pipeline(std::move(some)), 1), ElementsAre("a", "b"));
}

TEST(Pipeline, ProbabilitiesOfSomeOfDecideAgainUnlessTheyAreWeights) {
  Node some = container(Node::Kind::kSomeOf, mark("a", 0.5), mark("b", 0.5));
  auto counts = tally(std::move(some));
  EXPECT_NEAR(counts[Names{}], 2000, 140);
  Node weighted = container(Node::Kind::kSomeOf, mark("a", 0.1), mark("b", 0.3));
  weighted.weighted = true;
  counts = tally(std::move(weighted));
  EXPECT_NEAR(counts[Names{"a"}], 1000, 120);
  EXPECT_EQ(counts.count(Names{}), 0U);
}

TEST(Pipeline, RandomOrderIsRandom) {
  Node some = container(Node::Kind::kRandomOrder, mark("a"), mark("b"));
  some.count = {2, 2};
  auto counts = tally(std::move(some));
  EXPECT_NEAR((counts[Names{"b", "a"}]), 2000, 140);
}

TEST(Pipeline, WhatAStepDrawsDoesNotDependOnTheOthers) {
  const Pipeline both(container(Node::Kind::kSequence, mark("a"), mark("b")));
  const Pipeline one(container(Node::Kind::kSequence, mark("a", 0), mark("b")));
  EXPECT_EQ(both.sample({{10, 10}}, {.seed = 5}).steps[1].drawn,
            one.sample({{10, 10}}, {.seed = 5}).steps[0].drawn);
}

TEST(Pipeline, RefusesPicturesBeyondTheLimit) {
  Node large;
  large.kind = Node::Kind::kTransform;
  large.name = "Enlarge";
  large.transform = std::make_unique<const Enlarge>();
  const Pipeline pipeline(container(Node::Kind::kSequence, std::move(large)));
  EXPECT_EQ(pipeline.sample({{3000, 10}}, {}).out, (Size{30000, 100}));
  EXPECT_THROW((void)pipeline.sample({{4000, 10}}, {}), Error);
}

}  // namespace
}  // namespace labelloom::augment
