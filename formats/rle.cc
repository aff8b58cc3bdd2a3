#include "formats/rle.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace labelloom {

namespace {

std::uint64_t pixels(Size size) {
  return static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height);
}

void require_same_size(const Rle& a, const Rle& b) {
  if (a.size == b.size) return;
  throw Error(Errc::kArgument,
              {},
              fmt::format("masks differ in size: {} x {} and {} x {}",
                          a.size.width,
                          a.size.height,
                          b.size.width,
                          b.size.height));
}

void require_sum(std::uint64_t sum, Size size) {
  if (sum == pixels(size)) return;
  throw Error(Errc::kInvalidData,
              {},
              fmt::format("mask runs sum to {}, expected {} x {} = {}",
                          sum,
                          size.width,
                          size.height,
                          pixels(size)));
}

/// Walks over runs; empty ones, which foreign files may hold anywhere, are passed over.
class RunReader {
 public:
  explicit RunReader(const Rle& rle) : counts_(rle.counts) { load(); }
  [[nodiscard]] bool done() const { return index_ == counts_.size(); }
  [[nodiscard]] bool value() const { return (index_ & 1U) != 0; }
  [[nodiscard]] std::uint32_t length() const { return length_; }
  void skip(std::uint32_t length) {
    length_ -= length;
    if (length_ > 0) return;
    ++index_;
    load();
  }

 private:
  void load() {
    while (index_ < counts_.size() && counts_[index_] == 0) ++index_;
    length_ = index_ < counts_.size() ? counts_[index_] : 0;
  }

  std::span<const std::uint32_t> counts_;
  std::size_t index_ = 0;
  std::uint32_t length_ = 0;
};

/// Calls `visit(length, value of a, value of b)` for the pieces on which neither mask changes.
template <typename Visit>
void walk_together(const Rle& a, const Rle& b, Visit visit) {
  require_same_size(a, b);
  RunReader left(a);
  RunReader right(b);
  while (!left.done() && !right.done()) {
    const std::uint32_t length = std::min(left.length(), right.length());
    visit(length, left.value(), right.value());
    left.skip(length);
    right.skip(length);
  }
}

template <typename Operation>
Rle combine(const Rle& a, const Rle& b, Operation operation) {
  Rle out{.size = a.size, .counts = {0}};
  out.counts.reserve(std::max(a.counts.size(), b.counts.size()) + 1);
  bool value = false;
  walk_together(a, b, [&](std::uint32_t length, bool in_a, bool in_b) {
    if (operation(in_a, in_b) == value) {
      out.counts.back() += length;
    } else {
      out.counts.push_back(length);
      value = !value;
    }
  });
  return out;
}

/// Columns [left, right) by rows [top, bottom).
struct Block {
  std::uint64_t left = 0;
  std::uint64_t right = 0;
  std::uint64_t top = 0;
  std::uint64_t bottom = 0;
};

/// Calls `visit(Block)` for the blocks that make up a run: up to three (a part of its first column,
/// whole columns, a part of its last). It begins at row `top` of `column` and ends before row
/// `bottom` of `last_column`.
template <typename Visit>
void visit_run(std::uint64_t column,
               std::uint64_t top,
               std::uint64_t last_column,
               std::uint64_t bottom,
               std::uint64_t height,
               Visit visit) {
  if (column == last_column) {
    visit(Block{column, column + 1, top, bottom});
    return;
  }
  if (top > 0) visit(Block{column, column + 1, top, height});
  const std::uint64_t first_whole = column + (top > 0 ? 1 : 0);
  if (first_whole < last_column) visit(Block{first_whole, last_column, 0, height});
  if (bottom > 0) visit(Block{last_column, last_column + 1, 0, bottom});
}

/// Calls `visit(Block)` for blocks that make up the pixels of the given value.
template <typename Visit>
void visit_blocks(const Rle& rle, bool value, Visit visit) {
  const auto height = static_cast<std::uint64_t>(rle.size.height);
  std::uint64_t column = 0;  // where the run begins
  std::uint64_t top = 0;
  for (std::size_t i = 0; i < rle.counts.size(); ++i) {
    if (rle.counts[i] == 0) continue;
    // Where it ends. Most runs end in their column or the next one, and need no division.
    std::uint64_t last_column = column;
    std::uint64_t bottom = top + rle.counts[i];
    if (bottom >= height) {
      const std::uint64_t columns = bottom < 2 * height ? 1 : bottom / height;
      last_column += columns;
      bottom -= columns * height;
    }
    if (((i & 1U) != 0) == value) visit_run(column, top, last_column, bottom, height, visit);
    column = last_column;
    top = bottom;
  }
}

