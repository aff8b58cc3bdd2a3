#include <array>
#include <cmath>
#include <iterator>

#include <fmt/compile.h>
#include <fmt/format.h>

#include "formats/json_text.h"
#include "select/base64.h"
#include "select/score_row.h"
#include "select/score_row_check.h"

namespace labelloom::select {
namespace {

/// JSON text that grows; puts commas where they belong.
class Text {
 public:
  void open(char bracket) {
    text_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    text_ += bracket;
    first_ = false;
  }
  Text& next() {
    if (!first_) text_ += ',';
    first_ = false;
    return *this;
  }
  Text& key(std::string_view name) {
    next();
    json::append_string(text_, name);
    text_ += ':';
    first_ = true;  // the value has no comma
    return *this;
  }
  void number(double value) {
    next();
    if (std::isfinite(value)) {
      json::append_number(text_, value);
    } else {
      text_ += "null";
    }
  }
  // The shortest that reads back to the same float, not to the double it is equal to.
  void small_number(float value) {
    fmt::format_to(std::back_inserter(next().text_), FMT_COMPILE("{}"), value);
  }
  template <typename Integer>
  void integer(Integer value) {
    fmt::format_to(std::back_inserter(next().text_), FMT_COMPILE("{}"), value);
  }
  void boolean(bool value) { next().text_ += value ? "true" : "false"; }
  void string(std::string_view value) {
    next();
    json::append_string(text_, value);
  }
  void integers(const std::vector<std::uint32_t>& values) {
    open_array();
    for (const std::uint32_t value : values) integer(value);
    close(']');
  }
  void open_array() {
    next();
    open('[');
  }
  void open_object() {
    next();
    open('{');
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  bool first_ = true;
};

void write_components(Text& text, const ImageComponents& image) {
  text.key("boxmask").open_object();
  text.key("finite").boolean(image.finite);
  text.key("js").boolean(image.has_jensen_shannon);
  text.key("outside").integer(image.outside_cells);
  text.key("detectable").integer(image.detectable_cells);
  text.key("mass").integer(image.detectable_mass);
  text.key("boxes").open_array();
  for (const BoxComponents& box : image.boxes) {
    text.open_array();
    text.integer(static_cast<int>(box.state));
    for (const std::int64_t value : {std::int64_t{box.domain_cells},
                                     std::int64_t{box.mask_cells},
                                     std::int64_t{box.mislabelled_cells},
                                     box.symmetric,
                                     box.pixels_from_box,
                                     box.jensen_shannon,
                                     std::int64_t{box.keypoints},
                                     std::int64_t{box.keypoints_outside}}) {
      text.integer(value);
    }
    if (box.box_cells != box.domain_cells) text.integer(box.box_cells);
    text.close(']');
  }
  text.close(']');
  text.close('}');
}

void write_box(Text& text, const PredictedBox& box) {
  text.open_object();
  text.key("box").open_array();
  for (const double value : {box.box.x, box.box.y, box.box.width, box.box.height})
    text.number(value);
  text.close(']');
  text.key("class").integer(box.class_index);
  text.key("score").number(box.score);
  if (!box.class_probabilities.empty()) {
    text.key("p").open_array();
    for (const float p : box.class_probabilities) text.small_number(p);
    text.close(']');
  }
  if (!box.keypoints.empty()) {
    text.key("kp").open_array();
    for (const PredictedKeypoint& keypoint : box.keypoints) {
      text.open_array();
      text.integer(keypoint.slot);
      for (const double value : {keypoint.point.x, keypoint.point.y, keypoint.score})
        text.number(value);
      text.close(']');
    }
    text.close(']');
  }
  if (!box.mask.empty()) text.key("mask").integers(box.mask);
  if (!box.mislabelled.empty()) text.key("loc").integers(box.mislabelled);
  if (!box.divergent.empty()) text.key("cls").integers(box.divergent);
  text.close('}');
}

void write_segmentation(Text& text, const PredictedSegmentation& segmentation) {
  text.key("seg").open_object();
  const Grid2d& grid = segmentation.grid;
  text.key("grid").open_array();
  text.integer(grid.columns);
  text.integer(grid.rows);
  for (const double value : {grid.origin.x, grid.origin.y, grid.cell_width, grid.cell_height})
    text.number(value);
  text.close(']');
  text.key("labels").open_array();
  for (const LabelRun& run : segmentation.labels) {
    text.integer(run.label);
    text.integer(run.cells);
  }
  text.close(']');
  if (!segmentation.detectable_outside.empty())
    text.key("seg").integers(segmentation.detectable_outside);
  text.close('}');
}

void write_names(Text& text, const std::vector<std::string>& names) {
  text.open_array();
  for (const std::string& name : names) text.string(name);
  text.close(']');
}

}  // namespace

std::string row_text(const ScoreRow& row, const ScoreHeader& header) {
  check_row(row, header);
  Text text;
  text.open_object();
  text.key("key").string(row.key);  // first: see ScorePool
  text.key("size").open_array();
  text.integer(row.size.width);
  text.integer(row.size.height);
  text.close(']');
  if (row.image_id) text.key("image_id").integer(*row.image_id);
  if (row.source_image_id) text.key("source_image_id").integer(*row.source_image_id);
  if (!row.source_file_name.empty()) text.key("source_file_name").string(row.source_file_name);
  if (row.variant) text.key("variant").integer(*row.variant);
  text.key("scores").open_object();
  for (const auto& [name, value] : row.scores) text.key(name).number(value);
  text.close('}');
  if (!row.vectors.empty()) {
    text.key("vectors").open_object();
    for (const auto& [name, values] : row.vectors) text.key(name).string(base64_of(values));
    text.close('}');
  }
  if (row.boxmask) write_components(text, *row.boxmask);
  text.key("boxes").open_array();
  for (const PredictedBox& box : row.boxes) write_box(text, box);
  text.close(']');
  if (row.segmentation) write_segmentation(text, *row.segmentation);
  text.close('}');
  return text.take();
}

std::string header_text(const ScoreHeader& header) {
  check_header(header);
  Text text;
  text.open_object();
  text.key("format").string("labelloom-scores");
  text.key("version").integer(1);
  text.key("config").string(header.config);
  text.key("model").string(header.model);
  text.key("model_name").string(header.model_name);
  text.key("pool").string(header.pool);
  text.key("images").integer(header.images);
  text.key("shard").integer(header.shard);
  text.key("shards").integer(header.shards);
  text.key("epsilon").number(header.epsilon);
  text.key("combine").string(header.combine);
  text.key("classes").open_array();
  for (const ScoreClass& c : header.classes) {
    text.open_object();
    text.key("name").string(c.name);
    text.key("keypoints");
    write_names(text, c.keypoints);
    text.key("seg_class").integer(c.seg_class);
    text.close('}');
  }
  text.close(']');
  text.key("seg_classes");
  write_names(text, header.seg_classes);
  text.close('}');
  return text.take();
}

}  // namespace labelloom::select
