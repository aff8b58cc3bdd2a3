// Masks as rings that touch themselves nowhere.

#include "formats/mask_trace.h"

#include <string>

#include <gtest/gtest.h>

#include "formats/geometry_difference.h"

namespace labelloom {
namespace {

Rle mask_of(const std::vector<std::string>& rows) {
  std::vector<std::uint8_t> bytes;
  for (const std::string& row : rows) {
    for (const char c : row) bytes.push_back(c == '#' ? 1 : 0);
  }
  return encode(bytes, {static_cast<int>(rows[0].size()), static_cast<int>(rows.size())});
}

TEST(MaskRings, HolesFollowTheRingTheyLieIn) {
  const Rings rings = mask_rings(mask_of({"........",  //
                                          ".####.#.",
                                          ".#..#...",
                                          ".####.#.",
                                          "....#.##"}));
  ASSERT_EQ(rings.size(), 4U);
  EXPECT_EQ(extent(rings[0]), (Box{1, 1, 4, 4}));
  EXPECT_TRUE(rings.is_hole(1));
  EXPECT_EQ(extent(rings[1]), (Box{2, 2, 2, 1}));
  EXPECT_FALSE(rings.is_hole(2));
  EXPECT_FALSE(rings.is_hole(3));
  EXPECT_TRUE(mask_rings(mask_of({"...", "..."})).empty());
}

TEST(MaskRings, RunsMayBeEmpty) {
  const Rle mask{{2, 4}, {1, 2, 0, 3, 2}};  // the columns .### and ##..
  EXPECT_EQ(mask_rings(mask).size(), 1U);
  EXPECT_EQ(ring_area(mask_rings(mask)), 5);
}

TEST(MaskRings, PartWhatTouchesAtACornerOnly) {
  EXPECT_EQ(mask_rings(mask_of({"#.", ".#"})).size(), 2U);
  // Joined on the way round: one part, whose hole touches its border.
  const Rings rings = mask_rings(mask_of({"##.", "#.#", "###"}));
  ASSERT_EQ(rings.size(), 2U);
  EXPECT_TRUE(rings.is_hole(1));
}

TEST(MaskRings, AreTheMaskToThePixelAndFitForCutting) {
  std::uint32_t state = 1;
  for (int round = 0; round < 400; ++round) {
    const Size size{1 + round % 13, 1 + round % 7};
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size.width * size.height));
    for (auto& pixel : bytes) {
      state = state * 1664525 + 1013904223;
      pixel = (state >> 24) % 5 < 1 + static_cast<unsigned>(round) % 4 ? 1 : 0;
    }
    const Rle mask = encode(bytes, size);
    const Rings rings = mask_rings(mask);
    EXPECT_EQ(ring_area(rings), static_cast<double>(pixel_count(mask)));
    EXPECT_EQ(rasterise(rings, size), mask);
    const Rings frame({{-1, -1}, {20, -1}, {20, 20}, {-1, 20}});
    const auto rest = subtract(frame, rings);
    ASSERT_TRUE(rest.has_value()) << round;
    EXPECT_NEAR(ring_area(*rest), 21 * 21 - ring_area(rings), 1e-3) << round;
  }
}

}  // namespace
}  // namespace labelloom
