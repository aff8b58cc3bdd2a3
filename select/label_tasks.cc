#include "select/label_tasks.h"

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "formats/brush_rle.h"
#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/json_text.h"
#include "formats/label_studio_config.h"
#include "select/predicted_shapes.h"

namespace labelloom::select {
namespace {

constexpr std::string_view kPath = "{path}";

// Names of the labelling interface's tags, as make_label_config gives them.
struct Control {
  std::string_view name;
  std::string_view type;
};
constexpr Control kPolygon = {"label", "polygonlabels"};
constexpr Control kRectangle = {"bbox", "rectanglelabels"};
constexpr Control kKeypoint = {"kp-1", "keypointlabels"};
constexpr Control kBrush = {"brush", "brushlabels"};

std::string string_of(std::string_view text) {
  std::string literal;
  json::append_string(literal, text);
  return literal;
}

std::string number_of(double value) {
  std::string text;
  json::append_number(text, value);
  return text;
}

/// Per cent to ten decimals: what is seen of a float32's noise in a picture of 65,535 pixels.
double percent(double value, int side) {
  const double exact = std::clamp(100 * value / side, 0.0, 100.0);
  return std::round(exact * 1e10) / 1e10;
}

/// Makes the regions of one task.
class Regions {
 public:
  Regions(const ScoreRow& row, const ScoreHeader& header, const TaskOptions& options)
      : row_(row),
        header_(header),
        options_(options),
        prefix_(fmt::format("{:08x}", hash64(row.key) >> 32U)) {}

  std::string text() {
    for (std::size_t i = 0; i < row_.boxes.size(); ++i) object(i);
    if (options_.brushes && row_.segmentation) {
      for (const int c : stuff_classes(header_)) brush(c);
    }
    return std::move(text_);
  }

 private:
  void region(const std::string& id,
              const Control& control,
              double score,
              const std::string& value,
              std::string_view label,
              const std::string& parent = {}) {
    fmt::format_to(std::back_inserter(text_),
                   "{}{{\"id\":{},\"type\":\"{}\",\"from_name\":\"{}\",\"to_name\":\"image\","
                   "\"original_width\":{},\"original_height\":{},\"image_rotation\":0{}{},"
                   "\"value\":{{{},\"{}\":[{}]}}}}",
                   text_.empty() ? "" : ",\n  ",
                   string_of(id),
                   control.type,
                   control.name,
                   row_.size.width,
                   row_.size.height,
                   score < 0 ? "" : ",\"score\":" + number_of(std::min(score, 1.0)),
                   parent.empty() ? "" : ",\"parentID\":" + string_of(parent),
                   value,
                   control.type,
                   string_of(label));
  }

  void object(std::size_t index) {
    const PredictedBox& box = row_.boxes[index];
    const std::string& label = header_.classes.at(static_cast<std::size_t>(box.class_index)).name;
    const double score = std::max(box.score, 0.0);
    std::string id;
    if (options_.shapes != ObjectShapes::kBoxes && row_.segmentation) {
      if (const auto polygon = mask_polygon(box.mask, row_.segmentation->grid, row_.size)) {
        id = fmt::format("{}-p{}", prefix_, index + 1);
        region(id, kPolygon, score, points_text(*polygon), label);
      }
    }
    const Box inside = clip_to_frame(box.box, row_.size);
    const bool rectangle = id.empty() || options_.shapes == ObjectShapes::kBoth;
    if (rectangle && inside.width > 0 && inside.height > 0) {
      id = fmt::format("{}-r{}", prefix_, index + 1);
      region(id, kRectangle, score, box_text(inside), label);
    }
    if (!id.empty()) keypoints(index, id);
  }

  [[nodiscard]] std::string box_text(const Box& box) const {
    const double x = percent(box.x, row_.size.width);
    const double y = percent(box.y, row_.size.height);
    return fmt::format("\"x\":{},\"y\":{},\"width\":{},\"height\":{},\"rotation\":0",
                       number_of(x),
                       number_of(y),
                       number_of(std::min(percent(box.width, row_.size.width), 100 - x)),
                       number_of(std::min(percent(box.height, row_.size.height), 100 - y)));
  }

  [[nodiscard]] std::string points_text(const std::vector<Point2d>& polygon) const {
    std::string text = "\"points\":[";
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      fmt::format_to(std::back_inserter(text),
                     "{}[{},{}]",
                     i == 0 ? "" : ",",
                     number_of(percent(polygon[i].x, row_.size.width)),
                     number_of(percent(polygon[i].y, row_.size.height)));
    }
    return text + "],\"closed\":true";
  }

  void keypoints(std::size_t index, const std::string& parent) {
    const PredictedBox& box = row_.boxes[index];
    const auto& names = header_.classes[static_cast<std::size_t>(box.class_index)].keypoints;
    for (const PredictedKeypoint& keypoint : box.keypoints) {
      const Point2d p = keypoint.point;
      // Clamped to the border it would be a wrong point: better none.
      if (keypoint.score < options_.keypoint_score || p.x < 0 || p.y < 0 || p.x > row_.size.width ||
          p.y > row_.size.height)
        continue;
      region(fmt::format("{}-k{}-{}", prefix_, index + 1, keypoint.slot + 1),
             kKeypoint,
             keypoint.score,
             fmt::format("\"x\":{},\"y\":{},\"width\":0.5",
                         number_of(percent(p.x, row_.size.width)),
                         number_of(percent(p.y, row_.size.height))),
             names[static_cast<std::size_t>(keypoint.slot)],
             parent);
    }
  }

