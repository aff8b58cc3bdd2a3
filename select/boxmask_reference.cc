#include "select/boxmask_reference.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "select/boxmask_job.h"

namespace labelloom::select {
namespace {

using Distribution = std::vector<double>;

Distribution softmax(Distribution logits) {
  const double top = std::ranges::max(logits);
  double sum = 0;
  for (double& value : logits) sum += value = std::exp(value - top);
  for (double& value : logits) value /= sum;
  return logits;
}

double kullback_leibler(const Distribution& p, const Distribution& q) {
  double sum = 0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    if (p[k] > 0) sum += p[k] * std::log(p[k] / q[k]);
  }
  return sum;
}

double jensen_shannon(const Distribution& p, const Distribution& q) {
  Distribution middle(p.size());
  for (std::size_t k = 0; k < p.size(); ++k) middle[k] = (p[k] + q[k]) / 2;
  return (kullback_leibler(p, middle) + kullback_leibler(q, middle)) / 2 / std::log(2.0);
}

std::size_t label_of(const Distribution& p) {
  return static_cast<std::size_t>(std::ranges::max_element(p) - p.begin());
}

/// Logits of a picture or crop at any step of the image's grid.
class Logits {
 public:
  Logits(const LogitBatch& batch, int index, const Cells& cells, const Cells& place)
      : batch_(batch), index_(index), cells_(cells), place_(place) {}

  /// Softmax of the bilinearly interpolated logits at the step's centre.
  [[nodiscard]] Distribution at(int row, int column) const {
    const double scale = static_cast<double>(place_.width) / cells_.width;
    const double x = std::clamp((column - place_.x + 0.5) / scale - 0.5, 0.0, cells_.width - 1.0);
    const double y = std::clamp((row - place_.y + 0.5) / scale - 0.5, 0.0, cells_.height - 1.0);
    const int left = std::min(static_cast<int>(x), cells_.width - 1);
    const int top = std::min(static_cast<int>(y), cells_.height - 1);
    const int right = std::min(left + 1, cells_.width - 1);
    const int bottom = std::min(top + 1, cells_.height - 1);
    Distribution values;
    for (int k = 0; k < batch_.classes; ++k) {
      const double above = std::lerp(logit(k, top, left), logit(k, top, right), x - left);
      const double below = std::lerp(logit(k, bottom, left), logit(k, bottom, right), x - left);
      values.push_back(std::lerp(above, below, y - top));
    }
    return softmax(values);
  }

 private:
  [[nodiscard]] double logit(int k, int row, int column) const {
    return static_cast<double>(batch_.data[index_ * batch_.image_stride + k * batch_.class_stride +
                                           (cells_.y + row) * batch_.row_stride +
                                           (cells_.x + column) * batch_.column_stride]);
  }

  const LogitBatch& batch_;
  int index_;
  Cells cells_;
  Cells place_;
};

struct Step {
  int row = 0;
  int column = 0;
};

std::vector<Step> steps_in(const Cells& cells) {
  std::vector<Step> steps;
  for (int row = cells.y; row < cells.bottom(); ++row) {
    for (int column = cells.x; column < cells.right(); ++column) steps.push_back({row, column});
  }
  return steps;
}

bool holds(const Cells& cells, const Step& step) {
  return step.row >= cells.y && step.row < cells.bottom() && step.column >= cells.x &&
         step.column < cells.right();
}

ReferenceBox score_box(const PreparedBox& box,
                       const Distribution& q,
                       const Logits& image,
                       const Logits& crop,
                       double tau,
                       std::vector<bool>& in_mask,
                       int columns) {
  const auto c = static_cast<std::size_t>(box.seg_class);
  const std::vector<Step> domain = steps_in(box.domain);
  std::vector<Step> mask;
  std::ranges::copy_if(domain, std::back_inserter(mask), [&](const Step& step) {
    return crop.at(step.row, step.column)[c] > tau;
  });
  for (const Step& step : mask) {
    in_mask[static_cast<std::size_t>(step.row) * static_cast<std::size_t>(columns) +
            static_cast<std::size_t>(step.column)] = true;
  }
  ReferenceBox out;
  out.mask_cells = mask.size();
  out.empty_mask = mask.empty();
  for (const Cells& near : box.near_keypoints) {
    out.keypoints_outside +=
        std::ranges::none_of(mask, [&](const Step& step) { return holds(near, step); }) ? 1 : 0;
  }
  const std::vector<Step>& steps = mask.empty() ? steps_in(box.own) : mask;
  const auto count = static_cast<double>(steps.size());
  for (const Step& step : steps) {
    const Distribution p = image.at(step.row, step.column);
    out.location += (label_of(p) != c ? 1 : 0) / count;
    out.classes += (kullback_leibler(p, q) + kullback_leibler(q, p)) / 2 / count;
    out.pixels_from_box += kullback_leibler(p, q) / count;
    out.jensen_shannon += jensen_shannon(p, q) / count;
  }
  return out;
}

void score_outside(const Logits& image,
                   const ScoringJob& job,
                   const PreparedJob& prepared,
                   std::size_t index,
                   const std::vector<bool>& in_mask,
                   ReferenceImage& out) {
  for (const Step& step : steps_in(prepared.valid[index])) {
    const std::size_t at =
        static_cast<std::size_t>(step.row) * static_cast<std::size_t>(prepared.columns) +
        static_cast<std::size_t>(step.column);
    if (in_mask[at] || prepared.ignored(job.images[index], step.row, step.column)) continue;
    ++out.outside_cells;
    const Distribution p = image.at(step.row, step.column);
    out.indicator += job.detectable[label_of(p)] != 0 ? 1 : 0;
    for (std::size_t k = 0; k < p.size(); ++k) out.probability += job.detectable[k] != 0 ? p[k] : 0;
  }
  if (out.outside_cells == 0) return;
  out.indicator /= static_cast<double>(out.outside_cells);
  out.probability /= static_cast<double>(out.outside_cells);
}

}  // namespace

std::vector<ReferenceImage> score_plainly(const ScoringJob& job,
                                          const LogitBatch& images,
                                          std::span<const LogitBatch> crops,
                                          const ScoringOptions& options) {
  std::vector<LogitShape> shapes;
  for (const LogitBatch& crop : crops) shapes.push_back(shape_of(crop));
  const PreparedJob prepared = prepare(job, options, shape_of(images), shapes);
  std::vector<ReferenceImage> out(job.images.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Logits image(images, static_cast<int>(i), prepared.valid_cells[i], prepared.valid[i]);
    std::vector<bool> in_mask(static_cast<std::size_t>(prepared.rows) *
                              static_cast<std::size_t>(prepared.columns));
    double greatest = 0;
    for (const int index : prepared.boxes_of[i]) {
      const PreparedBox& box = prepared.boxes[static_cast<std::size_t>(index)];
      ReferenceBox& terms = out[i].boxes.emplace_back();
      if (box.state != BoxState::kMasked) continue;
      const auto& target = job.boxes[static_cast<std::size_t>(index)].target;
      const Logits crop(
          crops[static_cast<std::size_t>(box.crop_batch)], box.crop, box.crop_cells, box.window);
      terms = score_box(
          box, {target.begin(), target.end()}, image, crop, options.tau, in_mask, prepared.columns);
      greatest = std::max(greatest, terms.location + terms.classes);
    }
    score_outside(image, job, prepared, i, in_mask, out[i]);
    out[i].score = out[i].indicator + greatest;
  }
  return out;
}

}  // namespace labelloom::select
