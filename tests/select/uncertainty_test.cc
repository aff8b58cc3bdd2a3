// Entropies, margins, CDAL's profiles and EquAL's consistency, by hand.

#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "select/box_statistics.h"
#include "select/cell_statistics.h"
#include "select/flip_consistency.h"
#include "tests/select/scene.h"

namespace labelloom::select {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::IsEmpty;

constexpr double kTolerance = 1e-6;

void set_cell(Logits& logits, int y, int x, const std::vector<double>& p) {
  for (std::size_t k = 0; k < p.size(); ++k)
    logits.at(0, static_cast<int>(k), y, x) = static_cast<float>(std::log(p[k]));
}

/// Of a picture of one cell.
CellStatistics of_cell(const std::vector<double>& p) {
  Logits logits(1, static_cast<int>(p.size()), 1, 1);
  set_cell(logits, 0, 0, p);
  const LogitBatch batch = logits.batch();
  return cell_statistics({&batch, 0, {0, 0, 1, 1}}, true);
}

TEST(CellStatistics, AnEvenCellIsAsUncertainAsCanBe) {
  const CellStatistics even = of_cell({0.25, 0.25, 0.25, 0.25});
  EXPECT_NEAR(even.entropy, std::log(4), kTolerance);
  EXPECT_NEAR(even.margin, 1, kTolerance);
  EXPECT_NEAR(even.least_confidence, 0.75, kTolerance);
}

TEST(CellStatistics, TheTwoLikeliestClassesMakeTheMargin) {
  const CellStatistics cell = of_cell({0.2, 0.7, 0.1});
  EXPECT_NEAR(
      cell.entropy, -(0.2 * std::log(0.2) + 0.7 * std::log(0.7) + 0.1 * std::log(0.1)), kTolerance);
  EXPECT_NEAR(cell.margin, 1 - (0.7 - 0.2), kTolerance);
  EXPECT_NEAR(cell.least_confidence, 0.3, kTolerance);
}

TEST(CellStatistics, AddingAConstantToTheLogitsChangesNothing) {
  Logits logits(1, 3, 2, 2);
  Noise noise(3);
  logits.fill(noise, 4);
  Logits shifted = logits;
  for (float& value : shifted.values) value += 8;
  const LogitBatch a = logits.batch();
  const LogitBatch b = shifted.batch();
  EXPECT_NEAR(cell_statistics({&a, 0, {0, 0, 2, 2}}, false).entropy,
              cell_statistics({&b, 0, {0, 0, 2, 2}}, false).entropy,
              kTolerance);
}

TEST(CellStatistics, CellsThatAreNotPictureDoNotCount) {
  Logits logits(1, 2, 2, 3);
  set_cell(logits, 1, 2, {0.9, 0.1});
  const LogitBatch batch = logits.batch();
  EXPECT_NEAR(cell_statistics({&batch, 0, {2, 1, 1, 1}}, false).least_confidence, 0.1, kTolerance);
}

TEST(CellStatistics, AProfileWeighsCellsWithTheirEntropies) {
  Logits logits(1, 2, 1, 3);
  set_cell(logits, 0, 0, {0.9, 0.1});
  set_cell(logits, 0, 1, {0.6, 0.4});
  set_cell(logits, 0, 2, {0.3, 0.7});
  const LogitBatch batch = logits.batch();
  const CellStatistics cells = cell_statistics({&batch, 0, {0, 0, 3, 1}}, true);
  const auto entropy = [](double p) { return -p * std::log(p) - (1 - p) * std::log(1 - p); };
  const double first = (entropy(0.9) * 0.9 + entropy(0.6) * 0.6) / (entropy(0.9) + entropy(0.6));
  EXPECT_THAT(cells.profile,
              ElementsAre(FloatNear(static_cast<float>(first), 1e-5F),
                          FloatNear(static_cast<float>(1 - first), 1e-5F),
                          FloatNear(0.3F, 1e-5F),
                          FloatNear(0.7F, 1e-5F)));
}

TEST(CellStatistics, AClassWithoutCellsHasNoProfileAndACertainOneItsOwn) {
  Logits logits(1, 3, 1, 2);
  logits.set_label(0, 0, 0, 1, 0, -std::numeric_limits<float>::infinity());
  logits.set_label(0, 0, 1, 1, 0, -std::numeric_limits<float>::infinity());
  const LogitBatch batch = logits.batch();
  EXPECT_THAT(
      cell_statistics({&batch, 0, {0, 0, 2, 1}}, true).profile,
      ElementsAre(0, 0, 0, FloatNear(0, 1e-6F), FloatNear(1, 1e-6F), FloatNear(0, 1e-6F), 0, 0, 0));
}

TEST(CellStatistics, ALogitThatIsNoNumberMakesTheMeansNone) {
  Logits logits(1, 2, 2, 2);
  logits.at(0, 1, 1, 0) = std::numeric_limits<float>::quiet_NaN();
  const LogitBatch batch = logits.batch();
  const CellStatistics cells = cell_statistics({&batch, 0, {0, 0, 2, 2}}, true);
  EXPECT_FALSE(cells.finite);
  EXPECT_TRUE(std::isnan(cells.entropy));
  EXPECT_THAT(cells.profile, IsEmpty());
}

TEST(CellStatistics, ASingleClassIsCertain) {
  const CellStatistics cell = of_cell({1});
  EXPECT_EQ(cell.entropy, 0);
  EXPECT_EQ(cell.margin, 0);
  EXPECT_EQ(cell.least_confidence, 0);
}

TEST(CellLabels, OfEqualsTheLowerClass) {
  Logits logits(1, 3, 1, 2);
  logits.set_label(0, 0, 1, 2, 5);
  const LogitBatch batch = logits.batch();
  EXPECT_THAT(cell_labels({&batch, 0, {0, 0, 2, 1}}), ElementsAre(0, 2));
}

TEST(BoxStatistics, TheLeastCertainBoxCounts) {
  const std::vector<std::vector<float>> boxes{{0.9F, 0.1F, 0}, {0.5F, 0.3F, 0.2F}};
  const BoxStatistics result = box_statistics(boxes, 3);
  EXPECT_NEAR(result.entropy,
              -(0.5 * std::log(0.5) + 0.3 * std::log(0.3) + 0.2 * std::log(0.2)),
              kTolerance);
  EXPECT_NEAR(result.margin, 0.8, kTolerance);
  EXPECT_NEAR(result.least_confidence, 0.5, kTolerance);
}

TEST(BoxStatistics, WithoutBoxesEverythingIsZero) {
  const BoxStatistics result = box_statistics({}, 2);
  EXPECT_EQ(result.entropy, 0);
  EXPECT_EQ(result.margin, 0);
  EXPECT_THAT(result.profile, ElementsAre(0, 0));
}

TEST(BoxStatistics, CertainBoxesHaveAPlainMean) {
  const std::vector<std::vector<float>> boxes{{1, 0}, {0, 1}, {1, 0}, {1, 0}};
  EXPECT_THAT(box_statistics(boxes, 2).profile, ElementsAre(0.75F, 0.25F));
}

struct Pair {
  Logits picture;
  Logits mirrored;

