// What is particular to single geometric transforms; what is common is in every_transform_test.cc.

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "augment/registry.h"
#include "formats/error.h"

namespace labelloom::augment {
namespace {

using ::testing::HasSubstr;

constexpr Size kSize{320, 240};

std::unique_ptr<const Transform> make(const char* name,
                                      Settings settings,
                                      Dialect dialect = Dialect::kLabelLoom) {
  const TransformEntry* entry = find_transform(name);
  if (entry->adapt != nullptr) entry->adapt(settings, dialect);
  std::vector<std::string> known;
  auto transform = entry->make(settings, name, known);
  for (const auto& [member, value] : settings.members()) {
    EXPECT_THAT(known, ::testing::Contains(member)) << "of " << name;
  }
  return transform;
}

struct Drawn {
  Size out = kSize;
  Homography map;
  Sampling sampling;
  std::size_t count = 0;
  std::string notes;
};

Drawn draw(const Transform& transform,
           std::uint64_t seed = 1,
           Size size = kSize,
           const std::vector<Box>& boxes = {}) {
  Draw result;
  Random random({.seed = seed});
  transform.draw({size, [&] { return boxes; }, nullptr}, random, result);
  Drawn drawn;
  drawn.out = size;
  drawn.notes = result.notes();
  for (const Effect& effect : result.effects()) {
    ++drawn.count;
    drawn.out = size_after(effect, drawn.out);
    if (const auto* warp = std::get_if<Warp>(&effect)) drawn.sampling = warp->sampling;
    const auto* map = std::get_if<Projective>(&effect);
    if (map == nullptr) continue;
    drawn.map = map->out_from_in * drawn.map;
    drawn.sampling = map->sampling;
  }
  return drawn;
}

Setting hw(double height, double width) { return range_setting(height, width); }

TEST(GeometricTransforms, ReflectByDefaultInAlbumentations1Only) {
  for (const char* name : {"Rotate",
                           "SafeRotate",
                           "ShiftScaleRotate",
                           "GridDistortion",
                           "OpticalDistortion",
                           "ElasticTransform"}) {
    const auto border = [&](const Settings& settings, Dialect dialect) {
      return draw(*make(name, settings, dialect)).sampling.border;
    };
    EXPECT_EQ(border({}, Dialect::kAlbumentations1), Border::kReflect101) << name;
    EXPECT_EQ(border({}, Dialect::kAlbumentations2), Border::kConstant) << name;
    EXPECT_EQ(border(Settings({{"border_mode", {1.0}}}), Dialect::kAlbumentations1),
              Border::kReplicate)
        << name;
  }
}

TEST(GeometricTransforms, WithoutARequiredParameterAreRefused) {
  try {
    (void)make("Resize", Settings({{"height", {100.0}}}));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("Resize: width is missing"));
  }
}

TEST(Affine, DoesNothingByDefaultButInAlbumentations1) {
  EXPECT_EQ(draw(*make("Affine", {})).map, Homography{});
  EXPECT_NE(draw(*make("Affine", {}, Dialect::kAlbumentations1)).map, Homography{});
  const Settings nulls({{"scale", {}}, {"rotate", {}}, {"cval", {7.0}}, {"mode", {1.0}}});
  const Drawn drawn = draw(*make("Affine", nulls, Dialect::kAlbumentations1));
  EXPECT_NE(drawn.map, Homography{});
  EXPECT_EQ(drawn.sampling.fill, (Rgb{7, 7, 7}));
  EXPECT_EQ(drawn.sampling.border, Border::kReplicate);
}

TEST(Affine, ShearsAlongXTheOtherWayInAlbumentations1) {
  const Settings shear({{"shear", range_setting(10, 10)}});
  const Homography one = draw(*make("Affine", shear, Dialect::kAlbumentations1)).map;
  const Homography two = draw(*make("Affine", shear, Dialect::kAlbumentations2)).map;
  EXPECT_NEAR(one.m[1], -two.m[1], 1e-12);
  EXPECT_LT(two.m[1], 0);
  EXPECT_NEAR(one.m[3], two.m[3], 1e-12);
}

TEST(Affine, TakesANumberAsItIs) {
  const Homography map = draw(*make("Affine", Settings({{"rotate", {90.0}}}))).map;
  EXPECT_NEAR(map({160, 100}).x, 140, 1e-9);  // above the centre: to its left
}

TEST(ShiftScaleRotate, HasOneScaleForBothAxes) {
  const Homography map = draw(*make("ShiftScaleRotate", {}), 5).map;
  EXPECT_NEAR(map.m[0], map.m[4], 1e-12);
  EXPECT_NEAR(map.m[1], -map.m[3], 1e-12);
}

TEST(Rotate, WithoutBorderShowsThePictureOnly) {
  const auto rotate =
      make("Rotate", Settings({{"limit", range_setting(5, 85)}, {"crop_border", {true}}}));
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Drawn drawn = draw(*rotate, seed);
    const Homography in_from_out = inverse(drawn.map);
    for (const double x : {0, drawn.out.width}) {
      for (const double y : {0, drawn.out.height}) {
        const Point2d p = in_from_out({x, y});
        EXPECT_TRUE(p.x > -1e-6 && p.y > -1e-6 && p.x < 320 + 1e-6 && p.y < 240 + 1e-6)
            << drawn.notes << ' ' << p.x << ' ' << p.y;
      }
    }
  }
}

