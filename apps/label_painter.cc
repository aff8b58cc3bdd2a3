#include "apps/label_painter.h"

#include <algorithm>
#include <cmath>

#include "formats/rle.h"
#include "model/sample.h"

namespace labelloom::apps {
namespace {

void paint(const Rle& mask, std::uint8_t value, cv::Mat& labels) {
  const auto height = static_cast<std::uint64_t>(labels.rows);
  std::uint64_t at = 0;  // column by column
  bool foreground = false;
  for (const std::uint32_t run : mask.counts) {
    if (foreground) {
      for (std::uint64_t i = at; i < at + run; ++i) {
        labels.at<std::uint8_t>(static_cast<int>(i % height), static_cast<int>(i / height)) = value;
      }
    }
    at += run;
    foreground = !foreground;
  }
}

void paint(const Box& box, std::uint8_t value, cv::Mat& labels) {
  const Box inside = clip_to_frame(box, {labels.cols, labels.rows});
  const int left = static_cast<int>(std::floor(inside.x));
  const int top = static_cast<int>(std::floor(inside.y));
  const int right = static_cast<int>(std::ceil(inside.right()));
  const int bottom = static_cast<int>(std::ceil(inside.bottom()));
  if (right <= left || bottom <= top) return;
  labels(cv::Rect(left, top, right - left, bottom - top)).setTo(value);
}

void paint(const Instance& instance, std::uint8_t value, cv::Mat& labels) {
  const Size size{labels.cols, labels.rows};
  const Rle* mask = instance.mask();
  if (mask != nullptr && mask->size == size) {
    paint(*mask, value, labels);
  } else if (!instance.rings.empty()) {
    paint(rasterise(instance.rings, size), value, labels);
  } else {
    paint(instance.bbox, model::kIgnoredLabel, labels);
  }
}

}  // namespace

void paint_shapes(std::span<const Instance* const> instances,
                  const ClassTable& classes,
                  std::span<const int> seg_of_class,
                  cv::Mat& labels) {
  std::vector<const Instance*> order(instances.begin(), instances.end());
  std::ranges::stable_sort(order, [](const Instance* a, const Instance* b) {
    return a->iscrowd != b->iscrowd ? b->iscrowd : a->area > b->area;
  });
  for (const Instance* instance : order) {
    const ClassTable::Entry* entry = classes.find(instance->category_id);
    if (instance->iscrowd) {
      paint(*instance, model::kIgnoredLabel, labels);
      continue;
    }
    if (entry == nullptr) continue;
    const int value = seg_of_class[static_cast<std::size_t>(entry->class_index)];
    if (value >= 0) paint(*instance, static_cast<std::uint8_t>(value), labels);
  }
}

}  // namespace labelloom::apps