  [[nodiscard]] FlipConsistency consistency(const Cells& valid) const {
    const LogitBatch a = picture.batch();
    const LogitBatch b = mirrored.batch();
    return flip_consistency({&a, 0, valid}, {&b, 0, {}});
  }
};

TEST(FlipConsistency, AMirrorImageThatAgreesHasNoDivergence) {
  Pair pair{Logits(1, 2, 1, 2), Logits(1, 2, 1, 2)};
  set_cell(pair.picture, 0, 0, {0.8, 0.2});
  set_cell(pair.picture, 0, 1, {0.4, 0.6});
  set_cell(pair.mirrored, 0, 1, {0.8, 0.2});
  set_cell(pair.mirrored, 0, 0, {0.4, 0.6});
  const FlipConsistency flip = pair.consistency({0, 0, 2, 1});
  EXPECT_NEAR(flip.divergence, 0, kTolerance);
  const auto entropy = [](double p) { return -p * std::log(p) - (1 - p) * std::log(1 - p); };
  EXPECT_NEAR(flip.entropy, (entropy(0.8) + entropy(0.4)) / 2, kTolerance);
}

TEST(FlipConsistency, DivergenceIsThatOfThePictureFromItsMirrorImage) {
  Pair pair{Logits(1, 2, 1, 2), Logits(1, 2, 1, 2)};
  set_cell(pair.picture, 0, 0, {0.8, 0.2});
  set_cell(pair.mirrored, 0, 1, {0.5, 0.5});
  const FlipConsistency flip = pair.consistency({0, 0, 1, 1});  // the other cell is padding
  EXPECT_NEAR(flip.divergence, 0.8 * std::log(1.6) + 0.2 * std::log(0.4), kTolerance);
  EXPECT_NEAR(flip.entropy, -(0.65 * std::log(0.65) + 0.35 * std::log(0.35)), kTolerance);
}

TEST(FlipConsistency, WhatIsNoNumberStaysNone) {
  Pair pair{Logits(1, 2, 1, 1), Logits(1, 2, 1, 1)};
  pair.mirrored.at(0, 0, 0, 0) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(pair.consistency({0, 0, 1, 1}).divergence));
}

TEST(FlipConsistency, LogitsOfAnotherSizeAreRefused) {
  const Pair pair{Logits(1, 2, 1, 2), Logits(1, 2, 1, 3)};
  EXPECT_THROW(static_cast<void>(pair.consistency({0, 0, 1, 1})), Error);
}

}  // namespace
}  // namespace labelloom::select
