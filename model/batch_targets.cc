#include "model/batch_targets.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::model {
namespace {

using Shape = std::vector<std::int64_t>;

torch::Tensor integers(const std::vector<std::int64_t>& values) {
  return torch::tensor(values, torch::kInt64);
}

torch::Tensor rows(const std::vector<float>& values, std::int64_t width) {
  return torch::tensor(values, torch::kFloat32).view({-1, width});
}

/// Row `index` of `tensor` becomes `values`.
template <typename Value>
void put(const torch::Tensor& tensor, std::size_t index, const std::vector<Value>& values) {
  const torch::Tensor row = tensor[static_cast<std::int64_t>(index)];
  std::copy(values.begin(), values.end(), row.data_ptr<Value>());
}

Shape map_shape(std::span<const Targets> targets, std::int64_t channels) {
  Shape shape = {static_cast<std::int64_t>(targets.size())};
  if (channels > 0) shape.push_back(channels);
  shape.push_back(targets[0].cells.height);
  shape.push_back(targets[0].cells.width);
  return shape;
}

void stack_boxes(BatchTargets& batch, std::span<const Targets> targets) {
  batch.center = torch::zeros(map_shape(targets, 0));
  batch.center_known = torch::zeros(map_shape(targets, 0), torch::kUInt8);
  Shape image;
  Shape cell;
  Shape classes;
  std::vector<float> box;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!targets[i].has_boxes) continue;
    put(batch.center, i, targets[i].center);
    put(batch.center_known, i, targets[i].center_known);
    for (const BoxCell& at : targets[i].boxes) {
      image.push_back(static_cast<std::int64_t>(i));
      cell.push_back(at.cell);
      classes.push_back(at.class_index);
      box.insert(box.end(), {at.left, at.top, at.right, at.bottom});
    }
  }
  batch.center_known = batch.center_known.to(torch::kFloat32);
  batch.box_image = integers(image);
  batch.box_cell = integers(cell);
  batch.box_class = integers(classes);
  batch.box = rows(box, 4);
}

void stack_keypoints(BatchTargets& batch, std::span<const Targets> targets, std::int64_t slots) {
  batch.keypoints = torch::zeros(map_shape(targets, slots));
  batch.keypoints_known = torch::zeros(map_shape(targets, slots), torch::kUInt8);
  Shape image;
  Shape cell;
  Shape slot;
  std::vector<float> offset;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!targets[i].has_keypoints) continue;
    put(batch.keypoints, i, targets[i].keypoints);
    put(batch.keypoints_known, i, targets[i].keypoints_known);
    for (const OffsetCell& at : targets[i].offsets) {
      image.push_back(static_cast<std::int64_t>(i));
      cell.push_back(at.cell);
      slot.push_back(at.slot);
      offset.insert(offset.end(), {at.x, at.y});
    }
  }
  batch.keypoints_known = batch.keypoints_known.to(torch::kFloat32);
  batch.offset_image = integers(image);
  batch.offset_cell = integers(cell);
  batch.offset_slot = integers(slot);
  batch.offset = rows(offset, 2);
}

void stack_labels(BatchTargets& batch, std::span<const Targets> targets) {
  const Size input = targets[0].input;
  batch.labels = torch::full({static_cast<std::int64_t>(targets.size()), input.height, input.width},
                             static_cast<int>(kIgnoredLabel),
                             torch::kUInt8);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets[i].has_segmentation) put(batch.labels, i, targets[i].labels);
  }
}

}  // namespace

BatchTargets BatchTargets::to(torch::Device device) const {
  BatchTargets moved = *this;
  for (torch::Tensor* tensor : {&moved.has,
                                &moved.center,
                                &moved.center_known,
                                &moved.box_image,
                                &moved.box_cell,
                                &moved.box_class,
                                &moved.box,
                                &moved.keypoints,
                                &moved.keypoints_known,
                                &moved.offset_image,
                                &moved.offset_cell,
                                &moved.offset_slot,
                                &moved.offset,
                                &moved.labels}) {
    if (tensor->defined()) *tensor = tensor->to(device);
  }
  return moved;
}

BatchTargets BatchTargets::part(std::int64_t first, std::int64_t count) const {
  BatchTargets out = *this;
  const auto cut_pictures = [&](std::initializer_list<torch::Tensor*> tensors) {
    for (torch::Tensor* tensor : tensors) {
      if (tensor->defined()) *tensor = tensor->narrow(0, first, count);
    }
  };
  // Cells lie in the order of their pictures.
  const auto cut_cells = [&](torch::Tensor& image, std::initializer_list<torch::Tensor*> others) {
    if (!image.defined()) return;
    const std::int64_t begin = (image < first).sum().item<std::int64_t>();
    const std::int64_t end = (image < first + count).sum().item<std::int64_t>();
    image = image.narrow(0, begin, end - begin) - first;
    for (torch::Tensor* tensor : others) *tensor = tensor->narrow(0, begin, end - begin);
  };
  cut_pictures({&out.has,
                &out.center,
                &out.center_known,
                &out.keypoints,
                &out.keypoints_known,
                &out.labels});
  cut_cells(out.box_image, {&out.box_cell, &out.box_class, &out.box});
  cut_cells(out.offset_image, {&out.offset_cell, &out.offset_slot, &out.offset});
  return out;
}

BatchTargets stack(std::span<const Targets> targets, const ModelConfig& config) {
  if (targets.empty()) throw Error(Errc::kArgument, {}, "a batch of no pictures");
  std::vector<float> has;
  std::array<bool, kTaskCount> any{};
  for (const Targets& one : targets) {
    if (one.input != targets[0].input) {
      throw Error(Errc::kArgument,
                  {},
                  fmt::format("a batch of pictures of {}x{} and {}x{}",
                              targets[0].input.width,
                              targets[0].input.height,
                              one.input.width,
                              one.input.height));
    }
    const std::array<bool, kTaskCount> tasks = {
        one.has_boxes, one.has_segmentation, one.has_keypoints};
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      has.push_back(tasks[task] ? 1.F : 0.F);
      any[task] = any[task] || tasks[task];
    }
  }
  BatchTargets batch;
  batch.has = rows(has, kTaskCount);
  if (any[0]) stack_boxes(batch, targets);
  if (any[1]) stack_labels(batch, targets);
  if (any[2]) {
    stack_keypoints(batch, targets, static_cast<std::int64_t>(config.keypoints.size()));
  }
  return batch;
}

}  // namespace labelloom::model
