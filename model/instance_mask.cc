#include "model/instance_mask.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace labelloom::model {
namespace {

/// The pixels whose centres are in a box, and how far from its middle they are.
struct Window {
  int label = -1;
  std::size_t left = 0;  // columns [left, right)
  std::size_t right = 0;
  std::size_t top = 0;
  std::size_t bottom = 0;
  Point2d middle;
  double inverse_width = 0;  // 1 / half width
  double inverse_height = 0;

  /// Squared, 1 on the ellipse that touches the box's sides.
  [[nodiscard]] double distance(std::size_t x, std::size_t y) const {
    const double dx = (static_cast<double>(x) + 0.5 - middle.x) * inverse_width;
    const double dy = (static_cast<double>(y) + 0.5 - middle.y) * inverse_height;
    return dx * dx + dy * dy;
  }
  [[nodiscard]] bool holds(std::size_t x, std::size_t y) const {
    return x >= left && x < right && y >= top && y < bottom;
  }
  [[nodiscard]] bool meets(const Window& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

Window window_of(const Detection& detection,
                 const ModelConfig& config,
                 const Placement& placement) {
  const Box box = to_original(detection.box, placement);
  const auto first_centre = [](double edge) {
    return static_cast<std::size_t>(std::max(std::ceil(edge - 0.5), 0.0));
  };
  Window window;
  const auto index = static_cast<std::size_t>(detection.class_index);
  if (index < config.seg_of_class.size()) window.label = config.seg_of_class[index];
  window.left = first_centre(box.x);
  window.right = first_centre(box.right());
  window.top = first_centre(box.y);
  window.bottom = first_centre(box.bottom());
  window.middle = {box.x + box.width / 2, box.y + box.height / 2};
  window.inverse_width = box.width > 0 ? 2 / box.width : 0;
  window.inverse_height = box.height > 0 ? 2 / box.height : 0;
  return window;
}

struct Rival {
  const Window* window;
  bool is_better;  // an earlier detection, which wins when equally near
};

bool belongs(const Window& window, std::span<const Rival> rivals, std::size_t x, std::size_t y) {
  const double distance = window.distance(x, y);
  return std::ranges::none_of(rivals, [&](const Rival& rival) {
    if (!rival.window->holds(x, y)) return false;
    const double other = rival.window->distance(x, y);
    return rival.is_better ? other <= distance : other < distance;
  });
}

Rle cut(const LabelMap& labels, const Window& window, std::span<const Rival> rivals) {
  std::vector<RowRun> runs;
  if (window.label >= 0) {
    const auto label = static_cast<std::uint8_t>(window.label);
    for (std::size_t y = window.top; y < window.bottom; ++y) {
      const std::uint8_t* const row =
          labels.values.data() + y * static_cast<std::size_t>(labels.size.width);
      const auto in_mask = [&](std::size_t x) {
        return row[x] == label && (rivals.empty() || belongs(window, rivals, x, y));
      };
      for (std::size_t x = window.left; x < window.right;) {
        while (x < window.right && !in_mask(x)) ++x;
        const std::size_t first = x;
        while (x < window.right && in_mask(x)) ++x;
        if (x > first) {
          runs.push_back({static_cast<std::uint32_t>(y),
                          static_cast<std::uint32_t>(first),
                          static_cast<std::uint32_t>(x)});
        }
      }
    }
  }
  return encode_rows(runs, labels.size);
}

}  // namespace

Box to_original(const Box& box, const Placement& placement) {
  const Point2d low = placement.to_original({box.x, box.y});
  const Point2d high = placement.to_original({box.right(), box.bottom()});
  const double width = placement.original.width;
  const double height = placement.original.height;
  const double left = std::clamp(low.x, 0.0, width);
  const double top = std::clamp(low.y, 0.0, height);
  return {left, top, std::clamp(high.x, 0.0, width) - left, std::clamp(high.y, 0.0, height) - top};
}

Keypoint to_original(const Keypoint& keypoint, const Placement& placement) {
  Keypoint moved = keypoint;
  moved.point = placement.to_original(keypoint.point);
  const Size size = placement.original;
  const bool inside = moved.point.x >= 0 && moved.point.y >= 0 && moved.point.x <= size.width &&
                      moved.point.y <= size.height;
  if (!inside) moved.visibility = Visibility::kAbsent;
  return moved;
}

std::vector<Rle> instance_masks(const LabelMap& labels,
                                std::span<const Detection> detections,
                                const ModelConfig& config,
                                const Placement& placement) {
  std::vector<Window> windows;
  for (const Detection& detection : detections) {
    windows.push_back(window_of(detection, config, placement));
  }
  std::vector<Rle> masks;
  std::vector<Rival> rivals;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    rivals.clear();
    for (std::size_t j = 0; j < windows.size(); ++j) {
      if (j != i && windows[j].label == windows[i].label && windows[j].meets(windows[i])) {
        rivals.push_back({&windows[j], j < i});
      }
    }
    masks.push_back(cut(labels, windows[i], rivals));
  }
  return masks;
}

}  // namespace labelloom::model
