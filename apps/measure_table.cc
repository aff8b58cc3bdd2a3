#include "apps/measure_table.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "formats/csv_field.h"
#include "formats/file_io.h"
#include "formats/json_text.h"

namespace labelloom::apps {
namespace {

/// A place of the table; the first kind is an empty one.
using Cell = std::variant<std::monostate, std::string_view, std::int64_t, double>;

constexpr std::size_t kBlock = std::size_t{1} << 20U;

Cell cell(const std::optional<double>& number) {
  if (!number || !std::isfinite(*number)) return {};
  return *number;
}

std::string_view name(ObjectMeasure::Shape shape) {
  switch (shape) {
    case ObjectMeasure::Shape::kBox:
      return "box";
    case ObjectMeasure::Shape::kPolygon:
      return "polygon";
    case ObjectMeasure::Shape::kMask:
      break;
  }
  return "mask";
}

Cell side_cell(const std::optional<AxisSide>& side) {
  if (!side) return {};
  return std::string_view(*side == AxisSide::kLeft ? "left" : "right");
}

Cell placement_cell(ObjectMeasure::Placement placement) {
  switch (placement) {
    case ObjectMeasure::Placement::kCorrect:
      return std::string_view("correct");
    case ObjectMeasure::Placement::kWrong:
      return std::string_view("wrong");
    case ObjectMeasure::Placement::kUnknown:
      return std::string_view("unknown");
    case ObjectMeasure::Placement::kNotAsked:
      break;
  }
  return {};
}

/// Columns, and rows one after the other.
class MeasureTable {
 public:
  MeasureTable(const Dataset& dataset, bool with_depth)
      : dataset_(dataset), with_depth_(with_depth) {
    for (const Image& image : dataset.images) images_.emplace(image.id, &image);
    columns_ = {"image",
                "image_id",
                "annotation_id",
                "category",
                "score",
                "shape",
                "area_px",
                "centroid_x",
                "centroid_y",
                "length_px",
                "width_px",
                "elongation",
                "axis_deg",
                "directed",
                "outer_side",
                "outer_offset_px",
                "placement"};
    if (!with_depth) return;
    for (const char* column :
         {"depth_pixels", "depth_valid", "depth_mean_m", "depth_median_m", "depth_sd_m"}) {
      columns_.emplace_back(column);
    }
    for (const Category& category : dataset.categories) {
      for (const std::string& keypoint : category.keypoints) {
        if (std::ranges::find(keypoints_, keypoint) == keypoints_.end()) {
          keypoints_.push_back(keypoint);
        }
      }
    }
    for (const std::string& keypoint : keypoints_) {
      columns_.push_back("depth_m_" + keypoint);
      columns_.push_back("depth_minus_mean_m_" + keypoint);
    }
  }

  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }

  [[nodiscard]] std::vector<Cell> row(const ObjectMeasure& object) const {
    const Instance& instance = dataset_.instances[object.instance];
    const auto image = images_.find(instance.image_id);
    std::vector<Cell> cells;
    cells.reserve(columns_.size());
    cells.emplace_back(image == images_.end() ? Cell{}
                                              : Cell{std::string_view(image->second->file_name)});
    cells.emplace_back(instance.image_id);
    cells.emplace_back(instance.id);
    cells.emplace_back(std::string_view(dataset_.categories[object.category].name));
    cells.push_back(cell(instance.extra ? instance.extra->score : std::nullopt));
    cells.emplace_back(name(object.shape));
    cells.push_back(cell(object.area));
    cells.push_back(cell(object.centroid.x));
    cells.push_back(cell(object.centroid.y));
    cells.push_back(cell(object.length));
    cells.push_back(cell(object.width));
    cells.push_back(cell(object.elongation));
    if (object.axis_rad) {
      cells.push_back(cell(*object.axis_rad * 180 / std::numbers::pi));
      cells.emplace_back(std::string_view(object.directed ? "yes" : "no"));
    } else {
      cells.resize(cells.size() + 2);
    }
    cells.push_back(side_cell(object.outer_side));
    cells.push_back(cell(object.outer_offset));
    cells.push_back(placement_cell(object.placement));
    if (with_depth_) add_depth(cells, object);
    return cells;
  }

 private:
  void add_depth(std::vector<Cell>& cells, const ObjectMeasure& object) const {
    if (!object.depth) {
      cells.resize(columns_.size());
      return;
    }
    const ObjectDepth& depth = *object.depth;
    cells.emplace_back(static_cast<std::int64_t>(depth.pixels));
    cells.emplace_back(static_cast<std::int64_t>(depth.valid));
    cells.push_back(cell(depth.mean));
    cells.push_back(cell(depth.median));
    cells.push_back(cell(depth.deviation));
    const auto& own = dataset_.categories[object.category].keypoints;
    for (const std::string& keypoint : keypoints_) {
      const auto slot = static_cast<std::size_t>(std::ranges::find(own, keypoint) - own.begin());
      const std::optional<double> at =
          slot < depth.keypoints.size() ? depth.keypoints[slot] : std::nullopt;
      cells.push_back(cell(at));
      cells.push_back(at && depth.mean ? cell(*at - *depth.mean) : Cell{});
    }
  }

  const Dataset& dataset_;
  bool with_depth_;
  std::unordered_map<std::int64_t, const Image*> images_;
  std::vector<std::string> keypoints_;  // of all categories, each once
  std::vector<std::string> columns_;
};

void append_number(std::string& out, const Cell& value) {
  if (const auto* number = std::get_if<double>(&value)) json::append_number(out, *number);
  if (const auto* number = std::get_if<std::int64_t>(&value)) out += std::to_string(*number);
}

void append_csv(std::string& out, const Cell& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) append_csv_field(out, *text);
  append_number(out, value);
}

void append_json(std::string& out, const Cell& value) {
  if (std::holds_alternative<std::monostate>(value)) out += "null";
  if (const auto* text = std::get_if<std::string_view>(&value)) json::append_string(out, *text);
  append_number(out, value);
}

void flush(OutputFile& file, std::string& text, std::size_t from) {
  if (text.size() <= from) return;
  file.write(text);
  text.clear();
}

}  // namespace

void write_measure_csv(const std::filesystem::path& path,
                       const Dataset& dataset,
                       const std::vector<ObjectMeasure>& objects,
                       bool with_depth) {
  const MeasureTable table(dataset, with_depth);
  OutputFile file(path);
  std::string text;
  for (const std::string& column : table.columns()) {
    if (!text.empty()) text += ',';
    append_csv_field(text, column);
  }
  text += '\n';
  for (const ObjectMeasure& object : objects) {
    bool first = true;
    for (const Cell& value : table.row(object)) {
      if (!first) text += ',';
      first = false;
      append_csv(text, value);
    }
    text += '\n';
    flush(file, text, kBlock);
  }
  flush(file, text, 0);
  file.commit();
}

void write_measure_json(const std::filesystem::path& path,
                        const Dataset& dataset,
                        const std::vector<ObjectMeasure>& objects,
                        bool with_depth) {
  const MeasureTable table(dataset, with_depth);
  OutputFile file(path);
  std::string text = "[";
  for (std::size_t i = 0; i < objects.size(); ++i) {
    text += i == 0 ? "\n{" : ",\n{";
    const std::vector<Cell> cells = table.row(objects[i]);
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (c > 0) text += ',';
      json::append_string(text, table.columns()[c]);
      text += ':';
      append_json(text, cells[c]);
    }
    text += '}';
    flush(file, text, kBlock);
  }
  text += "\n]\n";
  flush(file, text, 0);
  file.commit();
}

}  // namespace labelloom::apps
