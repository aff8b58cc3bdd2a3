#include "tests/augment/contract.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "augment/apply.h"

namespace labelloom::augment::test {
namespace {

constexpr double kDotSigma = 1.25;
constexpr double kDotRadius = 6;

Setting pair(double a, double b) { return range_setting(a, b); }

/// Settings without which a transform cannot be, or does nothing that a small picture shows.
std::vector<Settings> settings_of(const std::string& name) {
  const Setting small{200.0};
  const Setting yes{true};
  const Setting area{std::string("image")};
  if (name == "Affine") {
    const Setting::Members per_axis{{"x", pair(0.7, 1.3)}, {"y", pair(0.8, 1.2)}};
    const Settings all({{"scale", {per_axis}},
                        {"translate_percent", pair(-0.1, 0.1)},
                        {"rotate", pair(-40, 40)},
                        {"shear", pair(-15, 15)}});
    Settings fit = all;
    fit.set("fit_output", yes);
    return {all,
            fit,
            Settings({{"translate_px", pair(-20, 20)}, {"scale", {1.4}}, {"keep_ratio", yes}})};
  }
  if (name == "Resize") {
    return {Settings({{"height", {300.0}}, {"width", small}}),
            Settings({{"height", {150.0}}, {"width", small}, {"area_for_downscale", area}})};
  }
  if (name == "RandomCrop" || name == "CenterCrop") {
    const Settings crop({{"height", {180.0}}, {"width", small}});
    const Settings pad({{"height", {300.0}}, {"width", {300.0}}, {"pad_if_needed", yes}});
    return {crop, pad};
  }
  if (name == "Crop") {
    return {Settings({{"x_min", {31.0}}, {"y_min", {17.0}}, {"x_max", small}, {"y_max", small}})};
  }
  if (name == "RandomResizedCrop") {
    return {Settings({{"height", {240.0}}, {"width", small}, {"scale", pair(0.4, 1)}})};
  }
  if (name == "RandomSizedBBoxSafeCrop") {
    return {Settings({{"height", {240.0}}, {"width", small}})};
  }
  if (name == "RandomSizedCrop") {
    return {Settings({{"height", {240.0}}, {"width", small}, {"min_max_height", pair(150, 230)}})};
  }
  if (name == "LongestMaxSize" || name == "SmallestMaxSize") {
    return {Settings({{"max_size", {Setting::List{{250.0}, {301.0}}}}}),
            Settings({{"max_size_hw", pair(0, 277)}})};
  }
  if (name == "RandomScale") return {Settings({{"scale_limit", pair(-0.4, 0.5)}})};
  if (name == "PadIfNeeded") {
    return {Settings({{"min_height", {400.0}}, {"min_width", {401.0}}}),
            Settings({{"pad_height_divisor", {64.0}}, {"pad_width_divisor", {64.0}}})};
  }
  if (name == "CropAndPad") {
    return {Settings({{"percent", pair(-0.1, 0.1)}}),
            Settings({{"px", pair(-20, 30)}, {"keep_size", {false}}})};
  }
  if (name == "ElasticTransform") {
    return {Settings({{"alpha", {300.0}}, {"sigma", {12.0}}}),
            Settings({{"alpha", {120.0}}, {"sigma", {6.0}}, {"alpha_affine", {3.6}}})};
  }
  if (name == "GridDistortion") return {Settings({{"normalized", {false}}})};
  if (name == "OpticalDistortion") {
    return {Settings({{"distort_limit", {0.5}}}),
            Settings({{"distort_limit", {0.25}}, {"mode", {std::string("fisheye")}}})};
  }
  if (name == "Perspective") {
    return {Settings({{"fit_output", yes}}),
            Settings({{"keep_size", {false}}}),
            Settings({{"scale", pair(0.2, 0.3)}})};
  }
  if (name == "Rotate") return {Settings({{"crop_border", yes}, {"limit", {20.0}}})};
  return {};
}

bool has_defaults(const TransformEntry& entry) {
  return std::ranges::none_of(entry.fields,
                              [](const FieldDoc& field) { return field.spec.required; });
}

Instance shape(std::int64_t id, std::vector<Point2d> ring, std::vector<Point2d> hole = {}) {
  Instance instance;
  instance.id = id;
  instance.category_id = 1;
  instance.rings.add(ring);
  if (!hole.empty()) instance.rings.add(hole, true);
  instance.bbox = extent(instance.rings.points());
  instance.area = ring_area(instance.rings);
  return instance;
}

std::vector<Point2d> scaled(std::vector<Point2d> ring, Size size) {
  for (Point2d& point : ring) point = {point.x * size.width / 100, point.y * size.height / 100};
  return ring;
}

/// Fills rings with the share of each pixel that they cover.
cv::Mat painted(const std::vector<Instance>& instances, std::size_t count, Size size) {
  constexpr int kFiner = 8;
  cv::Mat fine(size.height * kFiner, size.width * kFiner, CV_8U, cv::Scalar(0));
  for (std::size_t i = 0; i < count; ++i) {
    const Rings& rings = instances[i].rings;
    for (std::size_t r = 0; r < rings.size();) {
      std::vector<std::vector<cv::Point>> contours;  // a ring and its holes
      do {
        auto& contour = contours.emplace_back();
        for (const Point2d p : rings[r]) {
          contour.emplace_back(static_cast<int>(std::lround(p.x * kFiner - 0.5)),
                               static_cast<int>(std::lround(p.y * kFiner - 0.5)));
        }
        ++r;
      } while (r < rings.size() && rings.is_hole(r));
      cv::fillPoly(fine, contours, cv::Scalar(255));
    }
  }
  cv::Mat grey;
  cv::resize(fine, grey, {size.width, size.height}, 0, 0, cv::INTER_AREA);
  cv::Mat bgr;
  cv::cvtColor(grey, bgr, cv::COLOR_GRAY2BGR);
  return bgr;
}

cv::Mat mask_of(const Rle& rle) {
  const std::vector<std::uint8_t> bytes = decode(rle);
  cv::Mat mask(rle.size.height, rle.size.width, CV_8U);
  std::ranges::transform(
      bytes, mask.begin<std::uint8_t>(), [](std::uint8_t bit) { return bit != 0 ? 255 : 0; });
  return mask;
}

void paint_dot(cv::Mat& pixels, Point2d at, int channel) {
  for (int y = 0; y < pixels.rows; ++y) {
    for (int x = 0; x < pixels.cols; ++x) {
      const double d = std::hypot(x + 0.5 - at.x, y + 0.5 - at.y) / kDotSigma;
      pixels.at<cv::Vec3b>(y, x)[channel] =
          static_cast<std::uint8_t>(std::lround(255 * std::exp(-d * d / 2)));
    }
  }
}

cv::Mat smooth_picture(Size size) {
  cv::Mat pixels(size.height, size.width, CV_8UC3);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const auto wave = [](double t) {
        return static_cast<std::uint8_t>(std::lround(128 + 100 * std::sin(t)));
      };
      pixels.at<cv::Vec3b>(y, x) = {wave(x / 17.0), wave(y / 19.0), wave((x + y) / 23.0)};
    }
  }
  return pixels;
}

