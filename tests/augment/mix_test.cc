// Mosaic, MixUp and CopyPaste: what they do to pixels, masks and annotations.

#include <deque>

#include <gtest/gtest.h>

#include "augment/apply.h"
#include "augment/donors.h"
#include "augment/pipeline.h"
#include "augment/registry.h"
#include "augment/render.h"
#include "augment/restore.h"
#include "formats/rle.h"

namespace labelloom::augment {
namespace {

constexpr Size kFrame{200, 150};

Rings rectangle(double x, double y, double width, double height) {
  return Rings({{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}});
}

Instance object(const Rings& rings) {
  Instance instance;
  instance.category_id = 1;
  instance.rings = rings;
  instance.bbox = extent(rings.points());
  instance.area = ring_area(rings);
  return instance;
}

Instance masked(const Rings& rings) {
  Instance instance = object(rings);
  instance.rings = {};
  instance.ensure_extra().mask = rasterise(rings, kFrame);
  return instance;
}

/// Images of one grey each, with the instances given.
class FakeDonors final : public Donors {
 public:
  void add(int grey, std::vector<Instance> instances) {
    greys_.push_back(grey);
    instances_.push_back(std::move(instances));
    std::vector<const Instance*>& pointers = pointers_.emplace_back();
    for (const Instance& instance : instances_.back()) pointers.push_back(&instance);
  }

  [[nodiscard]] std::size_t count() const override { return greys_.size(); }
  [[nodiscard]] Size size(std::size_t /*index*/) const override { return kFrame; }
  [[nodiscard]] std::span<const Instance* const> instances(std::size_t index) const override {
    return pointers_[index];
  }
  [[nodiscard]] cv::Mat pixels(std::size_t index) const override {
    return cv::Mat(kFrame.height, kFrame.width, CV_8UC3, cv::Scalar::all(greys_[index]));
  }

