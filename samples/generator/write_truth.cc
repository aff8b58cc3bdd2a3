#include "samples/generator/write_truth.h"

#include <string_view>

#include "samples/generator/json_file.h"

namespace labelloom::samples {
namespace {

std::string_view tool_name(Tool tool) {
  switch (tool) {
    case Tool::kPolygon:
      return "polygon";
    case Tool::kRotatedBox:
      return "rotated_box";
    case Tool::kBox:
      return "box";
    case Tool::kEllipse:
      return "ellipse";
    case Tool::kBrush:
      break;
  }
  return "brush";
}

std::string_view seen_name(Seen seen) {
  if (seen == Seen::kVisible) return "visible";
  return seen == Seen::kHidden ? "hidden" : "outside";
}

template <typename Writer>
void put_numbers(Writer& writer, std::string_view key, std::initializer_list<double> numbers) {
  put_key(writer, key);
  writer.StartArray();
  for (const double number : numbers) writer.Double(number);
  writer.EndArray();
}

/// Flat: x, y, x, y, ...
template <typename Writer>
void put_polygon(Writer& writer, std::string_view key, const Polygon& polygon) {
  put_key(writer, key);
  writer.StartArray();
  for (const Point point : polygon) {
    writer.Double(point.x);
    writer.Double(point.y);
  }
  writer.EndArray();
}

template <typename Writer>
void put_instance(Writer& writer, const TrueInstance& instance) {
  writer.StartObject();
  put_key(writer, "category");
  put_string(writer, instance.category);
  put_key(writer, "drawn_as");
  put_string(writer, tool_name(instance.tool));
  put_numbers(
      writer, "box", {instance.box.x, instance.box.y, instance.box.width, instance.box.height});
  put_number(writer, "area", instance.area);
  if (!instance.clipped.empty()) put_polygon(writer, "polygon", instance.clipped);
  put_polygon(writer, "outline", instance.full);
  if (instance.tool == Tool::kEllipse) {
    put_numbers(writer,
                "ellipse",
                {instance.shape->anchor.x,
                 instance.shape->anchor.y,
                 instance.shape->width,
                 instance.shape->height,
                 instance.shape->rotation_deg});
  }
  if (instance.mask) {
    put_key(writer, "mask_runs");
    writer.StartArray();
    for (const BrushMask::Run& run : instance.mask->runs) {
      writer.Int(run.row);
      writer.Int(run.first);
      writer.Int(run.last);
    }
    writer.EndArray();
  }
  put_key(writer, "keypoints");
  writer.StartArray();
  for (const TrueKeypoint& keypoint : instance.keypoints) {
    writer.StartObject();
    put_key(writer, "name");
    put_string(writer, keypoint.name);
    put_number(writer, "x", keypoint.point.x);
    put_number(writer, "y", keypoint.point.y);
    put_key(writer, "seen");
    put_string(writer, seen_name(keypoint.seen));
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
}

template <typename Writer>
void put_owners(Writer& writer, const Annotation& annotation) {
  put_key(writer, "exported_keypoints");
  writer.StartArray();
  for (const Region& region : annotation.regions) {
    if (region.type != Region::Type::kKeypoint) continue;
    writer.StartObject();
    put_key(writer, "label");
    put_string(writer, region.label);
    put_number(writer, "x", region.points.front().x);
    put_number(writer, "y", region.points.front().y);
    put_key(writer, "owner");
    writer.Int(region.owner);
    writer.EndObject();
  }
  writer.EndArray();
}

}  // namespace

struct TruthFile::File : PrettyFile {
  using PrettyFile::PrettyFile;
};

TruthFile::TruthFile(const std::filesystem::path& path, std::uint64_t seed)
    : file_(std::make_unique<File>(path)) {
  auto& writer = file_->writer();
  writer.SetIndent(' ', 1);
  writer.SetFormatOptions(rapidjson::kFormatSingleLineArray);
  writer.StartObject();
  put_key(writer, "seed");
  writer.Uint64(seed);
  put_key(writer, "images");
  writer.StartArray();
}
TruthFile::~TruthFile() = default;

void TruthFile::add(const Task& task) {
  auto& writer = file_->writer();
  const Annotation& newest = task.annotations.front();
  writer.StartObject();
  put_key(writer, "file_name");
  put_string(writer, task.file_name);
  put_key(writer, "task_id");
  writer.Int(task.id);
  put_key(writer, "annotation_id");
  writer.Int(newest.id);
  put_key(writer, "width");
  writer.Int(task.frame.width);
  put_key(writer, "height");
  writer.Int(task.frame.height);
  put_key(writer, "instances");
  writer.StartArray();
  for (const TrueInstance& instance : task.truth) put_instance(writer, instance);
  writer.EndArray();
  put_owners(writer, newest);
  writer.EndObject();
}

void TruthFile::close() {
  file_->writer().EndArray();
  file_->writer().EndObject();
  file_->close();
}

}  // namespace labelloom::samples
