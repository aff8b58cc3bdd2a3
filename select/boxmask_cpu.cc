#include "select/boxmask_cpu.h"

#include <algorithm>
#include <bit>

#include <tbb/parallel_for.h>

#include "select/boxmask_job.h"
#include "select/boxmask_math.h"
#include "select/logit_rows.h"

namespace labelloom::select {
namespace {

/// A bit a step of the image's grid, rows begin at words.
class BitGrid {
 public:
  BitGrid(int rows, int columns)
      : pitch_(static_cast<std::size_t>(columns) / 64 + 2),
        words_(pitch_ * static_cast<std::size_t>(rows), 0) {}

  /// Sets what is set of `count` bits at `from` of the row.
  void set(int row, int from, int count, const std::uint64_t* bits) {
    std::uint64_t* to = this->row(row) + from / 64;
    const int shift = from % 64;
    for (int i = 0; i * 64 < count; ++i) {
      to[i] |= bits[i] << shift;
      if (shift > 0) to[i + 1] |= bits[i] >> (64 - shift);
    }
  }
  /// `count` bits from `from` on.
  void get(int row, int from, int count, std::uint64_t* bits) {
    const std::uint64_t* source = this->row(row) + from / 64;
    const int shift = from % 64;
    for (int i = 0; i * 64 < count; ++i) {
      bits[i] = source[i] >> shift;
      if (shift > 0) bits[i] |= source[i + 1] << (64 - shift);
    }
  }
  [[nodiscard]] bool at(int row, int column) const {
    const std::uint64_t word =
        words_[static_cast<std::size_t>(row) * pitch_ + static_cast<std::size_t>(column) / 64];
    return (word >> (column % 64) & 1U) != 0;
  }

 private:
  std::uint64_t* row(int row) { return words_.data() + static_cast<std::size_t>(row) * pitch_; }

  std::size_t pitch_;
  std::vector<std::uint64_t> words_;
};

std::uint32_t count_bits(const std::vector<std::uint64_t>& bits) {
  std::uint32_t count = 0;
  for (const std::uint64_t word : bits) count += static_cast<std::uint32_t>(std::popcount(word));
  return count;
}

/// Ones for the first `count` bits.
void fill_bits(std::vector<std::uint64_t>& bits, int count) {
  bits.assign(static_cast<std::size_t>(count + 63) / 64, ~std::uint64_t{0});
  if (count % 64 != 0) bits.back() = (std::uint64_t{1} << (count % 64)) - 1;
}

class ImageScorer {
 public:
  ImageScorer(const PreparedJob& prepared,
              const ScoringJob& job,
              const LogitBatch& images,
              std::span<const LogitBatch> crops,
              const ScoringOptions& options,
              int image)
      : prepared_(prepared),
        job_(job),
        crops_(crops),
        options_(options),
        image_(image),
        valid_(prepared.valid[static_cast<std::size_t>(image)]),
        rows_(images,
              image,
              prepared.valid_cells[static_cast<std::size_t>(image)],
              valid_.x,
              valid_.y,
              prepared.scale),
        union_(prepared.rows, prepared.columns),
        label_(static_cast<std::size_t>(prepared.classes), 0),
        room_(kernel_room(prepared.classes)) {}

  void score(ImageComponents& out) {
    const auto& boxes = prepared_.boxes_of[static_cast<std::size_t>(image_)];
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const auto box = static_cast<std::size_t>(boxes[i]);
      if (prepared_.boxes[box].state == BoxState::kMasked) score_box(box, out.boxes[i]);
    }
    score_outside(out);
    if (!finite_) {
      mark_not_finite(out);
    } else if (options_.keep_union) {
      keep_union(out);
    }
  }

 private:
  void score_box(std::size_t index, BoxComponents& out) {
    const PreparedBox& box = prepared_.boxes[index];
    LogitRows crop(crops_[static_cast<std::size_t>(box.crop_batch)],
                   box.crop,
                   box.crop_cells,
                   box.window.x,
                   box.window.y,
                   prepared_.scale);
    const Cells& domain = box.domain;
    DistanceSums sums;
    box_mask_.assign(static_cast<std::size_t>(domain.height), {});
    for (int y = domain.y; y < domain.bottom(); ++y) {
      auto& bits = box_mask_[static_cast<std::size_t>(y - domain.y)];
      bits.assign(static_cast<std::size_t>(domain.width + 63) / 64, 0);
      const LogitRow row = crop.row(y, domain.x, domain.width);
      const auto tau = static_cast<float>(options_.tau);
      finite_ = mask_row(row, box.seg_class, tau, room_.data(), bits.data()) && finite_;
      const std::uint32_t cells = count_bits(bits);
      if (cells == 0) continue;
      out.mask_cells += cells;
      union_.set(y, domain.x, domain.width, bits.data());
      add_row(index, y, domain, bits, sums);
    }
    if (out.mask_cells == 0) {
      out.state = BoxState::kEmptyMask;
      std::vector<std::uint64_t> all;
      fill_bits(all, box.own.width);
      for (int y = box.own.y; y < box.own.bottom(); ++y) add_row(index, y, box.own, all, sums);
    }
    out.mislabelled_cells = out.summed_cells() - sums.labelled;
    out.symmetric = sums.symmetric;
    out.pixels_from_box = sums.pixels_from_box;
    out.jensen_shannon = sums.jensen_shannon;
    out.keypoints_outside = static_cast<std::uint32_t>(std::ranges::count_if(
        box.near_keypoints, [&](const Cells& cells) { return !touches_mask(cells, domain); }));
  }