 private:
  std::vector<int> greys_;
  std::deque<std::vector<Instance>> instances_;
  std::deque<std::vector<const Instance*>> pointers_;
};

struct Mixed {
  Canvas canvas;
  Labels labels;
  std::vector<Instance> instances;
};

/// Does one effect to image 0 of the donors, pixels and labels.
Mixed mix(const Effect& effect, const FakeDonors& donors) {
  const Plan plan{kFrame, size_after(effect, kFrame), {{"test", "", {effect}}}};
  Canvas source{donors.pixels(0), {}};
  for (const Instance* instance : donors.instances(0)) {
    if (instance->mask() == nullptr) continue;
    source.masks.push_back(mask_window(*instance->mask()));
  }
  Mixed mixed;
  mixed.canvas = render(plan_pixels(plan, Fusion::kFull), source, &donors);
  mixed.labels = lay_out(donors.instances(0), kFrame);
  apply(plan, mixed.labels, &donors, BoxOutline::kCorners);
  std::vector<RestoredMask> masks;
  std::size_t next = 0;
  for (std::uint32_t i = 0; i < mixed.labels.instances.size(); ++i) {
    if (mixed.labels.instances[i].source->mask() == nullptr) continue;
    masks.push_back({i, mask_runs(mixed.canvas.masks.at(next++))});
  }
  EXPECT_EQ(next, mixed.canvas.masks.size());
  mixed.instances = restore(mixed.labels, masks, {}, {});
  return mixed;
}

int grey_at(const cv::Mat& pixels, int x, int y) { return pixels.at<cv::Vec3b>(y, x)[0]; }

TEST(CopyPaste, LaysThePolygonOverThePictureAndCutsWhatIsUnderIt) {
  FakeDonors donors;
  Instance under = object(rectangle(20, 20, 60, 40));
  under.keypoints = {{{25, 25}, Visibility::kVisible}, {{70, 50}, Visibility::kVisible}};
  donors.add(10, {under});
  donors.add(200, {object(rectangle(100, 100, 40, 30))});
  Paste paste;
  paste.other = {1, translation(-40, -60)};  // lands at 60..100 x 40..70
  paste.instances = {0};
  const Mixed mixed = mix(paste, donors);

  EXPECT_EQ(grey_at(mixed.canvas.pixels, 61, 41), 200);
  EXPECT_EQ(grey_at(mixed.canvas.pixels, 99, 69), 200);
  EXPECT_EQ(grey_at(mixed.canvas.pixels, 59, 41), 10);
  EXPECT_EQ(grey_at(mixed.canvas.pixels, 100, 69), 10);
  ASSERT_EQ(mixed.instances.size(), 2U);
  EXPECT_NEAR(mixed.instances[0].area, 60 * 40 - 20 * 20, 1e-3);
  EXPECT_EQ(mixed.instances[0].keypoints[0].visibility, Visibility::kVisible);
  EXPECT_EQ(mixed.instances[0].keypoints[1].visibility, Visibility::kHidden);
  EXPECT_EQ(mixed.instances[1].bbox, (Box{60, 40, 40, 30}));
}

TEST(CopyPaste, RemovesWhatItCovers) {
  FakeDonors donors;
  donors.add(10, {object(rectangle(65, 45, 20, 20)), masked(rectangle(62, 42, 10, 10))});
  donors.add(200, {object(rectangle(100, 100, 40, 30))});
  Paste paste;
  paste.other = {1, translation(-40, -60)};
  paste.instances = {0};
  paste.min_visibility = 0.05;
  const Mixed mixed = mix(paste, donors);
  ASSERT_EQ(mixed.instances.size(), 1U);
  EXPECT_EQ(mixed.instances[0].bbox, (Box{60, 40, 40, 30}));
}

TEST(CopyPaste, CutsMasksPixelByPixel) {
  FakeDonors donors;
  donors.add(10, {masked(rectangle(20, 20, 60, 40))});
  donors.add(200, {masked(rectangle(100, 100, 40, 30))});
  Paste paste;
  paste.other = {1, translation(-40, -60)};
  paste.instances = {0};
  const Mixed mixed = mix(paste, donors);
  ASSERT_EQ(mixed.instances.size(), 2U);
  EXPECT_EQ(mixed.instances[0].area, 60 * 40 - 20 * 20);
  EXPECT_EQ(mixed.instances[1].area, 40 * 30);
  EXPECT_EQ(mixed.instances[1].bbox, (Box{60, 40, 40, 30}));
}

TEST(CopyPaste, CutsAlikeWhetherTheDonorHasAMaskOrAPolygon) {
  for (const bool is_masked : {false, true}) {
    FakeDonors donors;
    Instance under = object(rectangle(0, 0, 100, 100));
    under.keypoints = {{{50, 50}, Visibility::kVisible}};
    Instance alone;
    alone.category_id = 1;
    alone.bbox = {80, 20, 40, 40};
    donors.add(10, {under, alone});
    const Rings cover = rectangle(5, 5, 90, 90);
    donors.add(200, {is_masked ? masked(cover) : object(cover)});
    Paste paste;
    paste.other = {1, Homography{}};
    paste.instances = {0};
    const Mixed mixed = mix(paste, donors);
    ASSERT_EQ(mixed.instances.size(), 3U);
    EXPECT_NEAR(mixed.instances[0].area, 1900, 1e-3);
    EXPECT_EQ(mixed.instances[0].keypoints[0].visibility, Visibility::kHidden);
    EXPECT_EQ(mixed.instances[1].bbox, (Box{95, 20, 25, 40}));
    EXPECT_NEAR(mixed.labels.instances[1].visible, 1 - 15 * 40 / 1600.0, 1e-6);
    EXPECT_EQ(mixed.instances[2].area, 8100);
  }
}

TEST(CopyPaste, AMaskWithHolesLeavesWhatIsSeenThroughThem) {
  FakeDonors donors;
  donors.add(10, {object(rectangle(0, 0, 100, 100))});
  Instance ring = masked(rectangle(5, 5, 90, 90));
  Rle& mask = *ring.extra->mask;
  mask = subtract(mask, rasterise(rectangle(30, 30, 20, 20), kFrame));
  // Pixels that touch at a corner only make a border that touches itself.
  mask = subtract(mask, rasterise(rectangle(50, 50, 10, 10), kFrame));
  donors.add(200, {ring});
  Paste paste;
  paste.other = {1, Homography{}};
  paste.instances = {0};
  const Mixed mixed = mix(paste, donors);
  ASSERT_EQ(mixed.instances.size(), 2U);
  EXPECT_NEAR(mixed.instances[0].area, 1900 + 400 + 100, 1e-3);
}

TEST(MixUp, AddsPicturesAndKeepsTheInstancesOfBoth) {
  FakeDonors donors;
  donors.add(100, {object(rectangle(20, 20, 60, 40))});
  donors.add(200, {object(rectangle(100, 100, 40, 30)), masked(rectangle(5, 5, 20, 20))});
  const Mixed mixed = mix(Blend{{1, Homography{}}, 0.25}, donors);
  EXPECT_EQ(grey_at(mixed.canvas.pixels, 50, 50), 125);
  EXPECT_EQ(mixed.instances.size(), 3U);
}

TEST(Collage, ShowsEachImageInItsCellAndCutsItsObjectsThere) {
  FakeDonors donors;
  donors.add(100, {object(rectangle(150, 20, 50, 40)), masked(rectangle(10, 20, 20, 20))});
  donors.add(200, {object(rectangle(0, 0, 40, 30))});
  Collage collage;
  collage.out = {300, 150};
  collage.fill = {7, 7, 7};
  collage.cells.push_back({{View::kSelf, translation(-20, 0)}, {0, 0, 150, 150}});
  collage.cells.push_back({{1, translation(140, 0)}, {150, 0, 150, 150}});
  const Mixed mixed = mix(collage, donors);
  EXPECT_EQ(mixed.canvas.pixels.cols, 300);
  EXPECT_EQ(grey_at(mixed.canvas.pixels, 149, 10), 100);
  EXPECT_EQ(grey_at(mixed.canvas.pixels, 150, 10), 200);
  ASSERT_EQ(mixed.instances.size(), 3U);
  EXPECT_EQ(mixed.instances[0].bbox, (Box{130, 20, 20, 40}));  // cut at the cell's edge
  EXPECT_EQ(mixed.instances[1].bbox, (Box{0, 20, 10, 20}));
  EXPECT_EQ(mixed.instances[2].bbox, (Box{150, 0, 30, 30}));
}

TEST(Collage, KeepsTheFillWhereAnImageDoesNotReach) {
  FakeDonors donors;
  donors.add(100, {});
  donors.add(200, {});
  Collage collage;
  collage.out = {200, 150};
  collage.fill = {7, 7, 7};
  collage.cells.push_back({{View::kSelf, translation(50, 0)}, {0, 0, 200, 150}});
  const Mixed mixed = mix(collage, donors);
  EXPECT_EQ(grey_at(mixed.canvas.pixels, 10, 10), 7);
  EXPECT_EQ(grey_at(mixed.canvas.pixels, 60, 10), 100);
}

class MultiImage : public ::testing::TestWithParam<const char*> {};

TEST_P(MultiImage, NeverMixesAnImageWithItself) {
  FakeDonors donors;
  for (int i = 0; i < 3; ++i) {
    std::vector<Instance> instances;
    instances.push_back(object(rectangle(30, 30, 60, 50)));
    donors.add(50 * i, std::move(instances));
  }
  std::vector<std::string> known;
  const Settings settings;
  Node root;
  root.kind = Node::Kind::kTransform;
  root.name = GetParam();
  root.transform = find_transform(GetParam())->make(settings, "test", known);
  const Pipeline pipeline(std::move(root));
  const Subject subject{kFrame, donors.instances(1), &donors, 1};
  int mixed = 0;
  for (std::uint32_t variant = 0; variant < 30; ++variant) {
    const Plan plan = pipeline.sample(subject, {1, 2, variant});
    Labels labels = lay_out(subject.instances, kFrame);
    apply(plan, labels, &donors, BoxOutline::kCorners);
    for (const Tracked& tracked : labels.instances) {
      EXPECT_NE(tracked.image, 1U);
      mixed += tracked.image != View::kSelf ? 1 : 0;
    }
  }
  EXPECT_GT(mixed, 0);
}

TEST_P(MultiImage, DoesNothingItCannotDoAlone) {
  std::vector<std::string> known;
  Node root;
  root.kind = Node::Kind::kTransform;
  root.name = GetParam();
  root.transform = find_transform(GetParam())->make(Settings{}, "test", known);
  const Pipeline pipeline(std::move(root));
  const std::vector<Instance> own{object(rectangle(30, 30, 60, 50))};
  const std::vector<const Instance*> instances{own.data()};
  const Plan plan = pipeline.sample({kFrame, instances}, {1, 2, 3});
  const Canvas source{cv::Mat(kFrame.height, kFrame.width, CV_8UC3, cv::Scalar::all(9)), {}};
  const FakeDonors none;
  EXPECT_EQ(render(plan_pixels(plan, Fusion::kFull), source, &none).pixels.cols, plan.out.width);
}

INSTANTIATE_TEST_SUITE_P(All,
                         MultiImage,
                         ::testing::Values("Mosaic", "MixUp", "CopyPaste"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace labelloom::augment
