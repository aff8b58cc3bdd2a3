#include "select/boxmask_aten.h"

#include <algorithm>

#include <ATen/ATen.h>

#include "select/aten_math.h"
#include "select/boxmask_job.h"
#include "select/boxmask_math.h"

namespace labelloom::select {
namespace {

/// Steps that are looked at together: tensors of C x this stay small.
constexpr std::int64_t kChunk = 1 << 16;

LogitShape shape_of(const at::Tensor& logits) {
  const auto size = [&](std::int64_t dimension) {
    return logits.dim() == 4 ? static_cast<int>(logits.size(dimension)) : -1;
  };
  return {size(0), size(1), size(2), size(3)};
}

template <typename T>
at::Tensor tensor_of(const std::vector<T>& values, at::ScalarType type, at::Device device) {
  // from_blob takes no const; the copy is made at once.
  auto* data = const_cast<T*>(values.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  return at::from_blob(data, {static_cast<std::int64_t>(values.size())}, type).clone().to(device);
}

/// Logits of some steps: where they stand, or between which cells they are.
class Steps {
 public:
  Steps(int scale, const LogitShape& shape) : scale_(scale), shape_(shape) {}

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(corners_[0].size()); }

  /// Columns [from, to) of a row, as steps behind the corner of `cells` in picture `index`.
  void add_row(int index, const Cells& cells, int row, int from, int to) {
    const math::Tap down = tap(row, cells.height);
    for (int column = from; column < to; ++column) {
      const math::Tap across = tap(column, cells.width);
      corners_[0].push_back(flat(index, cells, down.from, across.from));
      if (scale_ == 1) continue;
      corners_[1].push_back(flat(index, cells, down.from, across.to));
      corners_[2].push_back(flat(index, cells, down.to, across.from));
      corners_[3].push_back(flat(index, cells, down.to, across.to));
      x_.push_back(across.weight);
      y_.push_back(down.weight);
    }
  }

  /// [C, count] of `flat`: [C, pictures * cells].
  [[nodiscard]] at::Tensor take(const at::Tensor& flat) const {
    const auto corner = [&](std::size_t i) {
      return flat.index_select(1, tensor_of(corners_[i], at::kLong, flat.device()));
    };
    at::Tensor a = corner(0);
    if (scale_ == 1) return a;
    const at::Tensor c = corner(2);
    const at::Tensor x = tensor_of(x_, at::kFloat, flat.device());
    const at::Tensor above = a.add(x.mul(corner(1).sub(a)));
    const at::Tensor below = c.add(x.mul(corner(3).sub(c)));
    return above.add(tensor_of(y_, at::kFloat, flat.device()).mul(below.sub(above)));
  }

 private:
  [[nodiscard]] math::Tap tap(int at, int extent) const {
    return scale_ == 1 ? math::Tap{.from = at, .to = at} : math::tap_of(at, extent, scale_);
  }
  [[nodiscard]] std::int64_t flat(int index, const Cells& cells, int row, int column) const {
    return (std::int64_t{index} * shape_.height + cells.y + row) * shape_.width + cells.x + column;
  }

  int scale_;
  LogitShape shape_;
  std::array<std::vector<std::int64_t>, 4> corners_;
  std::vector<float> x_;
  std::vector<float> y_;
};

/// [C, pictures * cells]
at::Tensor flattened(const at::Tensor& logits) {
  return logits.to(at::kFloat).permute({1, 0, 2, 3}).reshape({logits.size(1), -1});
}

class TensorScorer {
 public:
  TensorScorer(const ScoringJob& job,
               const PreparedJob& prepared,
               const at::Tensor& images,
               std::span<const at::Tensor> crops,
               const ScoringOptions& options)
      : job_(job),
        prepared_(prepared),
        options_(options),
        crops_(crops),
        shape_(shape_of(images)),
        device_(images.device()),
        images_(flattened(images)),
        union_(at::zeros({images.size(0) * prepared.rows * prepared.columns}, on(at::kBool))),
        not_finite_(at::zeros({images.size(0)}, on(at::kLong))),
        out_(empty_components(prepared, options)) {}

