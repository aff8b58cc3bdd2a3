#include "select/score_row_check.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include "formats/error.h"
#include "formats/json_text.h"

namespace labelloom::select {
namespace {

constexpr int kMaxSide = 1 << 20;
constexpr std::uint64_t kMaxCells = std::uint64_t{1} << 28U;
constexpr double kFarAway = 1e7;  // pixels; so that nothing that is made of points overflows

[[noreturn]] void fail(const std::string& path, const std::string& message) {
  throw Error(Errc::kInvalidData, {.path = path}, message);
}

void check_text(std::string_view text, const std::string& path) {
  if (!json::is_utf8(text)) fail(path, fmt::format("{} is not UTF-8", labelloom::quoted(text)));
}

bool is_near(double value) { return std::abs(value) <= kFarAway; }

void check_runs(const CellRuns& runs, std::size_t cells, const std::string& path) {
  if (runs.size() % 2 != 0) fail(path, "ends with cells that are left out");
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i] == 0 && i > 0) fail(path, fmt::format("run {} has no cells", i));
    sum += runs[i];
  }
  if (sum > cells) fail(path, fmt::format("has {} cells, the grid has {}", sum, cells));
}

void check_segmentation(const PredictedSegmentation& segmentation, const ScoreHeader& header) {
  const Grid2d& grid = segmentation.grid;
  if (grid.columns < 1 || grid.rows < 1 || grid.columns > kMaxSide || grid.rows > kMaxSide ||
      grid.cells() > kMaxCells) {
    fail("seg.grid",
         fmt::format("{} x {} cells; expected 1 to {} a side and {} in all",
                     grid.columns,
                     grid.rows,
                     kMaxSide,
                     kMaxCells));
  }
  if (!is_near(grid.origin.x) || !is_near(grid.origin.y) || !(grid.cell_width > 0) ||
      !(grid.cell_height > 0) || !is_near(grid.cell_width) || !is_near(grid.cell_height)) {
    fail("seg.grid", "is nowhere: the origin must be finite and cells larger than 0");
  }
  std::uint64_t sum = 0;
  for (const LabelRun& run : segmentation.labels) {
    if (run.label < LabelRun::kNoLabel ||
        run.label >= static_cast<int>(header.seg_classes.size())) {
      fail("seg.labels",
           fmt::format("label {} is none of {} classes", run.label, header.seg_classes.size()));
    }
    if (run.cells == 0) fail("seg.labels", "a run has no cells");
    sum += run.cells;
  }
  if (sum != grid.cells()) {
    fail("seg.labels", fmt::format("has {} cells, the grid has {}", sum, grid.cells()));
  }
  check_runs(segmentation.detectable_outside, grid.cells(), "seg.seg");
}

void check_box(const PredictedBox& box,
               std::size_t cells,
               const ScoreHeader& header,
               const std::string& path) {
  if (!is_near(box.box.x) || !is_near(box.box.y) || !(box.box.width >= 0) ||
      !(box.box.height >= 0) || !is_near(box.box.width) || !is_near(box.box.height)) {
    fail(path + ".box", "must be finite, width and height not negative");
  }
  if (box.class_index < 0 || box.class_index >= static_cast<int>(header.classes.size())) {
    fail(path + ".class",
         fmt::format("{} is none of {} classes", box.class_index, header.classes.size()));
  }
  if (!std::isfinite(box.score)) fail(path + ".score", "is not finite");
  if (!box.class_probabilities.empty() && box.class_probabilities.size() != header.classes.size()) {
    fail(path + ".p",
         fmt::format(
             "has {} numbers, expected {}", box.class_probabilities.size(), header.classes.size()));
  }
  for (const float p : box.class_probabilities) {
    if (!std::isfinite(p)) fail(path + ".p", "is not finite");
  }
  const std::size_t slots =
      header.classes[static_cast<std::size_t>(box.class_index)].keypoints.size();
  for (const PredictedKeypoint& keypoint : box.keypoints) {
    if (keypoint.slot < 0 || keypoint.slot >= static_cast<int>(slots)) {
      fail(path + ".kp", fmt::format("slot {} is none of {}", keypoint.slot, slots));
    }
    if (!is_near(keypoint.point.x) || !is_near(keypoint.point.y) ||
        !std::isfinite(keypoint.score)) {
      fail(path + ".kp", "is not finite");
    }
  }
  check_runs(box.mask, cells, path + ".mask");
  check_runs(box.mislabelled, cells, path + ".loc");
  check_runs(box.divergent, cells, path + ".cls");
}