/// Reads the numbers of COCO's compressed text.
class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_(text) {}
  [[nodiscard]] bool done() const { return next_ == text_.size(); }
  [[nodiscard]] std::size_t position() const { return next_; }

  /// Five bits a character, low ones first, bit 5 says that more follow; signed.
  std::int64_t read() {
    std::int64_t number = 0;
    int shift = 0;
    unsigned bits = 0;
    do {
      if (done()) fail("the text ends inside a number");
      // Differences of 32-bit runs need 33 bits and the sign: seven characters.
      if (shift == 7 * 5) fail("a number has more than 7 characters");
      const char c = text_[next_];
      if (c < '0' || c > 'o') {
        fail(fmt::format("character {} is not one of '0' to 'o'", quoted(text_.substr(next_, 1))));
      }
      bits = static_cast<unsigned>(c - '0');
      number |= static_cast<std::int64_t>(bits & 31U) << shift;
      shift += 5;
      ++next_;
    } while ((bits & 32U) != 0);
    if ((bits & 16U) != 0) number -= std::int64_t{1} << shift;
    return number;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(
        Errc::kParse, {}, fmt::format("compressed mask, character {}: {}", next_ + 1, what));
  }

 private:
  std::string_view text_;
  std::size_t next_ = 0;
};

}  // namespace

void validate_mask_size(Size size, Errc code) {
  const auto fits = [](int side) { return side >= 1 && side <= kMaxMaskSide; };
  if (!fits(size.width) || !fits(size.height)) {
    throw Error(code,
                {},
                fmt::format("mask size {} x {} (width x height) is outside 1 to {}",
                            size.width,
                            size.height,
                            kMaxMaskSide));
  }
  if (pixels(size) > static_cast<std::uint64_t>(kMaxMaskPixels)) {
    throw Error(
        code,
        {},
        fmt::format(
            "mask of {} x {} has more than {} pixels", size.width, size.height, kMaxMaskPixels));
  }
}

void validate(const Rle& rle) {
  validate_mask_size(rle.size, Errc::kInvalidData);
  std::uint64_t sum = 0;
  for (const std::uint32_t count : rle.counts) sum += count;
  require_sum(sum, rle.size);
}

std::string compress(const Rle& rle) {
  std::string text;
  text.reserve(rle.counts.size() * 2);
  for (std::size_t i = 0; i < rle.counts.size(); ++i) {
    std::int64_t number = rle.counts[i];
    if (i > 2) number -= rle.counts[i - 2];
    bool more = true;
    while (more) {
      const auto bits = static_cast<unsigned>(number & 31);
      number >>= 5;
      more = number != ((bits & 16U) != 0 ? -1 : 0);
      text += static_cast<char>('0' + (bits | (more ? 32U : 0U)));
    }
  }
  return text;
}

Rle decompress(std::string_view text, Size size) {
  validate_mask_size(size, Errc::kInvalidData);
  Rle rle{.size = size, .counts = {}};
  rle.counts.reserve(text.size() / 2 + 1);
  std::uint64_t sum = 0;
  TextReader reader(text);
  while (!reader.done()) {
    std::int64_t count = reader.read();
    const std::size_t index = rle.counts.size();
    if (index > 2) count += rle.counts[index - 2];
    if (count < 0 || count > kMaxMaskPixels) {
      reader.fail(fmt::format("run {} is {}, expected 0 to {}", index, count, pixels(size)));
    }
    rle.counts.push_back(static_cast<std::uint32_t>(count));
    sum += static_cast<std::uint64_t>(count);
  }
  require_sum(sum, size);
  return rle;
}

std::uint64_t pixel_count(const Rle& rle) {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < rle.counts.size(); i += 2) sum += rle.counts[i];
  return sum;
}

