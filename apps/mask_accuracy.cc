#include "apps/mask_accuracy.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "formats/error.h"
#include "formats/json_text.h"
#include "formats/rle.h"

namespace labelloom::apps {
namespace {

constexpr double kFoundIou = 0.5;

double box_iou(const Box& a, const Box& b) {
  const double width = std::min(a.right(), b.right()) - std::max(a.x, b.x);
  const double height = std::min(a.bottom(), b.bottom()) - std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const double both = width * height;
  return both / (a.area() + b.area() - both);
}

/// The cell of a grid in which a pixel's centre lies; nothing outside.
std::optional<std::size_t> cell_at(const select::Grid2d& grid, int column, int row) {
  const double x = std::floor((column + 0.5 - grid.origin.x) / grid.cell_width);
  const double y = std::floor((row + 0.5 - grid.origin.y) / grid.cell_height);
  if (!(x >= 0 && y >= 0 && x < grid.columns && y < grid.rows)) return std::nullopt;
  return static_cast<std::size_t>(y) * static_cast<std::size_t>(grid.columns) +
         static_cast<std::size_t>(x);
}

std::vector<int> labels_of(const select::PredictedSegmentation& segmentation) {
  std::vector<int> labels;
  labels.reserve(segmentation.grid.cells());
  for (const select::LabelRun& run : segmentation.labels) {
    labels.insert(labels.end(), run.cells, run.label);
  }
  labels.resize(segmentation.grid.cells(), select::LabelRun::kNoLabel);
  return labels;
}

/// Pixels that are in both, in one of them, in none.
struct Overlap {
  std::size_t both = 0;
  std::size_t one = 0;
  std::size_t none = 0;

  void add(bool a, bool b) {
    if (a && b) {
      ++both;
    } else {
      ++(a || b ? one : none);
    }
  }
  [[nodiscard]] double accuracy() const {
    const std::size_t all = both + one + none;
    return all == 0 ? 0 : static_cast<double>(both + none) / static_cast<double>(all);
  }
  [[nodiscard]] double iou() const {
    return both + one == 0 ? 0 : static_cast<double>(both) / static_cast<double>(both + one);
  }
};

bool has_shape(const Instance& object) { return object.mask() != nullptr || !object.rings.empty(); }

}  // namespace

MaskAccuracy::MaskAccuracy(const Dataset& truth, const select::ScoreHeader& header)
    : truth_(truth), header_(header), by_image_(truth) {
  for (std::size_t i = 0; i < truth.images.size(); ++i) {
    image_of_.emplace(truth.images[i].file_name, i);
  }
  for (const select::ScoreClass& one : header.classes) {
    const auto found = std::ranges::find(truth.categories, one.name, &Category::name);
    if (found != truth.categories.end()) {
      category_of_.emplace_back(found->id);
    } else {
      category_of_.emplace_back();
      missing_.push_back(one.name);
    }
  }
}

void MaskAccuracy::add(const select::ScoreRow& row) {
  const auto image = image_of_.find(row.key);
  if (image == image_of_.end()) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("{}: the truth has no such image", labelloom::quoted(row.key)));
  }
  if (!row.segmentation || (row.boxmask && !row.boxmask->finite)) return;
  std::vector<std::size_t> order(row.boxes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return row.boxes[a].score > row.boxes[b].score; });
  std::vector<const Instance*> left;
  for (const std::uint32_t index : by_image_[image->second]) {
    const Instance& object = truth_.instances[index];
    if (!object.iscrowd) left.push_back(&object);
  }
  for (const std::size_t index : order) {
    const select::PredictedBox& box = row.boxes[index];
    const auto category = category_of_[static_cast<std::size_t>(box.class_index)];
    if (!category) continue;
    double best = kFoundIou;
    auto found = left.end();
    for (auto object = left.begin(); object != left.end(); ++object) {
      const double iou = box_iou(box.box, (*object)->bbox);
      if ((*object)->category_id != *category || iou < best) continue;
      best = iou;
      found = object;
    }
    if (found == left.end()) continue;
    if (has_shape(**found)) compare(box, *row.segmentation, **found, row.size);
    left.erase(found);
  }
}