  /// Adds what is set of `bits`, of the cells' width, in a row of `cells`.
  void add_row(std::size_t index,
               int y,
               const Cells& cells,
               const std::vector<std::uint64_t>& bits,
               DistanceSums& sums) {
    const PreparedBox& box = prepared_.boxes[index];
    const std::size_t first = index * static_cast<std::size_t>(prepared_.classes);
    const auto seg_class = static_cast<std::size_t>(box.seg_class);
    label_[seg_class] = 1;
    const RowTarget target{.q = &prepared_.q[first],
                           .log_q = &prepared_.log_q[first],
                           .q_log_q = &prepared_.q_log_q[first],
                           .label = label_.data()};
    add_distances(rows_.row(y, cells.x, cells.width),
                  target,
                  bits.data(),
                  options_.jensen_shannon,
                  room_.data(),
                  sums);
    label_[seg_class] = 0;
  }

  [[nodiscard]] bool touches_mask(const Cells& cells, const Cells& domain) const {
    for (int y = cells.y; y < cells.bottom(); ++y) {
      const auto& bits = box_mask_[static_cast<std::size_t>(y - domain.y)];
      for (int x = cells.x; x < cells.right(); ++x) {
        const auto at = static_cast<unsigned>(x - domain.x);
        if ((bits[at / 64] >> (at % 64) & 1U) != 0) return true;
      }
    }
    return false;
  }

  void score_outside(ImageComponents& out) {
    std::vector<float> detectable(job_.detectable.size());
    std::ranges::transform(
        job_.detectable, detectable.begin(), [](auto v) { return v == 0 ? 0.0F : 1.0F; });
    const ImageJob& image = job_.images[static_cast<std::size_t>(image_)];
    OutsideSums sums;
    std::vector<std::uint64_t> counted;
    std::vector<std::uint64_t> masked(static_cast<std::size_t>(valid_.width + 63) / 64);
    for (int y = valid_.y; y < valid_.bottom(); ++y) {
      fill_bits(counted, valid_.width);
      union_.get(y, valid_.x, valid_.width, masked.data());
      for (std::size_t i = 0; i < counted.size(); ++i) counted[i] &= ~masked[i];
      if (!image.ignored.empty()) {
        for (int x = 0; x < valid_.width; ++x) {
          if (!prepared_.ignored(image, y, valid_.x + x)) continue;
          counted[static_cast<std::size_t>(x) / 64] &= ~(std::uint64_t{1} << (x % 64));
        }
      }
      out.outside_cells += count_bits(counted);
      add_outside(rows_.row(y, valid_.x, valid_.width),
                  detectable.data(),
                  counted.data(),
                  room_.data(),
                  sums);
    }
    out.detectable_cells = sums.detectable_cells;
    out.detectable_mass = sums.detectable_mass;
    finite_ = finite_ && sums.finite;
  }

  void keep_union(ImageComponents& out) const {
    const auto columns = static_cast<std::size_t>(prepared_.columns);
    out.union_mask.assign((static_cast<std::size_t>(prepared_.rows) * columns + 31) / 32, 0);
    for (int y = 0; y < prepared_.rows; ++y) {
      for (int x = 0; x < prepared_.columns; ++x) {
        if (!union_.at(y, x)) continue;
        const std::size_t at = static_cast<std::size_t>(y) * columns + static_cast<std::size_t>(x);
        out.union_mask[at / 32] |= std::uint32_t{1} << (at % 32);
      }
    }
  }

  const PreparedJob& prepared_;
  const ScoringJob& job_;
  std::span<const LogitBatch> crops_;
  const ScoringOptions& options_;
  int image_;
  Cells valid_;
  LogitRows rows_;
  BitGrid union_;
  std::vector<float> label_;  // [classes] 1 at the box's class
  std::vector<float> room_;
  std::vector<std::vector<std::uint64_t>> box_mask_;  // [rows of the domain]
  bool finite_ = true;
};

}  // namespace

std::vector<ImageComponents> score_on_cpu(const ScoringJob& job,
                                          const LogitBatch& images,
                                          std::span<const LogitBatch> crops,
                                          const ScoringOptions& options) {
  std::vector<LogitShape> shapes;
  for (const LogitBatch& crop : crops) shapes.push_back(shape_of(crop));
  const PreparedJob prepared = prepare(job, options, shape_of(images), shapes);
  std::vector<ImageComponents> out = empty_components(prepared, options);
  tbb::parallel_for(0, images.count, [&](int image) {
    ImageScorer(prepared, job, images, crops, options, image)
        .score(out[static_cast<std::size_t>(image)]);
  });
  return out;
}

}  // namespace labelloom::select
