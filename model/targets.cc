#include "model/targets.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::model {
namespace {

constexpr double kStride = ModelConfig::kOutputStride;
constexpr double kSmallestCenterSigma = 0.6;  // cells
constexpr double kKeypointSigma = 1;          // cells
constexpr double kSmallestDistance = 0.02;    // cells; what the network can just say

[[noreturn]] void fail(const Sample& sample, std::string path, const std::string& message) {
  throw Error(Errc::kInvalidData, {.file = sample.image.name, .path = std::move(path)}, message);
}

void validate(const Sample& sample, const ModelConfig& config) {
  const Size size = sample.image.size;
  if (size.width <= 0 || size.height <= 0 || size.width % ModelConfig::kStride != 0 ||
      size.height % ModelConfig::kStride != 0) {
    fail(sample,
         {},
         fmt::format(
             "{}x{} are not multiples of {}", size.width, size.height, ModelConfig::kStride));
  }
  for (std::size_t i = 0; i < sample.objects.size(); ++i) {
    const TargetObject& object = sample.objects[i];
    const std::string path = fmt::format("objects[{}]", i);
    if (!std::isfinite(object.box.x + object.box.width) ||
        !std::isfinite(object.box.y + object.box.height)) {
      fail(sample, path, "its box is not finite");
    }
    if (object.ignored) continue;
    if (object.class_index < 0 || object.class_index >= static_cast<int>(config.classes.size())) {
      fail(sample,
           path,
           fmt::format(
               "class {} is not one of the {} classes", object.class_index, config.classes.size()));
    }
    if (!object.keypoints.empty() && object.keypoints.size() != config.keypoints.size()) {
      fail(sample,
           path,
           fmt::format(
               "{} key points for {} slots", object.keypoints.size(), config.keypoints.size()));
    }
  }
  const auto pixels = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
  if (!sample.labels.empty() && sample.labels.size() != pixels) {
    fail(sample, "labels", fmt::format("{} labels for {} pixels", sample.labels.size(), pixels));
  }
}

/// Cells [left, right) x [top, bottom).
struct CellRange {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;
};

/// An object as the cells see it.
struct CellObject {
  const TargetObject* object = nullptr;
  Box box;  // pixels, inside the frame
  int column = 0;
  int row = 0;
};

class Builder {
 public:
  Builder(const Sample& sample, const ModelConfig& config) : sample_(sample), config_(config) {
    targets_.input = sample.image.size;
    targets_.cells = {sample.image.size.width / ModelConfig::kOutputStride,
                      sample.image.size.height / ModelConfig::kOutputStride};
    for (const TargetObject& object : sample.objects) {
      const Box box = clip_to_frame(object.box, sample.image.size);
      if (!(box.width > 0) || !(box.height > 0)) continue;
      CellObject seen{.object = &object, .box = box};
      seen.column = cell_of(box.x + 0.5 * box.width, targets_.cells.width);
      seen.row = cell_of(box.y + 0.5 * box.height, targets_.cells.height);
      (object.ignored ? ignored_ : objects_).push_back(seen);
    }
    // The smallest comes last and overwrites.
    std::ranges::stable_sort(
        objects_, std::greater{}, [](const CellObject& o) { return o.box.area(); });
  }

  Targets build() {
    owner_.assign(cell_count(), -1);
    for (std::size_t i = 0; i < objects_.size(); ++i) own_cells(static_cast<int>(i));
    if (config_.heads.boxes && sample_.has_boxes) add_boxes();
    if (config_.heads.keypoints && sample_.has_keypoints) add_keypoints();
    if (config_.heads.segmentation && sample_.has_segmentation && !sample_.labels.empty()) {
      add_labels();
    }
    return std::move(targets_);
  }

 private:
  static int cell_of(double pixel, int count) {
    return std::clamp(static_cast<int>(std::floor(pixel / kStride)), 0, count - 1);
  }
  [[nodiscard]] std::size_t cell_count() const {
    return static_cast<std::size_t>(targets_.cells.width) *
           static_cast<std::size_t>(targets_.cells.height);
  }
  [[nodiscard]] std::size_t cell(int column, int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(targets_.cells.width) +
           static_cast<std::size_t>(column);
  }
  /// Cells the box reaches into.
  [[nodiscard]] CellRange cells_of(const Box& box) const {
    return {.left = cell_of(box.x, targets_.cells.width),
            .top = cell_of(box.y, targets_.cells.height),
            .right = cell_of(std::nextafter(box.right(), 0), targets_.cells.width) + 1,
            .bottom = cell_of(std::nextafter(box.bottom(), 0), targets_.cells.height) + 1};
  }