TEST(Rotate, WithoutBorderLosesNothingAtQuarterTurns) {
  const auto rotate =
      make("Rotate", Settings({{"limit", range_setting(90, 90)}, {"crop_border", {true}}}));
  EXPECT_EQ(draw(*rotate).out, (Size{240, 320}));
}

TEST(Perspective, TakesTheFourPointsToTheCornersOnce) {
  const auto transform = make("Perspective", {});
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Drawn drawn = draw(*transform, seed);
    const Homography in_from_out = inverse(drawn.map);
    EXPECT_EQ(drawn.out, kSize);
    // Each corner of the result shows a point near the same corner of the picture.
    EXPECT_LT(in_from_out({0, 0}).x, 0.33 * 320);
    EXPECT_GT(in_from_out({320, 0}).x, 0.67 * 320);
    EXPECT_GT(in_from_out({320, 240}).y, 0.67 * 240);
    EXPECT_LT(in_from_out({320, 240}).x, 320);
  }
}

TEST(Perspective, ShowsTheWholePictureWithFitOutput) {
  const auto transform =
      make("Perspective", Settings({{"fit_output", {true}}, {"keep_size", {false}}}));
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Drawn drawn = draw(*transform, seed);
    for (const double x : {0, 320}) {
      for (const double y : {0, 240}) {
        const Point2d p = drawn.map({x, y});
        EXPECT_TRUE(p.x > -1e-6 && p.y > -1e-6 && p.x < drawn.out.width + 1e-6 &&
                    p.y < drawn.out.height + 1e-6);
      }
    }
  }
}

TEST(RandomRotate90, IsAlwaysAppliedButTurnsByNothingToo) {
  EXPECT_EQ(find_transform("RandomRotate90")->default_p, 1);
  std::set<std::size_t> counts;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    counts.insert(draw(*make("RandomRotate90", {}), seed).count);
  }
  EXPECT_EQ(counts, (std::set<std::size_t>{0, 1}));
}

TEST(D4, HasEightElements) {
  std::set<std::string> drawn;
  for (std::uint64_t seed = 0; seed < 200; ++seed) drawn.insert(draw(*make("D4", {}), seed).notes);
  EXPECT_EQ(drawn.size(), 8U);
}

TEST(MaxSize, RoundsEachSideAndMapsItByWhatItBecame) {
  const Drawn drawn =
      draw(*make("LongestMaxSize", Settings({{"max_size", {100.0}}})), 1, {333, 100});
  EXPECT_EQ(drawn.out, (Size{100, 30}));
  EXPECT_DOUBLE_EQ(drawn.map({333, 100}).x, 100);
  EXPECT_DOUBLE_EQ(drawn.map({333, 100}).y, 30);
}

TEST(MaxSize, TakesHeightAndWidthOneOfThemFree) {
  const auto out = [](const char* name, Setting sides) {
    return draw(*make(name,
                      Settings({{"max_size", {}}, {"max_size_hw", std::move(sides)}}),
                      Dialect::kAlbumentations2))
        .out;
  };
  const Setting free_height{Setting::List{{}, {160.0}}};
  EXPECT_EQ(out("LongestMaxSize", free_height), (Size{160, 120}));
  EXPECT_EQ(out("LongestMaxSize", hw(60, 160)), (Size{80, 60}));
  EXPECT_EQ(out("SmallestMaxSize", hw(60, 160)), (Size{160, 120}));
  EXPECT_THROW((void)out("SmallestMaxSize", hw(0, 0)), Error);
}

TEST(Crops, LargerThanThePictureAreErrorsOrPadded) {
  const Settings size({{"height", {300.0}}, {"width", {200.0}}});
  for (const char* name : {"RandomCrop", "CenterCrop"}) {
    try {
      (void)draw(*make(name, size));
      FAIL() << name << " cut out more than there is";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::kInvalidData);
      EXPECT_THAT(error.what(), HasSubstr("200 x 300 is larger than the picture, 320 x 240"));
    }
    Settings padded = size;
    padded.set("pad_if_needed", {true});
    EXPECT_EQ(draw(*make(name, padded)).out, (Size{200, 300}));
  }
}

TEST(Crop, LeavesAwayWhatIsOutside) {
  const Drawn drawn = draw(*make("Crop", Settings({{"x_min", {100.0}}})));
  EXPECT_EQ(drawn.out, (Size{220, 240}));
  EXPECT_THROW((void)draw(*make("Crop", Settings({{"x_min", {400.0}}}))), Error);
}

TEST(Crops, TakeTheSizeOfAlbumentations2) {
  const Settings size({{"size", hw(50, 60)}, {"min_max_height", range_setting(100, 120)}});
  EXPECT_EQ(draw(*make("RandomSizedCrop", size, Dialect::kAlbumentations2)).out, (Size{60, 50}));
  const Settings resized({{"size", hw(50, 60)}});
  EXPECT_EQ(draw(*make("RandomResizedCrop", resized, Dialect::kAlbumentations2)).out,
            (Size{60, 50}));
}

