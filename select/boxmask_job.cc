#include "select/boxmask_job.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "formats/error.h"
#include "select/boxmask_math.h"

namespace labelloom::select {
namespace {

static_assert(math::kRange == kLogitRange);
static_assert(kFixedOne == 16777216);

/// Steps of a grid must be countable in 32 bits, and pixels exact as floats.
constexpr int kMaxSide = 1 << 20;
constexpr std::int64_t kMaxSteps = std::int64_t{1} << 31;

template <typename... Args>
void require(bool condition, fmt::format_string<Args...> text, Args&&... args) {
  if (!condition)
    throw Error(Errc::kInvalidData, {}, fmt::format(text, std::forward<Args>(args)...));
}

Cells common(const Cells& a, const Cells& b) {
  const int x = std::max(a.x, b.x);
  const int y = std::max(a.y, b.y);
  return {x, y, std::min(a.right(), b.right()) - x, std::min(a.bottom(), b.bottom()) - y};
}

Cells scaled(const Cells& cells, int scale) {
  return {cells.x * scale, cells.y * scale, cells.width * scale, cells.height * scale};
}

bool inside(const Cells& inner, const Cells& outer) {
  return inner.x >= outer.x && inner.y >= outer.y && inner.right() <= outer.right() &&
         inner.bottom() <= outer.bottom();
}

std::uint32_t count_of(const Cells& cells) {
  return static_cast<std::uint32_t>(cells.width) * static_cast<std::uint32_t>(cells.height);
}

struct Interval {
  int from = 0;
  int to = 0;
};

/// The steps in [from, to) whose centres lie in [low, high), which meets it; the one under the
/// middle when there is none.
Interval steps(double low, double high, int from, int to) {
  const double clipped_low = std::max(low, static_cast<double>(from));
  const double clipped_high = std::min(high, static_cast<double>(to));
  const int first = static_cast<int>(std::ceil(clipped_low - 0.5));
  const int last = static_cast<int>(std::ceil(clipped_high - 0.5));
  if (first < last) return {first, last};
  const int middle = static_cast<int>(std::floor((clipped_low + clipped_high) / 2));
  const int step = std::clamp(middle, from, to - 1);
  return {step, step + 1};
}

/// Which steps a box has; empty if it does not meet the picture.
Cells steps_of(const Box& box, const Cells& valid, double step_px) {
  const double left = box.x / step_px;
  const double top = box.y / step_px;
  const double right = box.right() / step_px;
  const double bottom = box.bottom() / step_px;
  const bool meets = left < valid.right() && right > valid.x && top < valid.bottom() &&
                     bottom > valid.y && box.width >= 0 && box.height >= 0;
  if (!meets) return {};  // NaN does not meet anything
  const Interval x = steps(left, right, valid.x, valid.right());
  const Interval y = steps(top, bottom, valid.y, valid.bottom());
  return {x.from, y.from, x.to - x.from, y.to - y.from};
}

std::vector<Cells> near(const BoxJob& box, const Cells& domain, double step_px, int reach) {
  std::vector<Cells> cells;
  for (const Point2d& point : box.keypoints) {
    // A point far away has no cells; where exactly it is does not matter then.
    const auto step = [&](double v) {
      return std::isfinite(v) ? static_cast<int>(std::clamp(std::floor(v / step_px), -1e7, 1e7))
                              : -10'000'000;
    };
    const Cells around{step(point.x) - reach, step(point.y) - reach, 2 * reach + 1, 2 * reach + 1};
    cells.push_back(common(around, domain));
  }
  return cells;
}

void check_target(const BoxJob& box, std::size_t index, int classes) {
  require(box.target.size() == static_cast<std::size_t>(classes),
          "box {} has {} class probabilities; the segmentation has {} classes",
          index,
          box.target.size(),
          classes);
  double sum = 0;
  for (const float q : box.target) {
    require(q >= 1e-13F && q <= 1.0001F, "box {}: a class probability is {}", index, q);
    sum += static_cast<double>(q);
  }
  require(std::abs(sum - 1) < 1e-3, "box {}: class probabilities add up to {}", index, sum);
}

void check_image(const ImageJob& image, std::size_t index, const LogitShape& shape) {
  require(!image.valid.empty() && inside(image.valid, {0, 0, shape.width, shape.height}),
          "image {}: its cells leave the logits ({} x {})",
          index,
          shape.width,
          shape.height);
  const auto cells = static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.height);
  require(image.ignored.empty() || image.ignored.size() == cells,
          "image {}: the mask of what is ignored has {} cells, the logits {}",
          index,
          image.ignored.size(),
          cells);
}

void check_shape(const LogitShape& shape, int classes) {
  require(shape.classes == classes, "logits have {} classes; expected {}", shape.classes, classes);
  require(shape.count >= 0 && shape.height >= 0 && shape.width >= 0, "logits of negative size");
}

PreparedBox prepare_box(const BoxJob& box,
                        std::size_t index,
                        const PreparedJob& job,
                        double step_px,
                        const ScoringOptions& options,
                        std::span<const LogitShape> crops) {
  require(box.image >= 0 && static_cast<std::size_t>(box.image) < job.valid.size(),
          "box {}: there is no image {}",
          index,
          box.image);
  require(box.seg_class >= -1 && box.seg_class < job.classes,
          "box {}: there is no class {}",
          index,
          box.seg_class);
  PreparedBox prepared;
  prepared.image = box.image;
  prepared.seg_class = box.seg_class;
  if (box.seg_class < 0) {
    prepared.state = BoxState::kUnmapped;
    return prepared;
  }
  const Cells& valid = job.valid[static_cast<std::size_t>(box.image)];
  const Cells own = steps_of(box.box, valid, step_px);
  if (own.empty()) {
    prepared.state = BoxState::kOutside;
    return prepared;
  }
  require(box.crop_batch >= 0 && static_cast<std::size_t>(box.crop_batch) < crops.size(),
          "box {}: there is no batch {} of crops",
          index,
          box.crop_batch);
  const LogitShape& crop = crops[static_cast<std::size_t>(box.crop_batch)];
  require(box.crop >= 0 && box.crop < crop.count, "box {}: there is no crop {}", index, box.crop);
  require(!box.window.empty() && box.window.width <= crop.width &&
              box.window.height <= crop.height && std::abs(box.window.x) < kMaxSide &&
              std::abs(box.window.y) < kMaxSide,
          "box {}: its window is {} x {} cells, its crop's logits {} x {}",
          index,
          box.window.width,
          box.window.height,
          crop.width,
          crop.height);
  check_target(box, index, job.classes);
  prepared.window = scaled(box.window, job.scale);
  require(inside(own, prepared.window), "box {}: its window does not hold it", index);
  prepared.own = own;
  prepared.domain = options.domain == Domain::kBox ? own : common(prepared.window, valid);
  prepared.crop_cells = {0, 0, box.window.width, box.window.height};
  prepared.crop_batch = box.crop_batch;
  prepared.crop = box.crop;
  prepared.near_keypoints =
      near(box, prepared.domain, step_px, options.keypoint_dilation * job.scale);
  return prepared;
}

}  // namespace

