#include "select/window.h"

#include <limits>

#include <gtest/gtest.h>

#include "formats/error.h"
#include "tests/select/scene.h"

namespace labelloom::select {
namespace {

constexpr Size kInput{640, 384};

TEST(Window, EnlargesTheBoxAndSnapsOutward) {
  // 100 x 80 at (200, 150): with half of it on each side [150, 350] x [110, 270].
  const Window window = window_of({200, 150, 100, 80}, kInput, {});
  EXPECT_EQ(window.pixels, (Cells{128, 96, 224, 192}));
  EXPECT_EQ(window.crop, (Size{224, 192}));
  EXPECT_EQ(window_cells(window, 4), (Cells{32, 24, 56, 48}));
}

TEST(Window, IsNotSmallerThanTheLeastSize) {
  const Window window = window_of({320, 192, 2, 2}, kInput, {});
  EXPECT_EQ(window.pixels, (Cells{288, 160, 96, 96}));  // [289, 353] snapped
}

TEST(Window, IsShiftedInsideAtTheBorder) {
  // 64 x 64 at the corner would reach from -32 to 96.
  EXPECT_EQ(window_of({0, 0, 64, 64}, kInput, {}).pixels, (Cells{0, 0, 128, 128}));
  EXPECT_EQ(window_of({576, 320, 64, 64}, kInput, {}).pixels, (Cells{512, 256, 128, 128}));
  WindowOptions clip;
  clip.border = WindowBorder::kClip;
  EXPECT_EQ(window_of({0, 0, 64, 64}, kInput, clip).pixels, (Cells{0, 0, 96, 96}));
  WindowOptions pad;
  pad.border = WindowBorder::kPad;
  EXPECT_EQ(window_of({0, 0, 64, 64}, kInput, pad).pixels, (Cells{-32, -32, 128, 128}));
}

TEST(Window, OfALargeBoxIsTheWholeInput) {
  EXPECT_EQ(window_of({10, 10, 600, 370}, kInput, {}).pixels, (Cells{0, 0, 640, 384}));
}

TEST(Window, HoldsTheBoxWhateverItIs) {
  Noise noise(70);
  for (int i = 0; i < 2000; ++i) {
    const Box box{noise.in(-200, 800), noise.in(-200, 500), noise.in(0, 700), noise.in(0, 400)};
    WindowOptions options;
    options.margin = noise.in(0, 2);
    options.border = static_cast<WindowBorder>(noise.below(3));
    const Cells px = window_of(box, kInput, options).pixels;
    EXPECT_EQ(px.x % 32 + px.y % 32 + px.width % 32 + px.height % 32, 0);
    EXPECT_FALSE(px.empty());
    if (options.border != WindowBorder::kPad) {
      EXPECT_TRUE(px.x >= 0 && px.y >= 0 && px.right() <= 640 && px.bottom() <= 384);
    }
    const Box inside = clip_to_frame(box, kInput);
    if (inside.width <= 0 || inside.height <= 0) continue;
    EXPECT_TRUE(px.x <= inside.x && px.y <= inside.y && px.right() >= inside.right() &&
                px.bottom() >= inside.bottom());
  }
}

TEST(Window, TakesBoxesThatAreNoNumbersOrOutside) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(window_of({nan, nan, nan, nan}, kInput, {}).pixels.empty());
  EXPECT_EQ(window_of({9000, 9000, 5, 5}, kInput, {}).pixels.right(), 640);
}

TEST(Window, CanBeStretchedOrEnlarged) {
  WindowOptions stretch;
  stretch.crop_size = 100;
  EXPECT_EQ(window_of({200, 150, 100, 80}, kInput, stretch).crop, (Size{128, 128}));
  WindowOptions zoom;
  zoom.min_size = 128;
  zoom.max_zoom = 2;
  EXPECT_EQ(window_of({320, 192, 2, 2}, kInput, zoom).crop, (Size{256, 256}));
}

TEST(Window, NeedsAnInputOfWholeStrides) {
  EXPECT_THROW((void)window_of({0, 0, 9, 9}, {641, 384}, {}), Error);
  EXPECT_THROW((void)window_cells({{0, 0, 32, 32}, {32, 32}}, 5), Error);
}

TEST(BatchCrops, PutsEveryCropInABatchThatHoldsIt) {
  Noise noise(71);
  std::vector<Window> windows;
  for (int i = 0; i < 300; ++i) {
    const Size size{32 + 32 * noise.below(24), 32 + 32 * noise.below(24)};
    windows.push_back({{0, 0, size.width, size.height}, size});
  }
  std::vector<int> seen(windows.size(), 0);
  for (const CropBatch& batch : batch_crops(windows)) {
    const auto pixels =
        static_cast<std::int64_t>(batch.crops.size()) * batch.size.width * batch.size.height;
    EXPECT_TRUE(pixels <= 1 << 20 || batch.crops.size() == 1);
    EXPECT_EQ(batch.size.width % 32 + batch.size.height % 32, 0);
    for (std::size_t i = 0; i < batch.crops.size(); ++i) {
      EXPECT_EQ(batch.crops[i].crop, static_cast<int>(i));
      ++seen[batch.crops[i].window];
      const Size crop = windows[batch.crops[i].window].crop;
      EXPECT_LE(crop.width, batch.size.width);
      EXPECT_LE(crop.height, batch.size.height);
    }
  }
  EXPECT_EQ(seen, std::vector<int>(windows.size(), 1));
}

TEST(BatchCrops, SharesBucketsAmongSimilarSizes) {
  const auto window = [](int width, int height) {
    return Window{{0, 0, width, height}, {width, height}};
  };
  EXPECT_EQ(batch_crops(std::vector{window(160, 192), window(192, 160), window(64, 64)}).size(),
            2U);
  EXPECT_EQ(batch_crops(std::vector{window(800, 608)}).front().size, (Size{800, 608}));
  EXPECT_TRUE(batch_crops({}).empty());
}

}  // namespace
}  // namespace labelloom::select
