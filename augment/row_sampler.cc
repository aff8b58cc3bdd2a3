#include "augment/row_sampler.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "formats/error.h"

namespace labelloom::augment {
namespace {

constexpr double kMargin = 1.0 / 16;  // far more than positions are rounded by

std::uint32_t word_of(Rgb colour) {
  return colour.b | std::uint32_t{colour.g} << 8U | std::uint32_t{colour.r} << 16U;
}

std::uint32_t load_pixel(const std::uint8_t* bgr) {
  return bgr[0] | std::uint32_t{bgr[1]} << 8U | std::uint32_t{bgr[2]} << 16U;
}

void fill(std::span<std::uint32_t> words, std::uint32_t word) {
  fill_words(word, words.size(), words.data());
}

void fill_outside(std::span<std::uint32_t> row, RowSpan span, std::uint32_t value) {
  fill(row.first(static_cast<std::size_t>(span.empty() ? 0 : span.first)), value);
  fill(row.subspan(static_cast<std::size_t>(span.empty() ? 0 : span.last)), value);
}

RowSpan seen_through(std::span<const Window> windows, int row, int width) {
  RowSpan seen{0, width};
  for (const Window& window : windows) seen = intersection(seen, inside(window, row, width));
  return seen;
}

}  // namespace

bool RowSampler::can_do(const Resample& step) {
  if (step.sampling.border != Border::kConstant || averages(step)) return false;
  const Interpolation interpolation = step.sampling.interpolation;
  return interpolation == Interpolation::kNearest || interpolation == Interpolation::kLinear ||
         interpolation == Interpolation::kArea || is_exact_move(step);
}

RowSampler::RowSampler(const cv::Mat& source, const Resample& step)
    : RowSampler(source, cv::Rect({}, source.size()), {source.cols, source.rows}, step) {}

RowSampler::RowSampler(const MaskWindow& source, const Resample& step)
    : RowSampler(source.pixels, source.rect, source.frame, step) {}

RowSampler::RowSampler(const cv::Mat& source,
                       const cv::Rect& rect,
                       Size frame,
                       const Resample& step)
    : source_(&source),
      rect_(rect),
      frame_(frame),
      step_(&step),
      width_(step.out.width),
      fill_(word_of(step.sampling.fill)) {
  if (source.step * static_cast<std::size_t>(source.rows) >
      std::numeric_limits<std::uint32_t>::max()) {
    throw Error(Errc::kLimit, {}, "a picture of more than 4 GB cannot be resampled");
  }
  const bool exact = is_exact_move(step);
  linear_ =
      source.channels() == 3 && !exact && step.sampling.interpolation != Interpolation::kNearest;
  map_ = linear_ ? to_pixel_centres(step.in_from_out) : step.in_from_out * translation(0.5, 0.5);
  moves_rows_ = exact && std::abs(map_.m[0]) > 0.5;
}

RowSampler::Spans RowSampler::spans(int row) const {
  const double right = frame_.width;
  const double bottom = frame_.height;
  const RowSpan shown = seen_through(step_->windows, row, width_);
  const auto within = [&](double left, double top, double r, double b) {
    return intersection(shown, inside(map_, row, width_, left, top, r, b));
  };
  if (moves_rows_) {
    const RowSpan all = within(0, 0, right, bottom);
    return {all, all};
  }
  if (linear_) {
    // Two pixels are read as 8 bytes: the last pair of a row would end outside.
    return {within(-1 - kMargin, -1 - kMargin, right + kMargin, bottom + kMargin),
            within(kMargin, kMargin, right - 2 - kMargin, bottom - 1 - kMargin)};
  }
  return {within(-kMargin, -kMargin, right + kMargin, bottom + kMargin), {}};
}

BlockMap RowSampler::block_map(int row, int column, int count) const {
  const auto& m = map_.m;
  // Counted from the block's middle, positions are small numbers.
  const int middle_column = column + count / 2;
  const double middle = middle_column;
  const double middle_w = m[6] * middle + m[7] * row + m[8];
  const double x = m[0] * column + m[1] * row + m[2];
  const double y = m[3] * column + m[4] * row + m[5];
  const double w = m[6] * column + m[7] * row + m[8];
  const auto whole = [](double value) {
    return std::floor(std::clamp(value, -1e6, 1e6));  // not a number cannot be: spans are finite
  };
  const double left = whole((m[0] * middle + m[1] * row + m[2]) / middle_w);
  const double top = whole((m[3] * middle + m[4] * row + m[5]) / middle_w);
  const double scale = linear_ ? kSubpixels : 1;
  BlockMap map;
  map.x = static_cast<float>((x - left * w) * scale);
  map.x_step = static_cast<float>((m[0] - left * m[6]) * scale);
  map.y = static_cast<float>((y - top * w) * scale);
  map.y_step = static_cast<float>((m[3] - top * m[6]) * scale);
  map.w = static_cast<float>(w);
  map.w_step = static_cast<float>(m[6]);
  map.left = static_cast<std::int32_t>(left);
  map.top = static_cast<std::int32_t>(top);
  map.min_x = -2;
  map.min_y = -2;
  map.max_x = frame_.width;
  map.max_y = frame_.height;
  return map;
}

template <typename Use>
void RowSampler::for_blocks(int row, RowSpan span, Use&& use) {
  for (int column = span.first; column < span.last; column += static_cast<int>(kBlock)) {
    const int count = std::min(static_cast<int>(kBlock), span.last - column);
    use(block_map(row, column, count), column, static_cast<std::size_t>(count));
  }
}

void RowSampler::copy(int row, RowSpan span, std::uint32_t* words) {
  if (span.empty()) return;
  const auto& m = map_.m;
  const auto place = [](double value) { return static_cast<int>(std::floor(value)); };
  const std::uint8_t* line = source_->ptr<std::uint8_t>(place(m[4] * row + m[5]));
  const int at_first = place(m[0] * span.first + m[2]);
  const int at_last = place(m[0] * (span.last - 1) + m[2]);
  words_from_bgr(line + std::ptrdiff_t{3} * std::min(at_first, at_last),
                 static_cast<std::size_t>(span.last - span.first),
                 words + span.first);
  if (m[0] < 0) std::reverse(words + span.first, words + span.last);
}

void RowSampler::take_nearest(int row, RowSpan span, std::uint32_t* words) {
  const auto width = static_cast<std::uint32_t>(source_->cols);
  const auto height = static_cast<std::uint32_t>(source_->rows);
  for_blocks(row, span, [&](const BlockMap& map, int column, std::size_t count) {
    locate_nearest(map, count, block_);
    for (std::size_t i = 0; i < count; ++i) {
      const auto x = static_cast<std::uint32_t>(block_.x[i]);
      const auto y = static_cast<std::uint32_t>(block_.y[i]);
      const bool outside = x >= width || y >= height;
      words[static_cast<std::size_t>(column) + i] =
          outside ? fill_ : load_pixel(source_->data + y * source_->step + std::size_t{x} * 3);
    }
  });
}

void RowSampler::mix_inner(int row, RowSpan span, std::uint32_t* words) {
  const std::size_t pitch = source_->step;
  // Two rows of the output farther.
  const auto farther = [](double step) { return std::lround(2 * std::clamp(step, -8.0, 8.0)); };
  const std::ptrdiff_t ahead =
      static_cast<std::ptrdiff_t>(pitch) * (1 + farther(map_.m[4])) + 3 * farther(map_.m[1]);
  for_blocks(row, span, [&](BlockMap map, int column, std::size_t count) {
    map.min_x = 0;
    map.min_y = 0;
    map.max_x = source_->cols - 3;
    map.max_y = source_->rows - 2;
    locate_linear(map, count, static_cast<std::uint32_t>(pitch), block_);
    fetch(source_->data, pitch, ahead, count, block_);
    blend(block_, count, words + column);
  });
}

void RowSampler::mix_at_edge(int row, RowSpan span, std::uint32_t* words) {
  const auto pixel = [&](int x, int y) -> std::uint64_t {
    const bool outside = x < 0 || y < 0 || x >= source_->cols || y >= source_->rows;
    return outside ? fill_ : load_pixel(source_->ptr<std::uint8_t>(y) + std::ptrdiff_t{3} * x);
  };
  for_blocks(row, span, [&](const BlockMap& map, int column, std::size_t count) {
    locate_linear(map, count, block_);
    for (std::size_t i = 0; i < count; ++i) {
      const int x = block_.x[i];
      const int y = block_.y[i];
      block_.upper[i] = pixel(x, y) | pixel(x + 1, y) << 24U;
      block_.lower[i] = pixel(x, y + 1) | pixel(x + 1, y + 1) << 24U;
    }
    blend(block_, count, words + column);
  });
}

void RowSampler::sample(int row, const Spans& spans, std::uint32_t* words) {
  const auto& [seen, inner] = spans;
  if (moves_rows_) {
    copy(row, seen, words);
  } else if (!linear_) {
    take_nearest(row, seen, words);
  } else if (inner.empty()) {
    mix_at_edge(row, seen, words);
  } else {
    mix_at_edge(row, {seen.first, inner.first}, words);
    mix_inner(row, inner, words);
    mix_at_edge(row, {inner.last, seen.last}, words);
  }
}

void RowSampler::rows(int first_row, std::span<std::uint32_t> words) {
  const auto width = static_cast<std::size_t>(width_);
  const int count = static_cast<int>(words.size() / width);
  const auto line = [&](int k) {
    return words.subspan(static_cast<std::size_t>(k) * width, width);
  };
  spans_.clear();
  for (int k = 0; k < count; ++k) spans_.push_back(spans(first_row + k));
  constexpr int kTileWidth = kBlock;
  for (int column = 0; column < width_; column += kTileWidth) {
    const RowSpan tile{column, std::min(column + kTileWidth, width_)};
    for (int k = 0; k < count; ++k) {
      const auto& [seen, inner] = spans_[static_cast<std::size_t>(k)];
      sample(first_row + k, {intersection(seen, tile), intersection(inner, tile)}, line(k).data());
    }
  }
  for (int k = 0; k < count; ++k) {
    fill_outside(line(k), spans_[static_cast<std::size_t>(k)].seen, fill_);
    for (const Window& window : step_->windows) {
      fill_outside(line(k), inside(window, first_row + k, width_), word_of(window.fill));
    }
  }
}

RowSpan RowSampler::mask_span(int row) const {
  const RowSpan near = inside(map_,
                              row,
                              width_,
                              rect_.x - kMargin,
                              rect_.y - kMargin,
                              rect_.x + rect_.width + kMargin,
                              rect_.y + rect_.height + kMargin);
  return intersection(spans(row).seen, near);
}

void RowSampler::mask_row(int row, RowSpan columns, std::span<std::uint8_t> levels) {
  const RowSpan seen = spans(row).seen;
  const auto width = static_cast<std::uint32_t>(rect_.width);
  const auto height = static_cast<std::uint32_t>(rect_.height);
  std::ranges::fill(levels, std::uint8_t{0});
  // Blocks begin where they would for the whole frame: positions are rounded alike.
  const int blocks_before = std::max(0, columns.first - seen.first) / static_cast<int>(kBlock);
  const int first = seen.first + blocks_before * static_cast<int>(kBlock);
  for_blocks(row, {first, seen.last}, [&](const BlockMap& map, int column, std::size_t count) {
    if (column >= columns.last) return;
    locate_nearest(map, count, block_);
    for (std::size_t i = 0; i < count; ++i) {
      const int at = column + static_cast<int>(i) - columns.first;
      if (at < 0 || at >= columns.last - columns.first) continue;
      const auto x = static_cast<std::uint32_t>(block_.x[i] - rect_.x);
      const auto y = static_cast<std::uint32_t>(block_.y[i] - rect_.y);
      if (x < width && y < height)
        levels[static_cast<std::size_t>(at)] = source_->data[y * source_->step + x];
    }
  });
}

}  // namespace labelloom::augment