  std::vector<ImageComponents> score() {
    for (std::size_t batch = 0; batch < crops_.size(); ++batch) score_crops(batch);
    for (std::size_t image = 0; image < out_.size(); ++image) score_outside(image);
    const at::Tensor not_finite = not_finite_.cpu();
    const at::Tensor in_union = options_.keep_union ? union_.cpu() : at::Tensor();
    for (std::size_t image = 0; image < out_.size(); ++image) {
      if (not_finite[static_cast<std::int64_t>(image)].item<std::int64_t>() > 0) {
        mark_not_finite(out_[image]);
      } else if (options_.keep_union) {
        keep_union(in_union, image);
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] at::TensorOptions on(at::ScalarType type) const {
    return at::TensorOptions(device_).dtype(type);
  }

  /// Boxes whose crops are in that batch, as many at once as fit in a chunk.
  void score_crops(std::size_t batch) {
    const at::Tensor flat = flattened(crops_[batch].to(device_));
    std::vector<std::size_t> chunk;
    std::int64_t steps = 0;
    for (std::size_t i = 0; i < prepared_.boxes.size(); ++i) {
      const PreparedBox& box = prepared_.boxes[i];
      if (box.state != BoxState::kMasked) continue;
      if (static_cast<std::size_t>(box.crop_batch) != batch) continue;
      const std::int64_t area = std::int64_t{box.domain.width} * box.domain.height;
      if (!chunk.empty() && steps + area > kChunk) {
        score_boxes(chunk, flat, shape_of(crops_[batch]));
        chunk.clear();
        steps = 0;
      }
      chunk.push_back(i);
      steps += area;
    }
    if (!chunk.empty()) score_boxes(chunk, flat, shape_of(crops_[batch]));
  }

  void score_boxes(const std::vector<std::size_t>& boxes,
                   const at::Tensor& crops,
                   const LogitShape& crop_shape) {
    Steps in_crops(prepared_.scale, crop_shape);
    Steps in_images(prepared_.scale, shape_);
    std::vector<std::int64_t> box_of;    // [T] index in `boxes`
    std::vector<std::int64_t> image_of;  // [T]
    std::vector<std::int64_t> step_of;   // [T] in union_
    std::vector<std::uint8_t> own;       // [T] whether it is in the box itself
    std::vector<std::int64_t> class_of;  // [boxes]
    for (std::size_t b = 0; b < boxes.size(); ++b) {
      const PreparedBox& box = prepared_.boxes[boxes[b]];
      class_of.push_back(box.seg_class);
      const auto image = static_cast<std::size_t>(box.image);
      const Cells& valid = prepared_.valid[image];
      const Cells& d = box.domain;
      for (int y = d.y; y < d.bottom(); ++y) {
        in_crops.add_row(box.crop,
                         box.crop_cells,
                         y - box.window.y,
                         d.x - box.window.x,
                         d.right() - box.window.x);
        in_images.add_row(box.image,
                          prepared_.valid_cells[image],
                          y - valid.y,
                          d.x - valid.x,
                          d.right() - valid.x);
        for (int x = d.x; x < d.right(); ++x) {
          box_of.push_back(static_cast<std::int64_t>(b));
          image_of.push_back(box.image);
          own.push_back(y >= box.own.y && y < box.own.bottom() && x >= box.own.x &&
                        x < box.own.right());
          step_of.push_back((std::int64_t{box.image} * prepared_.rows + y) * prepared_.columns + x);
        }
      }
    }
    const at::Tensor boxes_of_steps = tensor_of(box_of, at::kLong, device_);
    const at::Tensor classes =
        tensor_of(class_of, at::kLong, device_).index_select(0, boxes_of_steps);
    const auto count = static_cast<std::int64_t>(boxes.size());
    const auto per_box = [&](const at::Tensor& which, const at::Tensor& values) {
      return at::zeros({count}, on(at::kLong)).index_add_(0, which, values.to(at::kLong));
    };

    const at::Tensor crop = in_crops.take(crops);
    const aten::Top crop_top = aten::top_of(crop);
    not_finite_.index_add_(
        0, tensor_of(image_of, at::kLong, device_), crop_top.finite.logical_not().to(at::kLong));
    const at::Tensor e = aten::exp_of(aten::below_top(crop, crop_top.logit));
    const at::Tensor mask = e.gather(0, classes.unsqueeze(0))
                                .squeeze(0)
                                .gt(aten::sum_of_classes(e).mul(static_cast<float>(options_.tau)));
    const at::Tensor mask_cells = per_box(boxes_of_steps, mask);
    union_.index_fill_(
        0, tensor_of(step_of, at::kLong, device_).masked_select(mask), at::Scalar(true));

    const at::Tensor instead = mask_cells.eq(0)
                                   .index_select(0, boxes_of_steps)
                                   .logical_and(tensor_of(own, at::kByte, device_).ne(0));
    const at::Tensor summed = mask.logical_or(instead).nonzero().squeeze(1);
    const at::Tensor box = boxes_of_steps.index_select(0, summed);
    const at::Tensor logits = in_images.take(images_).index_select(1, summed);
    const aten::Top top = aten::top_of(logits);
    const aten::Distances distances = aten::distances(logits,
                                                      top.logit,
                                                      of_boxes(prepared_.q, boxes, box),
                                                      of_boxes(prepared_.log_q, boxes, box),
                                                      of_boxes(prepared_.q_log_q, boxes, box),
                                                      options_.jensen_shannon);
    const at::Tensor js = options_.jensen_shannon ? per_box(box, distances.jensen_shannon)
                                                  : at::zeros({count}, on(at::kLong));
    const at::Tensor sums = at::stack({mask_cells,
                                       per_box(box, top.label.ne(classes.index_select(0, summed))),
                                       per_box(box, distances.symmetric),
                                       per_box(box, distances.pixels_from_box),
                                       js})
                                .cpu();
    store(boxes, sums, mask);
  }

  /// [C, T] from [boxes, C] of all boxes; `box`: [T] index in `boxes`.
  [[nodiscard]] at::Tensor of_boxes(const std::vector<float>& table,
                                    const std::vector<std::size_t>& boxes,
                                    const at::Tensor& box) const {
    const at::Tensor all =
        tensor_of(table, at::kFloat, device_).reshape({-1, prepared_.classes}).t();
    const std::vector<std::int64_t> chosen(boxes.begin(), boxes.end());
    return all.index_select(1, tensor_of(chosen, at::kLong, device_)).index_select(1, box);
  }

  void store(const std::vector<std::size_t>& boxes,
             const at::Tensor& sums,
             const at::Tensor& mask) {
    const auto values = sums.accessor<std::int64_t, 2>();
    at::Tensor host_mask;
    std::int64_t first = 0;
    for (std::size_t b = 0; b < boxes.size(); ++b) {
      const PreparedBox& box = prepared_.boxes[boxes[b]];
      const auto& of_image = prepared_.boxes_of[static_cast<std::size_t>(box.image)];
      const auto place = std::ranges::find(of_image, static_cast<int>(boxes[b])) - of_image.begin();
      BoxComponents& out =
          out_[static_cast<std::size_t>(box.image)].boxes[static_cast<std::size_t>(place)];
      const auto at = static_cast<std::int64_t>(b);
      out.mask_cells = static_cast<std::uint32_t>(values[0][at]);
      if (out.mask_cells == 0) out.state = BoxState::kEmptyMask;
      out.mislabelled_cells = static_cast<std::uint32_t>(values[1][at]);
      out.symmetric = values[2][at];
      out.pixels_from_box = values[3][at];
      out.jensen_shannon = values[4][at];
      const Cells& d = box.domain;
      if (!box.near_keypoints.empty()) {
        if (!host_mask.defined()) host_mask = mask.cpu();
        out.keypoints_outside = keypoints_outside(
            box,
            host_mask.narrow(0, first, std::int64_t{d.width} * d.height).view({d.height, d.width}));
      }
      first += std::int64_t{d.width} * d.height;
    }
  }

  /// `mask`: [height, width] of the box's domain.
  static std::uint32_t keypoints_outside(const PreparedBox& box, const at::Tensor& mask) {
    std::uint32_t outside = 0;
    for (const Cells& near : box.near_keypoints) {
      const bool touches = !near.empty() && mask.narrow(0, near.y - box.domain.y, near.height)
                                                .narrow(1, near.x - box.domain.x, near.width)
                                                .any()
                                                .item<bool>();
      outside += touches ? 0 : 1;
    }
    return outside;
  }

  void score_outside(std::size_t image) {
    const Cells& valid = prepared_.valid[image];
    at::Tensor sums = at::zeros({3}, on(at::kLong));
    const int rows = std::max(1, static_cast<int>(kChunk / valid.width));
    for (int y = valid.y; y < valid.bottom(); y += rows) {
      sums.add_(outside_rows(image, y, std::min(y + rows, valid.bottom())));
    }
    const at::Tensor host = sums.cpu();
    out_[image].outside_cells = static_cast<std::uint32_t>(host[0].item<std::int64_t>());
    out_[image].detectable_cells = static_cast<std::uint32_t>(host[1].item<std::int64_t>());
    out_[image].detectable_mass = host[2].item<std::int64_t>();
  }

  /// Cells that count, those with a detectable label, the mass.
  at::Tensor outside_rows(std::size_t image, int from, int to) {
    const Cells& valid = prepared_.valid[image];
    const auto index = static_cast<int>(image);
    Steps steps(prepared_.scale, shape_);
    std::vector<std::int64_t> step_of;
    std::vector<std::uint8_t> ignored;
    for (int y = from; y < to; ++y) {
      steps.add_row(index, prepared_.valid_cells[image], y - valid.y, 0, valid.width);
      for (int x = valid.x; x < valid.right(); ++x) {
        step_of.push_back((std::int64_t{index} * prepared_.rows + y) * prepared_.columns + x);
        ignored.push_back(prepared_.ignored(job_.images[image], y, x) ? 1 : 0);
      }
    }
    const at::Tensor logits = steps.take(images_);
    const aten::Top top = aten::top_of(logits);
    not_finite_[index].add_(top.finite.logical_not().sum());
    const at::Tensor counted = union_.index_select(0, tensor_of(step_of, at::kLong, device_))
                                   .logical_or(tensor_of(ignored, at::kByte, device_).ne(0))
                                   .logical_not();
    const at::Tensor detectable = tensor_of(job_.detectable, at::kByte, device_).ne(0);
    const at::Tensor e = aten::exp_of(aten::below_top(logits, top.logit));
    // A zero more in a sum of positive numbers changes nothing.
    const at::Tensor mass =
        aten::sum_of_classes(at::where(detectable.unsqueeze(1), e, at::zeros_like(e)))
            .div(aten::sum_of_classes(e));
    return at::stack({counted.sum(),
                      detectable.index_select(0, top.label).logical_and(counted).sum(),
                      aten::fixed(mass).mul(counted.to(at::kLong)).sum()});
  }

  void keep_union(const at::Tensor& in_union, std::size_t image) {
    const std::size_t size =
        static_cast<std::size_t>(prepared_.rows) * static_cast<std::size_t>(prepared_.columns);
    const bool* bits = in_union.data_ptr<bool>() + image * size;
    out_[image].union_mask.assign((size + 31) / 32, 0);
    for (std::size_t i = 0; i < size; ++i) {
      if (bits[i]) out_[image].union_mask[i / 32] |= std::uint32_t{1} << (i % 32);
    }
  }

  const ScoringJob& job_;
  const PreparedJob& prepared_;
  const ScoringOptions& options_;
  std::span<const at::Tensor> crops_;
  LogitShape shape_;
  at::Device device_;
  at::Tensor images_;      // [C, images * cells]
  at::Tensor union_;       // [images * steps] bool
  at::Tensor not_finite_;  // [images] how many cells
  std::vector<ImageComponents> out_;
};

}  // namespace

std::vector<ImageComponents> score_with_aten(const ScoringJob& job,
                                             const at::Tensor& images,
                                             std::span<const at::Tensor> crops,
                                             const ScoringOptions& options) {
  const c10::InferenceMode no_gradients;
  std::vector<LogitShape> shapes;
  for (const at::Tensor& crop : crops) shapes.push_back(shape_of(crop));
  const PreparedJob prepared = prepare(job, options, shape_of(images), shapes);
  return TensorScorer(job, prepared, images, crops, options).score();
}

}  // namespace labelloom::select