/// The middle of what is bright inside `box`, in continuous coordinates.
Point2d centroid(const cv::Mat& bgr, int channel, const Box& box) {
  double sum = 0;
  Point2d weighted;
  const int x0 = std::max(0, static_cast<int>(box.x) - 1);
  const int y0 = std::max(0, static_cast<int>(box.y) - 1);
  for (int y = y0; y < std::min(bgr.rows, static_cast<int>(box.bottom()) + 2); ++y) {
    for (int x = x0; x < std::min(bgr.cols, static_cast<int>(box.right()) + 2); ++x) {
      const double value = bgr.at<cv::Vec3b>(y, x)[channel];
      sum += value;
      weighted.x += value * (x + 0.5);
      weighted.y += value * (y + 0.5);
    }
  }
  return {weighted.x / sum, weighted.y / sum};
}

/// The factor of the step that enlarges most, at least 1.
double largest_enlargement(const PixelPlan& plan) {
  double largest = 1;
  for (const PixelStep& step : plan.steps) {
    const auto* resample = std::get_if<Resample>(&step);
    if (resample == nullptr) continue;
    const double shrinking = std::sqrt(std::abs(resample->in_from_out.determinant()));
    if (shrinking > 0) largest = std::max(largest, 1 / shrinking);
  }
  return largest;
}

