#include "model/decode.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "formats/error.h"
#include "model/keypoint_search.h"
#include "model/nms.h"

namespace labelloom::model {
namespace {

struct Grid {
  int height = 0;
  int width = 0;
  double cell_width = 0;
  double cell_height = 0;

  [[nodiscard]] Point2d centre(std::size_t cell) const {
    const auto columns = static_cast<std::size_t>(width);
    const std::size_t row = cell / columns;
    return {(static_cast<double>(cell % columns) + 0.5) * cell_width,
            (static_cast<double>(row) + 0.5) * cell_height};
  }
};

void expect_same_grid(const DenseMap& map, const char* name, const DenseMap& center) {
  if (map.height == center.height && map.width == center.width) return;
  throw Error(Errc::kInvalidData,
              {},
              fmt::format("output \"{}\" is {}x{} cells, \"center\" is {}x{}; expected the same",
                          name,
                          map.width,
                          map.height,
                          center.width,
                          center.height));
}

Grid checked_grid(const DenseOutputs& outputs, const ModelConfig& config) {
  const auto check = [&](const DenseMap& map, const char* name, std::size_t channels) {
    expect_channels(map, name, channels);
    expect_same_grid(map, name, outputs.center);
    expect_finite(map, name);
  };
  check(outputs.center, "center", 1);
  check(outputs.classes, "classes", config.classes.size());
  check(outputs.box, "box", 4);
  if (!outputs.keypoints.empty()) {
    check(outputs.keypoints, "keypoints", config.keypoints.size());
    check(outputs.offsets, "offsets", 2 * config.keypoints.size());
  }
  const DenseMap& map = outputs.center;
  if (outputs.input.width % map.width != 0 || outputs.input.height % map.height != 0) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("an input of {}x{} pixels is no multiple of the outputs' {}x{} cells",
                            outputs.input.width,
                            outputs.input.height,
                            map.width,
                            map.height));
  }
  const int across = outputs.input.width / map.width;
  const int down = outputs.input.height / map.height;
  return {.height = map.height,
          .width = map.width,
          .cell_width = static_cast<double>(across),
          .cell_height = static_cast<double>(down)};
}

/// The smallest value of `center` whose probability reaches `score`.
double lowest_center(double score, bool is_probability) {
  if (is_probability) return score;
  if (score <= 0) return -std::numeric_limits<double>::infinity();
  if (score >= 1) return std::numeric_limits<double>::infinity();
  // A hair lower, for what rounding makes of there and back; the score itself is checked later.
  return std::log(score / (1 - score)) - 1e-6;
}

/// Cells with the largest value of their neighbourhood that is not below `lowest`, best first, at
/// most `max_count`.
std::vector<std::size_t> find_peaks(const DenseMap& center, double lowest, std::size_t max_count) {
  const auto height = static_cast<std::size_t>(center.height);
  const auto width = static_cast<std::size_t>(center.width);
  const std::span<const float> values = center.values;
  std::vector<std::size_t> peaks;
  for (std::size_t row = 0; row < height; ++row) {
    const std::size_t first_row = row == 0 ? 0 : row - 1;
    const std::size_t last_row = std::min(row + 1, height - 1);
    for (std::size_t column = 0; column < width; ++column) {
      const std::size_t cell = row * width + column;
      const float value = values[cell];
      if (static_cast<double>(value) < lowest) continue;
      const std::size_t first = column == 0 ? 0 : column - 1;
      const std::size_t last = std::min(column + 1, width - 1);
      bool highest = true;
      for (std::size_t r = first_row; r <= last_row; ++r) {
        for (std::size_t c = first; c <= last; ++c) highest &= values[r * width + c] <= value;
      }
      if (highest) peaks.push_back(cell);
    }
  }
  const auto better = [&](std::size_t a, std::size_t b) {
    return values[a] != values[b] ? values[a] > values[b] : a < b;
  };
  if (peaks.size() > max_count) {
    std::ranges::nth_element(peaks, peaks.begin() + static_cast<std::ptrdiff_t>(max_count), better);
    peaks.resize(max_count);
  }
  std::ranges::sort(peaks, better);
  return peaks;
}

Box box_at(const DenseOutputs& outputs, const Grid& grid, std::size_t cell) {
  const Point2d centre = grid.centre(cell);
  const auto side = [&](int channel) {
    return static_cast<double>(outputs.box.channel(channel)[cell]);
  };
  const double width = outputs.input.width;
  const double height = outputs.input.height;
  const double left = std::clamp(centre.x - side(0) * grid.cell_width, 0.0, width);
  const double top = std::clamp(centre.y - side(1) * grid.cell_height, 0.0, height);
  const double right = std::clamp(centre.x + side(2) * grid.cell_width, 0.0, width);
  const double bottom = std::clamp(centre.y + side(3) * grid.cell_height, 0.0, height);
  return {left, top, right - left, bottom - top};
}