LogitShape shape_of(const LogitBatch& logits) {
  return {logits.count, logits.classes, logits.height, logits.width};
}

PreparedJob prepare(const ScoringJob& job,
                    const ScoringOptions& options,
                    const LogitShape& images,
                    std::span<const LogitShape> crops) {
  require(job.stride >= 1 && job.stride <= 1024, "a stride of {} pixels", job.stride);
  require(job.seg_classes >= 1, "a segmentation of {} classes", job.seg_classes);
  require(job.detectable.size() == static_cast<std::size_t>(job.seg_classes),
          "{} classes are said to be detectable or not; the segmentation has {}",
          job.detectable.size(),
          job.seg_classes);
  require(job.images.size() == static_cast<std::size_t>(images.count),
          "{} images, but logits of {}",
          job.images.size(),
          images.count);
  check_shape(images, job.seg_classes);
  for (const LogitShape& crop : crops) check_shape(crop, job.seg_classes);

  PreparedJob prepared;
  prepared.classes = job.seg_classes;
  prepared.scale = options.grid == Grid::kPixels ? job.stride : 1;
  require(
      images.height <= kMaxSide / prepared.scale && images.width <= kMaxSide / prepared.scale &&
          std::int64_t{images.height} * images.width * prepared.scale * prepared.scale < kMaxSteps,
      "logits of {} x {} cells are too many",
      images.width,
      images.height);
  prepared.rows = images.height * prepared.scale;
  prepared.columns = images.width * prepared.scale;
  for (std::size_t i = 0; i < job.images.size(); ++i) {
    check_image(job.images[i], i, images);
    prepared.valid_cells.push_back(job.images[i].valid);
    prepared.valid.push_back(scaled(job.images[i].valid, prepared.scale));
  }
  prepared.boxes_of.resize(job.images.size());
  const double step_px = static_cast<double>(job.stride) / prepared.scale;
  const auto classes = static_cast<std::size_t>(job.seg_classes);
  prepared.boxes.reserve(job.boxes.size());
  prepared.q.assign(job.boxes.size() * classes, 1.0F);
  for (std::size_t i = 0; i < job.boxes.size(); ++i) {
    const BoxJob& box = job.boxes[i];
    prepared.boxes.push_back(prepare_box(box, i, prepared, step_px, options, crops));
    prepared.boxes_of[static_cast<std::size_t>(box.image)].push_back(static_cast<int>(i));
    if (prepared.boxes.back().state == BoxState::kMasked) {
      std::ranges::copy(box.target, prepared.q.begin() + static_cast<std::ptrdiff_t>(i * classes));
    }
  }
  // Loops of their own, which a compiler can make vectors of.
  prepared.log_q.resize(prepared.q.size());
  std::ranges::transform(prepared.q, prepared.log_q.begin(), math::log_of);
  prepared.q_log_q.resize(prepared.q.size());
  std::ranges::transform(
      prepared.q, prepared.log_q, prepared.q_log_q.begin(), std::multiplies<float>{});
  return prepared;
}

std::vector<ImageComponents> empty_components(const PreparedJob& job,
                                              const ScoringOptions& options) {
  std::vector<ImageComponents> images(job.valid.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    images[i].has_jensen_shannon = options.jensen_shannon;
    for (const int index : job.boxes_of[i]) {
      const PreparedBox& box = job.boxes[static_cast<std::size_t>(index)];
      BoxComponents& out = images[i].boxes.emplace_back();
      out.state = box.state;
      if (box.domain.empty()) continue;
      out.domain_cells = count_of(box.domain);
      out.box_cells = count_of(box.own);
      out.keypoints = static_cast<std::uint32_t>(box.near_keypoints.size());
    }
  }
  return images;
}

void mark_not_finite(ImageComponents& image) {
  ImageComponents marked;
  marked.finite = false;
  marked.has_jensen_shannon = image.has_jensen_shannon;
  marked.boxes.resize(image.boxes.size());
  image = std::move(marked);
}

}  // namespace labelloom::select