/// Two pictures of a border agree no better than each says where it is. `doubt`: pixels, either
/// way.
double border_share(const cv::Mat& mask, double doubt) {
  cv::Mat inner;
  cv::erode(mask, inner, cv::Mat());
  return doubt * (cv::countNonZero(mask) - cv::countNonZero(inner)) / cv::countNonZero(mask);
}

double iou(const cv::Mat& a, const cv::Mat& b) {
  const int both = cv::countNonZero(a & b);
  const int any = cv::countNonZero(a | b);
  return any == 0 ? 1 : static_cast<double>(both) / any;
}

const Instance* find(const std::vector<Instance>& instances, std::int64_t id) {
  const auto found = std::ranges::find(instances, id, &Instance::id);
  return found == instances.end() ? nullptr : &*found;
}

}  // namespace

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const TransformEntry& entry : transforms()) {
    if (has_defaults(entry)) cases.push_back({entry.name, &entry});
    int number = 0;
    for (Settings& settings : settings_of(entry.name)) {
      cases.push_back({fmt::format("{}_{}", entry.name, ++number), &entry, std::move(settings)});
    }
  }
  return cases;
}

bool is_geometric(TransformKind kind) {
  return kind == TransformKind::kExactMove || kind == TransformKind::kProjective ||
         kind == TransformKind::kCurved;
}

Node leaf(const Case& from, double p) {
  Node node;
  node.kind = Node::Kind::kTransform;
  node.name = from.entry->name;
  node.p = p;
  std::vector<std::string> known;
  Settings settings = from.settings;
  if (from.entry->adapt != nullptr) from.entry->adapt(settings, Dialect::kLabelLoom);
  node.transform = from.entry->make(settings, from.name, known);
  return node;
}

Pipeline sequence(std::vector<Node> nodes) {
  Node root;
  root.children = std::move(nodes);
  return Pipeline(std::move(root));
}

std::vector<const Instance*> Subjects::pointers() const {
  std::vector<const Instance*> all;
  for (const Instance& instance : instances) all.push_back(&instance);
  return all;
}

Subjects make_subjects(Size size) {
  Subjects subjects;
  subjects.size = size;
  Category category;
  category.id = 1;
  category.name = "thing";
  category.keypoints = {"left_eye", "right_eye", "nose", "tail"};
  subjects.categories = {category};
  auto& all = subjects.instances;
  all.push_back(shape(11,  // a thick arrowhead
                      scaled({{6, 8}, {50, 6}, {48, 48}, {38, 47}, {39, 22}, {7, 24}}, size)));
  all.push_back(shape(12,
                      scaled({{12, 52}, {44, 55}, {46, 93}, {14, 90}}, size),
                      scaled({{22, 62}, {24, 80}, {36, 82}, {35, 64}}, size)));
  all.push_back(shape(13, scaled({{58, 30}, {117, 22}, {108, 96}, {60, 111}, {75, 66}}, size)));
  subjects.shape_count = all.size();
  const std::array<Point2d, 3> centres{{{30.3, 36.1}, {55.2, 57.7}, {60.1, 17.4}}};
  std::int64_t id = 20;
  for (const Point2d share : centres) {
    const Point2d at{share.x * size.width / 100, share.y * size.height / 100};
    Instance dot = shape(++id, ellipse_points(at, kDotRadius, kDotRadius, 0, 32));
    dot.keypoints.resize(4);
    const auto slot = static_cast<std::size_t>(id - 21);
    dot.keypoints[slot] = {at, Visibility::kVisible};
    all.push_back(dot);
  }
  const cv::Mat black(size.height, size.width, CV_8UC3, cv::Scalar::all(0));
  subjects.dots.pixels = black.clone();
  subjects.smooth.pixels = smooth_picture(size);
  for (std::size_t i = 0; i < subjects.shape_count; ++i) {
    subjects.shapes.masks.push_back(
        mask_window(rasterise(clip_to_frame(all[i].rings, size), size)));
  }
  subjects.shapes.pixels = painted(all, subjects.shape_count, size);
  for (int channel = 0; channel < 3; ++channel) {
    const Instance& dot = all[subjects.shape_count + static_cast<std::size_t>(channel)];
    paint_dot(
        subjects.dots.pixels, dot.keypoints[static_cast<std::size_t>(channel)].point, channel);
  }
  return subjects;
}