  void own_cells(int index) {
    const CellObject& o = objects_[static_cast<std::size_t>(index)];
    for (int row = std::max(0, o.row - 1); row <= std::min(targets_.cells.height - 1, o.row + 1);
         ++row) {
      for (int column = std::max(0, o.column - 1);
           column <= std::min(targets_.cells.width - 1, o.column + 1);
           ++column) {
        const double x = (column + 0.5) * kStride;
        const double y = (row + 0.5) * kStride;
        const bool inside = x > o.box.x && x < o.box.right() && y > o.box.y && y < o.box.bottom();
        if (inside || (row == o.row && column == o.column)) owner_[cell(column, row)] = index;
      }
    }
  }

  /// A Gaussian about a point (cells), but 1 in the cell the point lies in.
  void splat(std::span<float> map, Point2d at, double sigma) {
    const int column = std::clamp(static_cast<int>(at.x), 0, targets_.cells.width - 1);
    const int row = std::clamp(static_cast<int>(at.y), 0, targets_.cells.height - 1);
    const int reach = static_cast<int>(std::ceil(3 * sigma));
    for (int y = std::max(0, row - reach); y <= std::min(targets_.cells.height - 1, row + reach);
         ++y) {
      for (int x = std::max(0, column - reach);
           x <= std::min(targets_.cells.width - 1, column + reach);
           ++x) {
        const double dx = x + 0.5 - at.x;
        const double dy = y + 0.5 - at.y;
        const double height = std::exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
        float& value = map[cell(x, y)];
        value = std::max(value, static_cast<float>(x == column && y == row ? 1 : height));
      }
    }
  }

  void forget(std::span<std::uint8_t> known, const Box& box) const {
    const CellRange range = cells_of(box);
    for (int row = range.top; row < range.bottom; ++row) {
      for (int column = range.left; column < range.right; ++column) known[cell(column, row)] = 0;
    }
  }

  void add_boxes() {
    targets_.has_boxes = true;
    targets_.center.assign(cell_count(), 0);
    targets_.center_known.assign(cell_count(), 1);
    for (const CellObject& o : ignored_) forget(targets_.center_known, o.box);
    for (const CellObject& o : objects_) {
      const double size = std::min(o.box.width, o.box.height) / kStride;
      splat(
          targets_.center, {o.column + 0.5, o.row + 0.5}, std::max(kSmallestCenterSigma, size / 6));
      targets_.center_known[cell(o.column, o.row)] = 1;
    }
    const auto distance = [](double pixels) {
      return static_cast<float>(std::max(kSmallestDistance, pixels / kStride));
    };
    for (std::size_t i = 0; i < owner_.size(); ++i) {
      if (owner_[i] < 0) continue;
      const CellObject& o = objects_[static_cast<std::size_t>(owner_[i])];
      const Point2d at = middle(i);
      targets_.boxes.push_back({.cell = static_cast<std::int32_t>(i),
                                .class_index = o.object->class_index,
                                .left = distance(at.x - o.box.x),
                                .top = distance(at.y - o.box.y),
                                .right = distance(o.box.right() - at.x),
                                .bottom = distance(o.box.bottom() - at.y)});
    }
  }

  [[nodiscard]] Point2d middle(std::size_t index) const {
    const auto width = static_cast<std::size_t>(targets_.cells.width);
    const std::size_t row = index / width;
    return {(static_cast<double>(index % width) + 0.5) * kStride,
            (static_cast<double>(row) + 0.5) * kStride};
  }

  void add_keypoints() {
    targets_.has_keypoints = true;
    const std::size_t slots = config_.keypoints.size();
    targets_.keypoints.assign(slots * cell_count(), 0);
    targets_.keypoints_known.assign(slots * cell_count(), 1);
    for (std::size_t slot = 0; slot < slots; ++slot) add_slot(slot);
    add_offsets(slots);
  }

  /// Whether it is there, and inside the picture.
  [[nodiscard]] bool is_seen(const Keypoint& keypoint) const {
    const Point2d at = keypoint.point;
    return keypoint.visibility != Visibility::kAbsent && at.x >= 0 && at.y >= 0 &&
           at.x < targets_.input.width && at.y < targets_.input.height;
  }