  void brush(int seg_class) {
    const std::vector<RowRun> runs = label_pixels(*row_.segmentation, seg_class, row_.size);
    if (runs.empty()) return;
    std::string value = "\"format\":\"rle\",\"rle\":[";
    bool first = true;
    for (const std::uint8_t byte : encode_brush(runs, row_.size)) {
      fmt::format_to(std::back_inserter(value), "{}{}", first ? "" : ",", byte);
      first = false;
    }
    region(fmt::format("{}-b{}", prefix_, seg_class + 1),
           kBrush,
           -1,
           value + ']',
           header_.seg_classes[static_cast<std::size_t>(seg_class)]);
  }

  const ScoreRow& row_;
  const ScoreHeader& header_;
  const TaskOptions& options_;
  std::string prefix_;  // ids are unique in the project, not only in the task
  std::string text_;
};

}  // namespace

std::string image_address(std::string_view url_template, std::string_view key) {
  if (url_template.find(kPath) == std::string_view::npos) {
    throw Error(Errc::kArgument,
                {},
                fmt::format("--image-url {}: expected {} where the image's path goes",
                            labelloom::quoted(url_template),
                            kPath));
  }
  std::string path;
  for (const char c : key) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/-._~").find(c) != std::string_view::npos;
    if (plain) {
      path += c;
    } else {
      fmt::format_to(std::back_inserter(path), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  std::string address;
  for (std::size_t at = 0; (at = url_template.find(kPath)) != std::string_view::npos;) {
    address.append(url_template.substr(0, at)).append(path);
    url_template.remove_prefix(at + kPath.size());
  }
  return address.append(url_template);
}

std::string task_text(const ScoreRow& row,
                      const ScoreHeader& header,
                      const TaskNote& note,
                      const TaskOptions& options) {
  const double place =
      note.count < 2 ? 0 : static_cast<double>(note.rank - 1) / static_cast<double>(note.count - 1);
  return fmt::format(
      "{{\"data\":{{\"image\":{},\"select_score\":{},\"select_rank\":{},\"select_reason\":{},"
      "\"select_strategy\":{},\"select_batch\":{}}},\n "
      "\"predictions\":[{{\"model_version\":{},\"score\":{},\"result\":[\n  {}]}}]}}",
      string_of(image_address(options.image_url, row.key)),
      std::isfinite(note.score) ? number_of(note.score) : "null",
      note.rank,
      string_of(note.reason),
      string_of(note.strategy),
      string_of(options.batch),
      string_of(header.model_name),
      number_of(place),
      Regions(row, header, options).text());
}

std::string task_config(const ScoreHeader& header, const TaskOptions& options) {
  LabelConfigRequest request;
  for (const ScoreClass& c : header.classes) {
    request.classes.push_back(c.name);
    for (const std::string& name : c.keypoints) {
      if (std::ranges::find(request.keypoints, name) == request.keypoints.end())
        request.keypoints.push_back(name);
    }
  }
  request.boxes = !request.classes.empty();
  if (options.brushes) {
    for (const int c : stuff_classes(header))
      request.brushes.push_back(header.seg_classes[static_cast<std::size_t>(c)]);
  }
  return make_label_config(request);
}

TaskFiles::TaskFiles(std::filesystem::path folder, const TaskOptions& options)
    : folder_(std::move(folder)), options_(options) {
  (void)image_address(options_.image_url, {});  // refused before anything is written
}

void TaskFiles::add(std::string_view task) {
  constexpr std::size_t kAround = 8;  // brackets and line breaks
  const bool full = tasks_ >= options_.max_file_tasks ||
                    text_.size() + task.size() + kAround > options_.max_file_bytes;
  if (tasks_ > 0 && full) flush(fmt::format("tasks-{}.json", files_.size() + 1));
  text_ += tasks_ == 0 ? "[\n" : ",\n";
  text_ += task;
  ++tasks_;
}

void TaskFiles::flush(const std::string& name) {
  text_ += tasks_ == 0 ? "[]\n" : "\n]\n";
  write_file(folder_ / name, text_);
  files_.push_back(name);
  text_.clear();
  tasks_ = 0;
}

std::vector<std::string> TaskFiles::finish() {
  flush(files_.empty() ? "tasks.json" : fmt::format("tasks-{}.json", files_.size() + 1));
  std::error_code ignored;
  if (files_.size() > 1) std::filesystem::remove(folder_ / "tasks.json", ignored);
  std::size_t next = files_.size() > 1 ? files_.size() + 1 : 1;
  while (std::filesystem::remove(folder_ / fmt::format("tasks-{}.json", next), ignored)) ++next;
  return files_;
}

}  // namespace labelloom::select