Subjects make_subjects(Size size,
                       std::vector<Instance> instances,
                       std::vector<Category> categories) {
  Subjects subjects;
  subjects.size = size;
  subjects.categories = std::move(categories);
  subjects.instances = std::move(instances);
  subjects.shape_count = subjects.instances.size();
  subjects.shapes.pixels = painted(subjects.instances, subjects.shape_count, size);
  for (const Instance& instance : subjects.instances) {
    subjects.shapes.masks.push_back(
        mask_window(rasterise(clip_to_frame(instance.rings, size), size)));
  }
  subjects.dots.pixels = cv::Mat(size.height, size.width, CV_8UC3, cv::Scalar::all(0));
  subjects.smooth.pixels = smooth_picture(size);
  return subjects;
}

Outcome run(const Pipeline& pipeline, const Subjects& subjects, RandomKey key) {
  const auto pointers = subjects.pointers();
  Outcome outcome;
  outcome.plan = pipeline.sample({subjects.size, pointers}, key);
  outcome.labels = lay_out(pointers, subjects.size);
  apply(outcome.plan, outcome.labels, nullptr, BoxOutline::kCorners);
  outcome.instances = restore(outcome.labels, {}, FlipPairs(subjects.categories), {});
  return outcome;
}

void expect_pixels_and_points_agree(const Outcome& outcome,
                                    const Subjects& subjects,
                                    double least_iou,
                                    bool moves_only,
                                    Fusion fusion) {
  constexpr int kTooSmall = 1000;  // pixels: below, the border is all there is
  const PixelPlan pixels = plan_pixels(outcome.plan, fusion);
  const Canvas shapes = render(pixels, subjects.shapes, nullptr);
  ASSERT_EQ(shapes.pixels.cols, outcome.plan.out.width);
  ASSERT_EQ(shapes.pixels.rows, outcome.plan.out.height);
  const double scale = std::sqrt(static_cast<double>(shapes.pixels.total()) /
                                 static_cast<double>(subjects.shapes.pixels.total()));
  const auto resamplings = std::ranges::count_if(pixels.steps, [](const PixelStep& step) {
    const auto* resample = std::get_if<Resample>(&step);
    return resample == nullptr ? std::holds_alternative<Warp>(step) : !is_exact_move(*resample);
  });
  const bool is_curved = std::ranges::any_of(
      pixels.steps, [](const PixelStep& step) { return std::holds_alternative<Warp>(step); });
  const double rounds = std::max(1.0, static_cast<double>(resamplings));
  cv::Mat all_shapes(shapes.pixels.size(), CV_8U, cv::Scalar(0));
  cv::Mat near_dots(shapes.pixels.size(), CV_8U, cv::Scalar(0));
  for (std::size_t i = 0; i < subjects.shape_count; ++i) {
    const Instance* instance = find(outcome.instances, subjects.instances[i].id);
    cv::Mat expected(shapes.pixels.size(), CV_8U, cv::Scalar(0));
    if (instance != nullptr) expected = mask_of(rasterise(instance->rings, outcome.plan.out));
    all_shapes |= expected;
    const cv::Mat moved = whole_mask(shapes.masks[i]);
    const int area = std::max(cv::countNonZero(expected), cv::countNonZero(moved));
    if (area <= kTooSmall) continue;
    // Where a mask's border is, is known to half a pixel, before each resampling.
    // A crop after an enlargement makes the frame small again, not the pixels of the source.
    const double magnified = std::max(scale, largest_enlargement(pixels));
    const double doubt = border_share(expected, 0.35 * std::max(1.0, magnified * rounds));
    EXPECT_GE(iou(expected, moved) + doubt, least_iou)
        << "mask of instance " << subjects.instances[i].id << ", " << area << " pixels";
  }
  if (!moves_only) return;
  if (cv::countNonZero(all_shapes) > kTooSmall) {
    cv::Mat bright;
    cv::extractChannel(shapes.pixels, bright, 1);
    cv::Mat seen = bright > 127;
    // `rasterise` knows it to a fifth of a pixel; a picture that is enlarged after a resampling
    // knows no better than the smaller one did.
    const bool one_by_one = fusion == Fusion::kNone && rounds > 1;
    const double doubt = one_by_one ? 0.12 * largest_enlargement(pixels) : 0.05;
    EXPECT_GE(iou(all_shapes, seen) + border_share(all_shapes, doubt), least_iou)
        << "white on black";
  }
  const Canvas dots = render(pixels, subjects.dots, nullptr);
  for (std::size_t i = subjects.shape_count; i < subjects.instances.size(); ++i) {
    const Tracked& tracked = outcome.labels.instances[i];
    const Instance* dot = find(outcome.instances, subjects.instances[i].id);
    if (dot == nullptr || tracked.visible < 0.9999) continue;       // the frame cut it
    if (std::min(dot->bbox.width, dot->bbox.height) < 5) continue;  // less than a pixel wide
    const auto slot = std::ranges::find_if(dot->keypoints, [](const Keypoint& keypoint) {
      return keypoint.visibility != Visibility::kAbsent;
    });
    ASSERT_NE(slot, dot->keypoints.end());
    const auto channel = static_cast<int>(i - subjects.shape_count);
    const Point2d seen = centroid(dots.pixels, channel, dot->bbox);
    // A curved map skews the dot itself; by so much of a pixel of the source.
    const double magnified = std::max(1.0, dot->bbox.width / (2 * kDotRadius));
    const double largest = 0.5 * (is_curved ? magnified : 1);
    EXPECT_NEAR(seen.x, slot->point.x, largest) << "dot " << channel;
    EXPECT_NEAR(seen.y, slot->point.y, largest) << "dot " << channel;
  }
}

