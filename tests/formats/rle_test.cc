#include "formats/rle.h"

#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "tests/support/golden.h"

namespace labelloom {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using test::golden;
using test::text_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Bitmap = std::vector<std::uint8_t>;  // row-major

Bitmap random_bitmap(std::mt19937& rng, Size size, double density) {
  Bitmap bits(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height));
  std::bernoulli_distribution set(density);
  for (std::uint8_t& bit : bits) bit = set(rng) ? 1 : 0;
  return bits;
}

Size size_of(const rapidjson::Value& value) { return {value["w"].GetInt(), value["h"].GetInt()}; }

template <typename Function>
std::string error_of(Errc code, Function function) {
  try {
    function();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

/// Runs without empty ones (but the first) that sum to the size.
void expect_canonical(const Rle& rle) {
  EXPECT_NO_THROW(validate(rle));
  for (std::size_t i = 1; i < rle.counts.size(); ++i) EXPECT_GT(rle.counts[i], 0U);
}

TEST(Rle, TextMatchesTheKnownVectors) {
  const auto text = [](std::vector<std::uint32_t> counts) {
    return compress({.size = {}, .counts = std::move(counts)});
  };
  EXPECT_EQ(text({12}), "<");
  EXPECT_EQ(text({0, 12}), "0<");
  EXPECT_EQ(text({5, 3, 2}), "532");
  EXPECT_EQ(text({100, 1, 1, 1, 90}), "T3110i2");
  EXPECT_EQ(text({0, 31, 32, 33}), "0o0P12");
  EXPECT_EQ(text({6, 1, 40, 4, 5, 4, 5, 4, 21}), "61X13mN000`0");
  EXPECT_THAT(decompress("61X13mN000`0", {9, 10}).counts, ElementsAre(6, 1, 40, 4, 5, 4, 5, 4, 21));
}

TEST(Rle, MasksEqualThoseOfPycocotools) {
  const rapidjson::Document document = golden("rle_golden.json");
  for (const auto& group : document["masks"].GetArray()) {
    const Size size = size_of(group);
    std::vector<Rle> rles;
    for (const auto& mask : group["masks"].GetArray()) {
      Bitmap bits;
      for (const char bit : text_of(mask["bits"])) bits.push_back(bit == '1' ? 1 : 0);
      const Rle rle = encode(bits, size);
      EXPECT_EQ(compress(rle), text_of(mask["counts"]));
      EXPECT_EQ(decompress(text_of(mask["counts"]), size), rle);
      EXPECT_EQ(decode(rle), bits);
      EXPECT_EQ(pixel_count(rle), mask["area"].GetUint64());
      const Box box = extent(rle);
      const auto& expected = mask["bbox"];
      EXPECT_EQ(box,
                (Box{expected[0].GetDouble(),
                     expected[1].GetDouble(),
                     expected[2].GetDouble(),
                     expected[3].GetDouble()}));
      rles.push_back(rle);
    }
    Rle all = rles[0];
    Rle common = rles[0];
    for (std::size_t i = 0; i < rles.size(); ++i) {
      all = unite(all, rles[i]);
      common = intersect(common, rles[i]);
      for (std::size_t j = 0; j < rles.size(); ++j) {
        const auto row = static_cast<rapidjson::SizeType>(i);
        const auto column = static_cast<rapidjson::SizeType>(j);
        EXPECT_EQ(iou(rles[i], rles[j]), group["iou"][row][column].GetDouble());
      }
    }
    EXPECT_EQ(compress(all), text_of(group["union"]));
    EXPECT_EQ(compress(common), text_of(group["intersection"]));
  }
}

TEST(Rle, DamagedTextIsNamedWithItsPlace) {
  const auto parse = [](std::string_view text) {
    return error_of(Errc::kParse, [=] { (void)decompress(text, {4, 3}); });
  };
  EXPECT_THAT(parse("5/2"), HasSubstr("character 2: character \"/\" is not one of '0' to 'o'"));
  EXPECT_THAT(parse("5p"), HasSubstr("is not one of '0' to 'o'"));
  EXPECT_THAT(parse("53P"), HasSubstr("the text ends inside a number"));
  EXPECT_THAT(parse("PPPPPPPPPP"), HasSubstr("more than 7 characters"));
  EXPECT_THAT(parse("5O"), HasSubstr("run 1 is -1, expected 0 to 12"));
  EXPECT_THAT(parse("PPPPPP?"), HasSubstr("run 0 is 16106127360"));
  EXPECT_THAT(error_of(Errc::kInvalidData,
                       [] {
                         (void)decompress("531", {4, 3});
                       }),
              HasSubstr("mask runs sum to 9, expected 4 x 3 = 12"));
  EXPECT_THAT(error_of(Errc::kInvalidData,
                       [] {
                         (void)decompress("", {4, 3});
                       }),
              HasSubstr("sum to 0"));
}

TEST(Rle, EveryPrefixOfATextIsRefused) {
  const Rle rle{.size = {20, 20}, .counts = {6, 1, 40, 4, 5, 4, 5, 4, 331}};
  const std::string text = compress(rle);
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_THROW((void)decompress(text.substr(0, length), rle.size), Error) << length;
  }
}

TEST(Rle, RunsThatDoNotFillTheImageAreRefused) {
  EXPECT_NO_THROW(validate({.size = {4, 3}, .counts = {5, 3, 4}}));
  error_of(Errc::kInvalidData, [] { validate({.size = {4, 3}, .counts = {5, 3, 5}}); });
  error_of(Errc::kInvalidData, [] { validate({.size = {4, 3}, .counts = {}}); });
  // The sum is 12 in 32 bits.
  error_of(Errc::kInvalidData, [] { validate({.size = {4, 3}, .counts = {4294967295U, 13}}); });
}

TEST(Rle, ImpossibleSizesAreRefused) {
  for (const Size size : {Size{0, 3}, Size{3, -1}, Size{65536, 1}, Size{65535, 65535}}) {
    error_of(Errc::kInvalidData, [&] { validate({.size = size, .counts = {0}}); });
    error_of(Errc::kInvalidData, [&] { (void)decompress("0", size); });
    error_of(Errc::kLimit, [&] { (void)rasterise_ring({}, size); });
    error_of(Errc::kLimit, [&] { (void)encode_rows({}, size); });
  }
}

TEST(Rle, OperationsEqualThoseOnBitmaps) {
  std::mt19937 rng(7);
  for (const Size size : {Size{1, 1}, Size{1, 9}, Size{9, 1}, Size{13, 8}, Size{40, 21}}) {
    for (const double density : {0.0, 0.1, 0.5, 0.95, 1.0}) {
      const Bitmap a = random_bitmap(rng, size, density);
      const Bitmap b = random_bitmap(rng, size, 0.4);
      const auto expect = [&](const Rle& rle, auto operation) {
        expect_canonical(rle);
        Bitmap bits(a.size());
        for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = operation(a[i], b[i]) ? 1 : 0;
        EXPECT_EQ(decode(rle), bits);
      };
      const Rle left = encode(a, size);
      const Rle right = encode(b, size);
      expect(unite(left, right), [](int x, int y) { return x != 0 || y != 0; });
      expect(intersect(left, right), [](int x, int y) { return x != 0 && y != 0; });
      expect(subtract(left, right), [](int x, int y) { return x != 0 && y == 0; });
    }
  }
}

TEST(Rle, EmptyRunsOfForeignFilesChangeNothing) {
  const Rle odd{.size = {4, 3}, .counts = {2, 0, 1, 2, 0, 3, 4, 0, 0}};
  const Rle plain{.size = {4, 3}, .counts = {3, 5, 4}};
  validate(odd);
  EXPECT_EQ(decode(odd), decode(plain));
  EXPECT_EQ(pixel_count(odd), 5U);
  EXPECT_EQ(extent(odd), extent(plain));
  EXPECT_EQ(unite(odd, odd), plain);
  EXPECT_EQ(intersect(plain, odd), plain);
  EXPECT_EQ(pixel_count(subtract(odd, plain)), 0U);
  EXPECT_EQ(iou(odd, plain), 1);
  EXPECT_EQ(signed_distance(odd, {0.5, 2.5}), signed_distance(plain, {0.5, 2.5}));
  EXPECT_EQ(decompress(compress(odd), odd.size), odd);
}

TEST(Rle, MasksOfDifferentSizesAreNotCombined) {
  const Rle a{.size = {4, 3}, .counts = {12}};
  const Rle b{.size = {3, 4}, .counts = {12}};
  EXPECT_THAT(error_of(Errc::kArgument, [&] { (void)unite(a, b); }),
              HasSubstr("masks differ in size: 4 x 3 and 3 x 4"));
  error_of(Errc::kArgument, [&] { (void)iou(a, b); });
}

TEST(Rle, IouOfEmptyMasksIsZero) {
  const Rle empty{.size = {4, 3}, .counts = {12}};
  EXPECT_EQ(iou(empty, empty), 0);
}

TEST(Rle, ExtentOfAMaskThatSpansColumnsIsTight) {
  EXPECT_EQ(extent({.size = {4, 3}, .counts = {12}}), Box{});
  EXPECT_EQ(extent({.size = {4, 3}, .counts = {5, 1, 6}}), (Box{1, 2, 1, 1}));
  EXPECT_EQ(extent({.size = {4, 3}, .counts = {5, 2, 5}}), (Box{1, 0, 2, 3}));
  EXPECT_EQ(extent({.size = {4, 3}, .counts = {0, 12}}), (Box{0, 0, 4, 3}));
}

/// Distance to the nearest pixel of the other kind, every pixel asked.
double slow_signed_distance(const Bitmap& bits, Size size, Point2d point) {
  const auto set = [&](int column, int row) {
    return column >= 0 && row >= 0 && column < size.width && row < size.height &&
           bits[static_cast<std::size_t>(row) * static_cast<std::size_t>(size.width) +
                static_cast<std::size_t>(column)] != 0;
  };
  const bool inside =
      set(static_cast<int>(std::floor(point.x)), static_cast<int>(std::floor(point.y)));
  double nearest = kInfinity;
  for (int row = -1; row <= size.height; ++row) {
    for (int column = -1; column <= size.width; ++column) {
      if (set(column, row) == inside) continue;
      const double dx = std::max({column - point.x, point.x - (column + 1), 0.0});
      const double dy = std::max({row - point.y, point.y - (row + 1), 0.0});
      nearest = std::min(nearest, std::hypot(dx, dy));
    }
  }
  return inside ? -nearest : nearest;
}

TEST(Rle, SignedDistanceEqualsThatOverAllPixels) {
  std::mt19937 rng(11);
  for (const Size size : {Size{1, 1}, Size{1, 7}, Size{6, 1}, Size{9, 7}, Size{12, 15}}) {
    for (const double density : {0.05, 0.4, 0.8, 0.97, 1.0}) {
      const Bitmap bits = random_bitmap(rng, size, density);
      const Rle rle = encode(bits, size);
      if (pixel_count(rle) == 0) continue;
      std::uniform_real_distribution<double> x(-3, size.width + 3);
      std::uniform_real_distribution<double> y(-3, size.height + 3);
      for (int i = 0; i < 60; ++i) {
        Point2d point{x(rng), y(rng)};
        if (i % 4 == 0) point = {std::round(point.x), std::round(point.y)};
        EXPECT_NEAR(signed_distance(rle, point), slow_signed_distance(bits, size, point), 1e-12);
      }
    }
  }
}

TEST(Rle, SignedDistanceToAnEmptyMaskIsInfinite) {
  EXPECT_EQ(signed_distance({.size = {4, 3}, .counts = {12}}, {1, 1}), kInfinity);
  EXPECT_EQ(signed_distance(Rle{}, {1, 1}), kInfinity);
}

TEST(Rle, SignedDistanceFromBeyondTheFrameIsToTheNearestColumns) {
  // Two columns of a long mask, far apart; an empty run in between changes nothing.
  const Rle rle{.size = {1000, 2}, .counts = {20, 2, 100, 0, 1778, 2, 98}};
  EXPECT_EQ(signed_distance(rle, {-5, 1}), 15);
  EXPECT_EQ(signed_distance(rle, {1004, 1}), 53);
  EXPECT_EQ(signed_distance(rle, {14, -4}), 5);
  EXPECT_DOUBLE_EQ(signed_distance(rle, {947.5, 900}), std::hypot(2.5, 898));
  EXPECT_EQ(signed_distance(rle, {10.75, 1}), -0.25);
}

TEST(Rle, SignedDistanceFromNowhereIsInfinite) {
  const Rle rle{.size = {4, 3}, .counts = {5, 1, 6}};
  EXPECT_EQ(signed_distance(rle, {std::nan(""), 1}), kInfinity);
  EXPECT_EQ(signed_distance(rle, {1, std::nan("")}), kInfinity);
  EXPECT_EQ(signed_distance(rle, {kInfinity, 1}), kInfinity);
  EXPECT_EQ(signed_distance(rle, {-kInfinity, -kInfinity}), kInfinity);
}

}  // namespace
}  // namespace labelloom
