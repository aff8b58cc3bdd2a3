#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "formats/rle.h"
#include "tests/support/golden.h"

namespace labelloom {
namespace {

using test::golden;
using test::text_of;
using ::testing::ElementsAre;

using Ring = std::vector<Point2d>;

Ring rectangle(double left, double top, double right, double bottom) {
  return {{left, top}, {right, top}, {right, bottom}, {left, bottom}};
}

std::size_t area(Size size) {
  return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
}

TEST(Rasterise, PolygonsEqualThoseOfPycocotools) {
  const rapidjson::Document document = golden("rle_golden.json");
  for (const auto& polygon : document["polygons"].GetArray()) {
    const Size size{polygon["w"].GetInt(), polygon["h"].GetInt()};
    Rings rings;
    for (const auto& numbers : polygon["rings"].GetArray()) {
      Ring ring;
      for (rapidjson::SizeType i = 0; i < numbers.Size(); i += 2) {
        ring.push_back({numbers[i].GetDouble(), numbers[i + 1].GetDouble()});
      }
      rings.add(ring);
    }
    const Rle rle = rasterise(rings, size);
    EXPECT_EQ(compress(rle), text_of(polygon["counts"]));
    EXPECT_EQ(pixel_count(rle), polygon["area"].GetUint64());
    EXPECT_EQ(extent(rle),
              (Box{polygon["bbox"][0].GetDouble(),
                   polygon["bbox"][1].GetDouble(),
                   polygon["bbox"][2].GetDouble(),
                   polygon["bbox"][3].GetDouble()}));
  }
}

TEST(Rasterise, PixelsWhoseCentresAreInsideAreSet) {
  EXPECT_THAT(rasterise_ring(rectangle(0, 0, 2, 2), {4, 4}).counts, ElementsAre(0, 2, 2, 2, 10));
  EXPECT_THAT(rasterise_ring(rectangle(0.6, 0.6, 2.6, 2.6), {4, 4}).counts,
              ElementsAre(5, 2, 2, 2, 5));
  EXPECT_EQ(pixel_count(rasterise_ring(Ring{{0, 0}, {4, 0}, {0, 4}}, {8, 8})), 6U);
}

TEST(Rasterise, TheWholeImageIsOneRun) {
  EXPECT_THAT(rasterise_ring(rectangle(-7, -3, 90, 40), {9, 5}).counts, ElementsAre(0, 45));
}

TEST(Rasterise, NothingInsideIsOneRunOfBackground) {
  EXPECT_THAT(rasterise(Rings(), {9, 5}).counts, ElementsAre(45));
  EXPECT_THAT(rasterise_ring(Ring{{3, 3}}, {9, 5}).counts, ElementsAre(45));
  EXPECT_THAT(rasterise_ring(Ring{{3, 3}, {8, 1}}, {9, 5}).counts, ElementsAre(45));
  EXPECT_THAT(rasterise_ring(rectangle(10, 0, 20, 5), {9, 5}).counts, ElementsAre(45));
  EXPECT_THAT(rasterise_ring(rectangle(0, -9, 9, -1), {9, 5}).counts, ElementsAre(45));
}

TEST(Rasterise, HolesAreCutFromTheirOwnPartOnly) {
  Rings rings(rectangle(0, 0, 8, 8));
  rings.add(rectangle(2, 2, 6, 6), true);
  EXPECT_EQ(pixel_count(rasterise(rings, {10, 10})), 48U);
  rings.add(rectangle(3, 3, 5, 5));  // an island in the hole
  EXPECT_EQ(pixel_count(rasterise(rings, {10, 10})), 52U);
  rings.add(rectangle(0, 0, 10, 1));
  rings.add(rectangle(4, 0, 6, 1), true);  // does not cut the first part
  EXPECT_EQ(pixel_count(rasterise(rings, {10, 10})), 54U);
}

TEST(Rasterise, ManyRingsAreUnited) {
  Rings rings;
  for (int i = 0; i < 37; ++i) rings.add(rectangle(2 * i, 0, 2 * i + 1, 3));
  EXPECT_EQ(pixel_count(rasterise(rings, {80, 4})), 37U * 3U);
}

TEST(Rasterise, CoordinatesThatCannotBeMeantAreRefused) {
  for (const double value : {1.1e6,
                             -1e308,
                             std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity()}) {
    EXPECT_THROW((void)rasterise_ring(Ring{{1, 1}, {value, 2}, {3, 4}}, {9, 5}), Error);
    EXPECT_THROW((void)rasterise_ring(Ring{{1, 1}, {2, value}, {3, 4}}, {9, 5}), Error);
  }
  EXPECT_NO_THROW((void)rasterise_ring(Ring{{-1e6, -1e6}, {1e6, 2}, {3, 1e6}}, {9, 5}));
}

TEST(Rasterise, MoreChangesThanAMaskMayHaveAreRefusedBeforeTheyAreStored) {
  Ring zigzag;
  for (int i = 0; i < 1200; ++i) zigzag.push_back({i % 2 == 0 ? 0.0 : 65535.0, i % 97 + 0.5});
  try {
    (void)rasterise_ring(zigzag, {65535, 100});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::kLimit);
  }
}

TEST(Encode, BitmapsComeBack) {
  std::mt19937 rng(5);
  for (const Size size : {Size{1, 1}, Size{1, 30}, Size{30, 1}, Size{17, 9}, Size{67, 40}}) {
    for (const int zeros : {0, 1, 8, 200}) {
      std::vector<std::uint8_t> bits(area(size));
      std::uniform_int_distribution<int> value(0, zeros + 2);
      for (std::uint8_t& bit : bits) {
        bit = static_cast<std::uint8_t>(value(rng) <= zeros ? 0 : value(rng) * 100 % 255 + 1);
      }
      const Rle rle = encode(bits, size);
      validate(rle);
      for (std::uint8_t& bit : bits) bit = bit != 0 ? 1 : 0;
      EXPECT_EQ(decode(rle), bits);
    }
  }
}

TEST(Encode, ABitmapOfAnotherLengthIsRefused) {
  const std::vector<std::uint8_t> bits(11);
  EXPECT_THROW((void)encode(bits, {4, 3}), Error);
}

TEST(EncodeRows, RunsThatTouchAreOne) {
  const std::vector<RowRun> runs{{0, 1, 3}, {0, 3, 4}, {1, 1, 1}, {1, 2, 4}};
  EXPECT_EQ(decode(encode_rows(runs, {5, 3})),
            (std::vector<std::uint8_t>{0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0}));
}

TEST(EncodeRows, RunsThatAreNotInOrderOrNotInsideAreRefused) {
  const auto refused = [](std::vector<RowRun> runs) {
    EXPECT_THROW((void)encode_rows(runs, {5, 3}), Error);
  };
  refused({{1, 0, 2}, {0, 0, 2}});
  refused({{1, 2, 4}, {1, 0, 2}});
  refused({{1, 0, 3}, {1, 2, 4}});
  refused({{1, 3, 2}});
  refused({{1, 3, 6}});
  refused({{3, 0, 1}});
}

TEST(EncodeRows, AHugeImageOfFewRunsCostsLittle) {
  const std::vector<RowRun> runs{{0, 0, 30000}, {59999, 1, 2}};
  const Rle rle = encode_rows(runs, {30000, 60000});
  EXPECT_EQ(pixel_count(rle), 30001U);
  EXPECT_EQ(extent(rle), (Box{0, 0, 30000, 60000}));
}

TEST(EncodeRows, StripesAcrossAHugeImageAreRefused) {
  std::vector<RowRun> runs;
  for (std::uint32_t row = 0; row < 10000; row += 2) runs.push_back({row, 0, 10000});
  try {
    (void)encode_rows(runs, {10000, 10000});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::kLimit);
  }
}

}  // namespace
}  // namespace labelloom