std::vector<float> distribution_at(const DenseOutputs& outputs, std::size_t cell) {
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(outputs.classes.channels));
  for (int k = 0; k < outputs.classes.channels; ++k) {
    values.push_back(outputs.classes.channel(k)[cell]);
  }
  return class_distribution(std::move(values), outputs.classes_are_probabilities);
}

void add_keypoints(const DenseOutputs& outputs,
                   const Grid& grid,
                   std::size_t cell,
                   const ModelConfig& config,
                   double min_score,
                   Detection& detection) {
  const std::size_t count = config.keypoints.size();
  detection.keypoints.resize(count);
  detection.keypoint_scores.resize(count);
  const Point2d centre = grid.centre(cell);
  std::vector<std::size_t> slots;
  std::vector<ExpectedKeypoint> expected;
  for (std::size_t slot = 0; slot < count; ++slot) {
    if (config.keypoints[slot].class_index != detection.class_index) continue;
    const auto channel = static_cast<int>(slot);
    const HeatMap heat = {.values = outputs.keypoints.channel(channel),
                          .offset_x = outputs.offsets.channel(2 * channel),
                          .offset_y = outputs.offsets.channel(2 * channel + 1),
                          .height = grid.height,
                          .width = grid.width,
                          .cell_width = grid.cell_width,
                          .cell_height = grid.cell_height,
                          .is_probability = outputs.keypoints_are_probabilities};
    slots.push_back(slot);
    expected.push_back({heat,
                        {centre.x + static_cast<double>(heat.offset_x[cell]) * grid.cell_width,
                         centre.y + static_cast<double>(heat.offset_y[cell]) * grid.cell_height}});
  }
  const std::vector<FoundKeypoint> found = find_keypoints(expected, detection.box);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    detection.keypoint_scores[slots[i]] = static_cast<float>(found[i].score);
    detection.keypoints[slots[i]] = {
        found[i].point, found[i].score >= min_score ? Visibility::kVisible : Visibility::kAbsent};
  }
}

}  // namespace

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

std::vector<float> class_distribution(std::vector<float> values, bool are_probabilities) {
  if (values.empty()) return values;
  const float highest = std::ranges::max(values);
  double sum = 0;
  for (float& value : values) {
    value = are_probabilities ? std::max(value, 0.0F) : std::exp(value - highest);
    sum += static_cast<double>(value);
  }
  const auto count = static_cast<double>(values.size());
  for (float& value : values) {
    value = static_cast<float>(sum > 0 ? static_cast<double>(value) / sum : 1 / count);
  }
  return values;
}

std::vector<Detection> decode(const DenseOutputs& outputs,
                              const ModelConfig& config,
                              const DecodeOptions& options) {
  const Grid grid = checked_grid(outputs, config);
  const auto max_count = static_cast<std::size_t>(std::max(options.max_detections, 0));
  const bool is_probability = outputs.center_is_probability;
  std::vector<Candidate> candidates;
  for (const std::size_t cell : find_peaks(outputs.center,
                                           lowest_center(options.min_score, is_probability),
                                           max_count * kCandidatesPerDetection)) {
    const auto center = static_cast<double>(outputs.center.values[cell]);
    const std::vector<float> classes = distribution_at(outputs, cell);
    const auto best = std::ranges::max_element(classes);
    const double score = (is_probability ? center : sigmoid(center)) * static_cast<double>(*best);
    const Box box = box_at(outputs, grid, cell);
    if (score < options.min_score || box.width <= 0 || box.height <= 0) continue;
    candidates.push_back({box, static_cast<int>(best - classes.begin()), score, cell});
  }
  std::vector<Detection> detections;
  for (const Candidate& kept : suppress(std::move(candidates), options.nms_iou, max_count)) {
    Detection detection = {.box = kept.box,
                           .class_index = kept.class_index,
                           .score = kept.score,
                           .class_probabilities = distribution_at(outputs, kept.cell),
                           .keypoints = {},
                           .keypoint_scores = {}};
    if (!outputs.keypoints.empty()) {
      add_keypoints(outputs, grid, kept.cell, config, options.min_keypoint_score, detection);
    }
    detections.push_back(std::move(detection));
  }
  return detections;
}

}  // namespace labelloom::model