  void add_slot(std::size_t slot) {
    const auto map = std::span(targets_.keypoints).subspan(slot * cell_count(), cell_count());
    const auto known =
        std::span(targets_.keypoints_known).subspan(slot * cell_count(), cell_count());
    for (const CellObject& o : ignored_) forget(known, o.box);
    for (const CellObject& o : objects_) {
      const bool may_have = o.object->class_index == config_.keypoints[slot].class_index;
      if (o.object->keypoints.empty() && may_have) forget(known, o.box);
    }
    for (const CellObject& o : objects_) {
      if (o.object->keypoints.empty()) continue;
      const Keypoint& keypoint = o.object->keypoints[slot];
      if (!is_seen(keypoint)) continue;
      const Point2d at = keypoint.point;
      const int column = cell_of(at.x, targets_.cells.width);
      const int row = cell_of(at.y, targets_.cells.height);
      splat(map, {at.x / kStride, at.y / kStride}, kKeypointSigma);
      known[cell(column, row)] = 1;
    }
  }

  /// Objects' own cells know all of their key points; cells on and round a key point, that one.
  void add_offsets(std::size_t slots) {
    has_offset_.assign(slots * cell_count(), 0);
    for (std::size_t i = 0; i < owner_.size(); ++i) {
      if (owner_[i] < 0) continue;
      const TargetObject& object = *objects_[static_cast<std::size_t>(owner_[i])].object;
      for (std::size_t slot = 0; slot < object.keypoints.size(); ++slot) {
        add_offset(i, slot, object.keypoints[slot]);
      }
    }
    for (const int reach : {0, 1}) {  // a key point's own cell is no other's
      for (const CellObject& o : objects_) {
        for (std::size_t slot = 0; slot < o.object->keypoints.size(); ++slot) {
          add_offsets_near(slot, o.object->keypoints[slot], reach);
        }
      }
    }
  }

  void add_offsets_near(std::size_t slot, const Keypoint& keypoint, int reach) {
    if (!is_seen(keypoint)) return;
    const int column = cell_of(keypoint.point.x, targets_.cells.width);
    const int row = cell_of(keypoint.point.y, targets_.cells.height);
    for (int y = std::max(0, row - reach); y <= std::min(targets_.cells.height - 1, row + reach);
         ++y) {
      for (int x = std::max(0, column - reach);
           x <= std::min(targets_.cells.width - 1, column + reach);
           ++x) {
        add_offset(cell(x, y), slot, keypoint);
      }
    }
  }

  void add_offset(std::size_t index, std::size_t slot, const Keypoint& keypoint) {
    const bool finite = is_finite({&keypoint.point, 1});
    if (keypoint.visibility == Visibility::kAbsent || !finite) return;
    std::uint8_t& taken = has_offset_[slot * cell_count() + index];
    if (taken != 0) return;
    taken = 1;
    const Point2d at = middle(index);
    targets_.offsets.push_back({.cell = static_cast<std::int32_t>(index),
                                .slot = static_cast<std::int32_t>(slot),
                                .x = static_cast<float>((keypoint.point.x - at.x) / kStride),
                                .y = static_cast<float>((keypoint.point.y - at.y) / kStride)});
  }

  void add_labels() {
    const auto count = config_.seg_classes.size();
    for (std::size_t i = 0; i < sample_.labels.size(); ++i) {
      if (sample_.labels[i] < count || sample_.labels[i] == kIgnoredLabel) continue;
      const auto width = static_cast<std::size_t>(targets_.input.width);
      fail(sample_,
           "labels",
           fmt::format("label {} at column {}, row {} is not one of the {} classes",
                       sample_.labels[i],
                       i % width,
                       i / width,
                       count));
    }
    targets_.has_segmentation = true;
    targets_.labels = sample_.labels;
  }

  const Sample& sample_;
  const ModelConfig& config_;
  Targets targets_;
  std::vector<CellObject> objects_;  // largest first
  std::vector<CellObject> ignored_;
  std::vector<int> owner_;                // [h,w] index in objects_ or -1
  std::vector<std::uint8_t> has_offset_;  // [P,h,w]
};

}  // namespace

Targets make_targets(const Sample& sample, const ModelConfig& config) {
  validate(sample, config);
  return Builder(sample, config).build();
}

}  // namespace labelloom::model