Box extent(const Rle& rle) {
  Block all{std::numeric_limits<std::uint64_t>::max(), 0, all.left, 0};
  visit_blocks(rle, true, [&](const Block& block) {
    all.left = std::min(all.left, block.left);
    all.right = std::max(all.right, block.right);
    all.top = std::min(all.top, block.top);
    all.bottom = std::max(all.bottom, block.bottom);
  });
  if (all.right == 0) return {};
  return {.x = static_cast<double>(all.left),
          .y = static_cast<double>(all.top),
          .width = static_cast<double>(all.right - all.left),
          .height = static_cast<double>(all.bottom - all.top)};
}

Rle unite(const Rle& a, const Rle& b) {
  return combine(a, b, [](bool in_a, bool in_b) { return in_a || in_b; });
}

Rle intersect(const Rle& a, const Rle& b) {
  return combine(a, b, [](bool in_a, bool in_b) { return in_a && in_b; });
}

Rle subtract(const Rle& a, const Rle& b) {
  return combine(a, b, [](bool in_a, bool in_b) { return in_a && !in_b; });
}

double iou(const Rle& a, const Rle& b) {
  std::uint64_t common = 0;
  std::uint64_t either = 0;
  walk_together(a, b, [&](std::uint32_t length, bool in_a, bool in_b) {
    if (in_a && in_b) common += length;
    if (in_a || in_b) either += length;
  });
  return either == 0 ? 0 : static_cast<double>(common) / static_cast<double>(either);
}

double signed_distance(const Rle& rle, Point2d point) {
  if (rle.counts.empty()) return std::numeric_limits<double>::infinity();
  const double width = rle.size.width;
  const double height = rle.size.height;
  // The pixel of the point, or about the nearest to it, and the run that it is in.
  const auto column = static_cast<std::uint64_t>(point.x > 0 ? std::min(point.x, width - 1) : 0);
  const auto row = static_cast<std::uint64_t>(point.y > 0 ? std::min(point.y, height - 1) : 0);
  const auto rows = static_cast<std::uint64_t>(rle.size.height);
  std::size_t run = 0;
  std::uint64_t run_end = rle.counts[0];
  while (run_end <= column * rows + row) run_end += rle.counts[++run];
  const bool in_frame = point.x >= 0 && point.x < width && point.y >= 0 && point.y < height;
  const bool inside = in_frame && (run & 1U) != 0;

  // Inside, the nearest pixel of the background is sought, outside the nearest of the foreground;
  // the distance to a pixel is that to its border.
  double nearest = std::numeric_limits<double>::infinity();  // squared
  const auto look_at = [&](std::size_t i, std::uint64_t begin, std::uint64_t end) {
    if (begin == end || ((i & 1U) != 0) == inside) return;
    const auto measure = [&](const Block& block) {
      const double dx = std::max({static_cast<double>(block.left) - point.x,
                                  point.x - static_cast<double>(block.right),
                                  0.0});
      const double dy = std::max({static_cast<double>(block.top) - point.y,
                                  point.y - static_cast<double>(block.bottom),
                                  0.0});
      nearest = std::min(nearest, dx * dx + dy * dy);
    };
    visit_run(begin / rows, begin % rows, end / rows, end % rows, rows, measure);
  };
  // From there to the right and to the left, until the columns alone are too far away.
  const auto is_beyond = [&](double dx) { return dx > 0 && dx * dx >= nearest; };
  std::uint64_t begin = run_end - rle.counts[run];
  for (std::size_t i = run; i < rle.counts.size(); ++i) {
    const std::uint64_t left = begin / rows;
    if (is_beyond(static_cast<double>(left) - point.x)) break;
    look_at(i, begin, begin + rle.counts[i]);
    begin += rle.counts[i];
  }
  std::uint64_t end = run_end - rle.counts[run];
  for (std::size_t i = run; i-- > 0;) {
    const std::uint64_t right = end / rows + 1;
    if (is_beyond(point.x - static_cast<double>(right))) break;
    look_at(i, end - rle.counts[i], end);
    end -= rle.counts[i];
  }
  if (!inside) return std::sqrt(nearest);
  const double to_frame = std::min({point.x, width - point.x, point.y, height - point.y});
  return -std::min(std::sqrt(nearest), to_frame);
}

}  // namespace labelloom