/// Whether `cells` cells can add up to that. A cell adds less than (kLogitRange - ln epsilon) / 2
/// to the greatest sum; so twice a sum fits into 64 bits, too.
bool can_be(std::int64_t sum, std::uint32_t cells) {
  constexpr std::int64_t kMostOfACell = 128 * kFixedOne;
  return sum >= 0 && sum <= static_cast<std::int64_t>(cells) * kMostOfACell;
}

void check_components(const ImageComponents& image, std::size_t boxes) {
  if (image.boxes.size() != boxes) {
    fail("boxmask.boxes", fmt::format("has {} boxes, the image has {}", image.boxes.size(), boxes));
  }
  constexpr auto kMostCells = static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max());
  if (image.outside_cells > kMostCells || image.detectable_cells > image.outside_cells ||
      !can_be(image.detectable_mass, image.outside_cells)) {
    fail("boxmask", "more detectable cells than there are outside the BoxMasks");
  }
  for (const BoxComponents& box : image.boxes) {
    if (box.domain_cells > kMostCells || box.mask_cells > box.domain_cells ||
        box.box_cells > box.domain_cells || box.mislabelled_cells > box.summed_cells() ||
        box.keypoints_outside > box.keypoints) {
      fail("boxmask.boxes", "a part is larger than its whole");
    }
    for (const std::int64_t sum : {box.symmetric, box.pixels_from_box, box.jensen_shannon}) {
      if (can_be(sum, box.summed_cells())) continue;
      fail("boxmask.boxes", fmt::format("{} cells cannot add up to {}", box.summed_cells(), sum));
    }
  }
}

}  // namespace

void check_row(const ScoreRow& row, const ScoreHeader& header) {
  if (row.key.empty()) fail("key", "is empty");
  check_text(row.key, "key");
  check_text(row.source_file_name, "source_file_name");
  const bool is_size = row.size.width >= 1 && row.size.height >= 1 && row.size.width <= kMaxSide &&
                       row.size.height <= kMaxSide;
  if (row.readable() && !is_size) {
    fail("size",
         fmt::format("{} x {}; expected 1 to {}", row.size.width, row.size.height, kMaxSide));
  }
  if (!row.readable() && (!row.boxes.empty() || row.segmentation)) {
    fail("size", "0 x 0 is that of a picture that cannot be read, but something was found in it");
  }
  for (const auto& [name, value] : row.scores) check_text(name, "scores");
  for (const auto& [name, values] : row.vectors) check_text(name, "vectors");
  if (row.segmentation) check_segmentation(*row.segmentation, header);
  const std::size_t cells = row.segmentation ? row.segmentation->grid.cells() : 0;
  for (std::size_t i = 0; i < row.boxes.size(); ++i) {
    check_box(row.boxes[i], cells, header, fmt::format("boxes[{}]", i));
  }
  if (row.boxmask) check_components(*row.boxmask, row.boxes.size());
}

void check_header(const ScoreHeader& header) {
  for (const std::string* text :
       {&header.config, &header.model, &header.model_name, &header.pool}) {
    check_text(*text, "header");
  }
  if (header.shards < 1 || header.shard < 0 || header.shard >= header.shards) {
    fail("shard", fmt::format("{} is none of {}", header.shard, header.shards));
  }
  if (!(header.epsilon > 0 && header.epsilon < 1)) fail("epsilon", "is outside (0, 1)");
  if (std::ranges::find(kCombinePresets, header.combine) == kCombinePresets.end())
    fail("combine", fmt::format("{} is no preset", labelloom::quoted(header.combine)));
  for (const ScoreClass& c : header.classes) {
    check_text(c.name, "classes");
    for (const std::string& keypoint : c.keypoints) check_text(keypoint, "classes");
    if (c.seg_class < -1 || c.seg_class >= static_cast<int>(header.seg_classes.size())) {
      fail("classes",
           fmt::format("class {} of the segmentation is none of {}",
                       c.seg_class,
                       header.seg_classes.size()));
    }
  }
  for (const std::string& name : header.seg_classes) check_text(name, "seg_classes");
}

}  // namespace labelloom::select