void expect_valid(const Outcome& outcome) {
  constexpr double kRounding = 1e-6;
  const Size frame = outcome.plan.out;
  for (const Instance& instance : outcome.instances) {
    SCOPED_TRACE(fmt::format("instance {}", instance.id));
    ASSERT_FALSE(instance.rings.empty());
    for (std::size_t r = 0; r < instance.rings.size(); ++r) {
      EXPECT_GE(instance.rings[r].size(), 3U);
      ASSERT_TRUE(is_finite(instance.rings[r]));
      for (const Point2d p : instance.rings[r]) {
        EXPECT_TRUE(p.x >= 0 && p.y >= 0 && p.x <= frame.width && p.y <= frame.height)
            << p.x << ' ' << p.y;
      }
    }
    EXPECT_GT(instance.area, 0);
    EXPECT_NEAR(instance.area, ring_area(instance.rings), kRounding);
    const Box box = extent(instance.rings.points());
    EXPECT_NEAR(instance.bbox.x, box.x, kRounding);
    EXPECT_NEAR(instance.bbox.y, box.y, kRounding);
    EXPECT_NEAR(instance.bbox.width, box.width, kRounding);
    EXPECT_NEAR(instance.bbox.height, box.height, kRounding);
    for (const Keypoint& keypoint : instance.keypoints) {
      if (keypoint.visibility == Visibility::kAbsent) {
        EXPECT_EQ(keypoint, Keypoint{});
      } else {
        EXPECT_TRUE(keypoint.point.x >= 0 && keypoint.point.y >= 0 &&
                    keypoint.point.x <= frame.width && keypoint.point.y <= frame.height);
      }
    }
  }
}

void expect_fusion_changes_nothing(const Outcome& outcome, const Subjects& subjects) {
  const Canvas fused = render(plan_pixels(outcome.plan, Fusion::kFull), subjects.smooth, nullptr);
  const Canvas single = render(plan_pixels(outcome.plan, Fusion::kNone), subjects.smooth, nullptr);
  ASSERT_EQ(fused.pixels.size(), single.pixels.size());
  const double pixels = static_cast<double>(fused.pixels.total()) * 3;
  EXPECT_LT(cv::norm(fused.pixels, single.pixels, cv::NORM_L1) / pixels, 2.0);
}

}  // namespace labelloom::augment::test