TEST(BoxSafeCrops, KeepEveryBoxWhole) {
  const std::vector<Box> boxes{{50.2, 60.3, 30, 20}, {200.5, 100, 50.4, 60.6}};
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Drawn drawn = draw(*make("BBoxSafeRandomCrop", {}), seed, kSize, boxes);
    for (const Box& box : boxes) {
      const Point2d near = drawn.map({box.x, box.y});
      const Point2d far = drawn.map({box.right(), box.bottom()});
      EXPECT_TRUE(near.x >= 0 && near.y >= 0 && far.x <= drawn.out.width &&
                  far.y <= drawn.out.height);
    }
  }
}

TEST(BoxSafeCrops, MayCutTheErodedShare) {
  const std::vector<Box> boxes{{100, 50, 100, 100}};
  const auto transform = make("BBoxSafeRandomCrop", Settings({{"erosion_rate", {0.2}}}));
  int cut = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Drawn drawn = draw(*transform, seed, kSize, boxes);
    EXPECT_GE(drawn.map({120, 70}).x, 0);
    cut += drawn.map({100, 50}).x < 0 ? 1 : 0;
  }
  EXPECT_GT(cut, 0);
}

TEST(CropAndPad, TakesFourSidesInOrder) {
  const Setting sides{Setting::List{{1.0}, {-2.0}, range_setting(3, 3), {4.0}}};
  const Drawn drawn = draw(*make("CropAndPad", Settings({{"px", sides}, {"keep_size", {false}}})));
  EXPECT_EQ(drawn.out, (Size{320 + 4 - 2, 240 + 1 + 3}));
  EXPECT_EQ(drawn.map({0, 0}), (Point2d{4, 1}));
}

TEST(CropAndPad, LeavesAPixel) {
  const Settings all({{"percent", range_setting(-1, -1)}, {"keep_size", {false}}});
  EXPECT_EQ(draw(*make("CropAndPad", all)).out, (Size{1, 1}));
}

TEST(PadIfNeeded, PutsThePictureWhereItIsTold) {
  Settings settings({{"min_height", {300.0}}, {"min_width", {100.0}}});
  EXPECT_EQ(draw(*make("PadIfNeeded", settings)).map({0, 0}), (Point2d{0, 30}));
  settings.set("position", {std::string("bottom_right")});
  EXPECT_EQ(draw(*make("PadIfNeeded", settings)).map({0, 0}), (Point2d{0, 60}));
  const Settings divisors({{"min_height", {}}, {"pad_height_divisor", {100.0}}});
  EXPECT_EQ(draw(*make("PadIfNeeded", divisors)).out, (Size{1024, 300}));
}

TEST(CurvedTransforms, AreInvertedExactly) {
  for (const auto& [name, settings] :
       {std::pair{"GridDistortion", Settings{}},
        std::pair{"OpticalDistortion", Settings({{"distort_limit", range_setting(-2, -2)}})},
        std::pair{"OpticalDistortion", Settings({{"distort_limit", range_setting(1, 1)}})},
        std::pair{"ElasticTransform", Settings({{"alpha", {500.0}}, {"sigma", {6.0}}})}}) {
    Draw result;
    Random random({.seed = 4});
    make(name, settings)->draw({kSize, {}, nullptr}, random, result);
    const auto& field = *std::get<Warp>(result.effects().at(0)).field;
    for (double x = 0; x <= 320; x += 16) {
      for (double y = 0; y <= 240; y += 16) {
        const Point2d back = field.out_from_in(field.in_from_out({x, y}));
        EXPECT_NEAR(back.x, x, 0.01) << name;
        EXPECT_NEAR(back.y, y, 0.01) << name;
      }
    }
    std::vector<float> row_x(320);
    std::vector<float> row_y(320);
    field.row(100, row_x, row_y);
    const Point2d at = field.in_from_out({57.5, 100.5});
    EXPECT_NEAR(row_x[57], at.x, 1e-3) << name;
    EXPECT_NEAR(row_y[57], at.y, 1e-3) << name;
  }
}

TEST(ElasticTransform, MovesByTheSpreadOfSmoothedNoise) {
  Draw result;
  Random random({.seed = 4});
  make(
      "ElasticTransform",
      Settings(
          {{"alpha", {100.0}}, {"sigma", {8.0}}, {"noise_distribution", {std::string("uniform")}}}))
      ->draw({{2000, 2000}, {}, nullptr}, random, result);
  const auto& field = *std::get<Warp>(result.effects().at(0)).field;
  double squares = 0;
  int count = 0;
  for (double x = 5; x < 2000; x += 20) {
    for (double y = 5; y < 2000; y += 20) {
      const double d = field.in_from_out({x, y}).x - x;
      squares += d * d;
      ++count;
    }
  }
  // 100 / sqrt(3) / (2 sqrt(pi) 8)
  EXPECT_NEAR(std::sqrt(squares / count), 2.036, 0.1);
}

}  // namespace
}  // namespace labelloom::augment