void MaskAccuracy::compare(const select::PredictedBox& box,
                           const select::PredictedSegmentation& segmentation,
                           const Instance& object,
                           Size size) {
  const Rle shape = object.mask() != nullptr ? *object.mask() : rasterise(object.rings, size);
  if (shape.size != size) return;  // of another picture: nothing can be said
  const std::vector<std::uint8_t> truth = decode(shape);
  const std::vector<std::uint8_t> mask = select::cells_of(box.mask, segmentation.grid.cells());
  const std::vector<int> labels = labels_of(segmentation);
  const int wanted = header_.classes[static_cast<std::size_t>(box.class_index)].seg_class;
  // Pixels whose centres are in the box.
  const auto first = [](double edge) {
    return std::max(0, static_cast<int>(std::ceil(edge - 0.5)));
  };
  const int right = std::min(size.width, first(box.box.right()));
  const int bottom = std::min(size.height, first(box.box.bottom()));
  Overlap of_mask;
  Overlap of_labels;
  for (int row = first(box.box.y); row < bottom; ++row) {
    for (int column = first(box.box.x); column < right; ++column) {
      const auto pixel = static_cast<std::size_t>(row) * static_cast<std::size_t>(size.width) +
                         static_cast<std::size_t>(column);
      const auto cell = cell_at(segmentation.grid, column, row);
      const bool is_object = truth[pixel] != 0;
      of_mask.add(is_object, cell && mask[*cell] != 0);
      of_labels.add(is_object, cell && wanted >= 0 && labels[*cell] == wanted);
    }
  }
  ++sums_.boxes;
  if (box.mask.empty()) ++sums_.empty;
  sums_.accuracy += of_mask.accuracy();
  sums_.iou += of_mask.iou();
  sums_.label_accuracy += of_labels.accuracy();
  sums_.label_iou += of_labels.iou();
}

MaskScores MaskAccuracy::scores() const {
  MaskScores scores = sums_;
  if (scores.boxes == 0) return scores;
  for (double* sum : {&scores.accuracy, &scores.iou, &scores.label_accuracy, &scores.label_iou}) {
    *sum /= static_cast<double>(scores.boxes);
  }
  return scores;
}

std::string mask_markdown(const std::vector<std::pair<double, MaskScores>>& rows) {
  std::string out =
      "# BoxMasks against true masks, inside the boxes\n\n"
      "Mean over the boxes that found an object (IoU of at least 0.5), %. The last two columns are "
      "the picture's own segmentation in the same boxes.\n\n"
      "| tau | boxes | accuracy | IoU | empty BoxMasks | segmentation, accuracy | IoU |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const auto& [tau, scores] : rows) {
    const double empty =
        scores.boxes == 0 ? 0
                          : static_cast<double>(scores.empty) / static_cast<double>(scores.boxes);
    out += fmt::format("| {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} |\n",
                       tau,
                       scores.boxes,
                       100 * scores.accuracy,
                       100 * scores.iou,
                       100 * empty,
                       100 * scores.label_accuracy,
                       100 * scores.label_iou);
  }
  return out;
}

std::string mask_csv(const std::vector<std::pair<double, MaskScores>>& rows) {
  std::string out = "tau,boxes,empty,accuracy,iou,label_accuracy,label_iou\n";
  for (const auto& [tau, scores] : rows) {
    out += fmt::format("{},{},{}", tau, scores.boxes, scores.empty);
    for (const double value :
         {scores.accuracy, scores.iou, scores.label_accuracy, scores.label_iou}) {
      out += ',';
      json::append_number(out, value);
    }
    out += '\n';
  }
  return out;
}

}  // namespace labelloom::apps
