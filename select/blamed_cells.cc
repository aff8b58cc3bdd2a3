#include "select/blamed_cells.h"

#include <algorithm>
#include <cstdint>

#include "select/boxmask_math.h"
#include "select/cell_statistics.h"

namespace labelloom::select {
namespace {

/// The valid cells of a picture as a grid of their own.
class ValidCells {
 public:
  explicit ValidCells(const Cells& valid) : valid_(valid) {}
  [[nodiscard]] std::size_t cells() const {
    return static_cast<std::size_t>(valid_.width) * static_cast<std::size_t>(valid_.height);
  }
  [[nodiscard]] std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row - valid_.y) * static_cast<std::size_t>(valid_.width) +
           static_cast<std::size_t>(column - valid_.x);
  }

 private:
  Cells valid_;
};

struct Divergent {
  std::size_t cell = 0;
  float divergence = 0;
};

/// As few cells as make half of the sum; of equals the first.
std::vector<std::uint8_t> greatest_half(std::vector<Divergent> cells, std::size_t count) {
  std::ranges::sort(cells, [](const Divergent& a, const Divergent& b) {
    return a.divergence != b.divergence ? a.divergence > b.divergence : a.cell < b.cell;
  });
  double sum = 0;
  for (const Divergent& cell : cells) sum += static_cast<double>(cell.divergence);
  std::vector<std::uint8_t> taken(count, 0);
  double reached = 0;
  for (const Divergent& cell : cells) {
    if (!(cell.divergence > 0) || reached >= sum / 2) break;
    taken[cell.cell] = 1;
    reached += static_cast<double>(cell.divergence);
  }
  return taken;
}

/// Finds the cells of one box.
class BoxCells {
 public:
  BoxCells(const PreparedJob& job,
           std::size_t index,
           const LogitBatch& images,
           std::span<const LogitBatch> crops,
           const ValidCells& grid)
      : box_(job.boxes[index]),
        crop_{&crops[static_cast<std::size_t>(box_.crop_batch)], box_.crop, {}},
        picture_{&images, box_.image, {}},
        grid_(grid) {
    const std::size_t first = index * static_cast<std::size_t>(job.classes);
    q_ = job.q.data() + first;
    log_q_ = job.log_q.data() + first;
    q_log_q_ = job.q_log_q.data() + first;
    classes_ = job.classes;
  }

  [[nodiscard]] std::vector<std::uint8_t> mask(float tau) const {
    std::vector<std::uint8_t> taken(grid_.cells(), 0);
    for_each_cell(box_.domain, [&](int row, int column) {
      const auto logit = [&](int k) {
        return crop_(k, row - box_.window.y, column - box_.window.x);
      };
      const float top = math::top_of(logit, classes_).logit;
      taken[grid_.index(row, column)] = math::above(logit, classes_, top, box_.seg_class, tau);
    });
    return taken;
  }

  /// `summed`: which cells count; if none is set, the whole box does.
  [[nodiscard]] BlamedBox blamed(const std::vector<std::uint8_t>& mask,
                                 const std::vector<int>& labels) const {
    const bool empty = std::ranges::find(mask, std::uint8_t{1}) == mask.end();
    std::vector<std::uint8_t> mislabelled(grid_.cells(), 0);
    std::vector<Divergent> divergences;
    for_each_cell(empty ? box_.own : box_.domain, [&](int row, int column) {
      const std::size_t cell = grid_.index(row, column);
      if (!empty && mask[cell] == 0) return;
      mislabelled[cell] = labels[cell] != box_.seg_class;
      const auto logit = [&](int k) { return picture_(k, row, column); };
      const float top = math::top_of(logit, classes_).logit;
      divergences.push_back(
          {cell, math::distances(logit, classes_, top, q_, log_q_, q_log_q_, false).symmetric});
    });
    return {cell_runs(mask),
            cell_runs(mislabelled),
            cell_runs(greatest_half(std::move(divergences), grid_.cells()))};
  }

 private:
  template <typename Visit>
  static void for_each_cell(const Cells& cells, const Visit& visit) {
    for (int row = cells.y; row < cells.bottom(); ++row) {
      for (int column = cells.x; column < cells.right(); ++column) visit(row, column);
    }
  }

  const PreparedBox& box_;
  PictureLogits crop_;
  PictureLogits picture_;
  const ValidCells& grid_;
  const float* q_;
  const float* log_q_;
  const float* q_log_q_;
  int classes_;
};

}  // namespace

BlamedCells::BlamedCells(const ScoringJob& job,
                         const LogitBatch& images,
                         std::span<const LogitBatch> crops,
                         const ScoringOptions& options)
    : job_(job), images_(images), crops_(crops), tau_(static_cast<float>(options.tau)) {
  ScoringOptions on_cells = options;
  on_cells.grid = Grid::kLogits;
  std::vector<LogitShape> shapes;
  for (const LogitBatch& crop : crops) shapes.push_back(shape_of(crop));
  prepared_ = prepare(job, on_cells, shape_of(images), shapes);
}

BlamedPicture BlamedCells::of_picture(std::size_t picture, const std::vector<int>& labels) const {
  const ValidCells grid(prepared_.valid.at(picture));
  std::vector<std::uint8_t> covered(grid.cells(), 0);
  BlamedPicture result;
  for (const int index : prepared_.boxes_of[picture]) {
    const auto number = static_cast<std::size_t>(index);
    BlamedBox& box = result.boxes.emplace_back();
    if (prepared_.boxes[number].state != BoxState::kMasked) continue;
    const BoxCells cells(prepared_, number, images_, crops_, grid);
    const std::vector<std::uint8_t> mask = cells.mask(tau_);
    box = cells.blamed(mask, labels);
    for (std::size_t i = 0; i < mask.size(); ++i) covered[i] |= mask[i];
  }
  for (std::size_t i = 0; i < covered.size(); ++i) {
    const bool detectable = job_.detectable[static_cast<std::size_t>(labels[i])] != 0;
    covered[i] = covered[i] == 0 && detectable;
  }
  result.detectable_outside = cell_runs(covered);
  return result;
}

}  // namespace labelloom::select
