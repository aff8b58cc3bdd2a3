#include "samples/generator/write_label_studio.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "samples/generator/json_file.h"

namespace labelloom::samples {
namespace {

constexpr int kProject = 1;

std::string_view type_name(Region::Type type) {
  switch (type) {
    case Region::Type::kPolygon:
      return "polygonlabels";
    case Region::Type::kRectangle:
      return "rectanglelabels";
    case Region::Type::kEllipse:
      return "ellipselabels";
    case Region::Type::kBrush:
      return "brushlabels";
    case Region::Type::kKeypoint:
      break;
  }
  return "keypointlabels";
}

/// Per cent of the frame, as everything in Label Studio.
double percent(double pixels, int side) { return pixels * 100 / side; }

template <typename Writer>
void put_shape(Writer& writer, const Region& region, Frame frame) {
  const bool is_ellipse = region.type == Region::Type::kEllipse;
  put_number(writer, "x", percent(region.shape.anchor.x, frame.width));
  put_number(writer, "y", percent(region.shape.anchor.y, frame.height));
  put_number(writer, is_ellipse ? "radiusX" : "width", percent(region.shape.width, frame.width));
  put_number(writer, is_ellipse ? "radiusY" : "height", percent(region.shape.height, frame.height));
  if (region.shape.rotation_deg == 0) {
    put_key(writer, "rotation");
    writer.Int(0);
  } else {
    put_number(writer, "rotation", region.shape.rotation_deg);
  }
}

/// The members of a region's `value`, geometry first, then its label.
template <typename Writer>
void put_value_members(Writer& writer, const Region& region, Frame frame) {
  switch (region.type) {
    case Region::Type::kPolygon:
      put_key(writer, "points");
      writer.StartArray();
      for (const Point point : region.points) {
        writer.StartArray();
        writer.Double(percent(point.x, frame.width));
        writer.Double(percent(point.y, frame.height));
        writer.EndArray();
      }
      writer.EndArray();
      put_key(writer, "closed");
      writer.Bool(true);
      break;
    case Region::Type::kKeypoint:
      put_number(writer, "x", percent(region.points.front().x, frame.width));
      put_number(writer, "y", percent(region.points.front().y, frame.height));
      put_number(writer, "width", 0.390625);
      break;
    case Region::Type::kRectangle:
    case Region::Type::kEllipse:
      put_shape(writer, region, frame);
      break;
    case Region::Type::kBrush:
      put_key(writer, "format");
      put_string(writer, "rle");
      put_key(writer, "rle");
      writer.StartArray();
      for (const std::uint8_t byte : region.rle) writer.Uint(byte);
      writer.EndArray();
      break;
  }
  put_key(writer, type_name(region.type));
  writer.StartArray();
  put_string(writer, region.label);
  writer.EndArray();
}

template <typename Writer>
void put_frame(Writer& writer, Frame frame) {
  put_key(writer, "original_width");
  writer.Int(frame.width);
  put_key(writer, "original_height");
  writer.Int(frame.height);
}

/// Label Studio's JSON-min escapes slashes, which RapidJSON would not.
template <typename Writer>
void put_url(Writer& writer, std::string_view url) {
  std::string text = "\"";
  for (const char c : url) {
    if (c == '/') text += '\\';
    text += c;
  }
  text += '"';
  writer.RawValue(text.data(), text.size(), rapidjson::kStringType);
}

template <typename Writer>
void put_dates(Writer& writer, const Annotation& annotation) {
  put_key(writer, "created_at");
  put_string(writer, annotation.created_at);
  put_key(writer, "updated_at");
  put_string(writer, annotation.updated_at);
  put_number(writer, "lead_time", annotation.lead_time_s);
}

template <typename Writer>
void put_row(Writer& writer, const Task& task, const Annotation& annotation) {
  writer.StartObject();
  put_key(writer, "image");
  put_url(writer, task.image_url);
  put_key(writer, "id");
  writer.Int(task.id);
  std::vector<std::string_view> controls;
  for (const Region& region : annotation.regions) {
    if (std::ranges::find(controls, region.control) == controls.end()) {
      controls.push_back(region.control);
    }
  }
  for (const std::string_view control : controls) {
    put_key(writer, control);
    writer.StartArray();
    for (const Region& region : annotation.regions) {
      if (region.control != control) continue;
      writer.StartObject();
      put_value_members(writer, region, task.frame);
      put_frame(writer, task.frame);
      writer.EndObject();
    }
    writer.EndArray();
  }
  put_key(writer, "annotator");
  writer.Int(annotation.annotator);
  put_key(writer, "annotation_id");
  writer.Int(annotation.id);
  put_dates(writer, annotation);
  writer.EndObject();
}

template <typename Writer>
void put_result(Writer& writer, const Region& region, Frame frame) {
  writer.StartObject();
  put_key(writer, "id");
  put_string(writer, region.id);
  put_key(writer, "type");
  put_string(writer, type_name(region.type));
  put_key(writer, "value");
  writer.StartObject();
  put_value_members(writer, region, frame);
  writer.EndObject();
  put_key(writer, "origin");
  put_string(writer, "manual");
  put_key(writer, "to_name");
  put_string(writer, "image");
  if (!region.parent_id.empty()) {
    put_key(writer, "parentID");
    put_string(writer, region.parent_id);
  }
  put_key(writer, "from_name");
  put_string(writer, region.control);
  put_key(writer, "image_rotation");
  writer.Int(0);
  put_frame(writer, frame);
  writer.EndObject();
}

template <typename Writer>
void put_relation(Writer& writer, const std::pair<std::string, std::string>& relation) {
  writer.StartObject();
  put_key(writer, "type");
  put_string(writer, "relation");
  put_key(writer, "from_id");
  put_string(writer, relation.first);
  put_key(writer, "to_id");
  put_string(writer, relation.second);
  put_key(writer, "direction");
  put_string(writer, "right");
  writer.EndObject();
}

template <typename Writer>
void put_annotation(Writer& writer, const Task& task, const Annotation& annotation) {
  writer.StartObject();
  put_key(writer, "id");
  writer.Int(annotation.id);
  put_key(writer, "completed_by");
  writer.Int(annotation.annotator);
  put_key(writer, "result");
  writer.StartArray();
  for (const Region& region : annotation.regions) put_result(writer, region, task.frame);
  if (annotation.relation) put_relation(writer, *annotation.relation);
  writer.EndArray();
  put_key(writer, "was_cancelled");
  writer.Bool(annotation.cancelled);
  put_key(writer, "ground_truth");
  writer.Bool(false);
  put_dates(writer, annotation);
  put_key(writer, "prediction");
  writer.StartObject();
  writer.EndObject();
  put_key(writer, "result_count");
  writer.Int(static_cast<int>(annotation.regions.size()));
  put_key(writer, "task");
  writer.Int(task.id);
  put_key(writer, "project");
  writer.Int(kProject);
  put_key(writer, "parent_prediction");
  writer.Null();
  put_key(writer, "parent_annotation");
  writer.Null();
  writer.EndObject();
}

template <typename Writer>
void put_task(Writer& writer, const Task& task) {
  writer.StartObject();
  put_key(writer, "id");
  writer.Int(task.id);
  put_key(writer, "annotations");
  writer.StartArray();
  for (const Annotation& annotation : task.annotations) put_annotation(writer, task, annotation);
  writer.EndArray();
  put_key(writer, "file_upload");
  if (task.file_upload.empty()) {
    writer.Null();
  } else {
    put_string(writer, task.file_upload);
  }
  for (const std::string_view empty : {"drafts", "predictions"}) {
    put_key(writer, empty);
    writer.StartArray();
    writer.EndArray();
  }
  put_key(writer, "data");
  writer.StartObject();
  put_key(writer, "image");
  put_string(writer, task.image_url);
  writer.EndObject();
  put_key(writer, "meta");
  writer.StartObject();
  writer.EndObject();
  const auto cancelled = std::ranges::count(task.annotations, true, &Annotation::cancelled);
  put_key(writer, "total_annotations");
  writer.Int(static_cast<int>(task.annotations.size()) - static_cast<int>(cancelled));
  put_key(writer, "cancelled_annotations");
  writer.Int(static_cast<int>(cancelled));
  put_key(writer, "project");
  writer.Int(kProject);
  writer.EndObject();
}

void write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error(fmt::format("{}: cannot write", path.string()));
}

}  // namespace

struct MinExport::File : PrettyFile {
  using PrettyFile::PrettyFile;
};

MinExport::MinExport(const std::filesystem::path& path) : file_(std::make_unique<File>(path)) {
  file_->writer().SetIndent(' ', 2);
  file_->writer().StartArray();
}
MinExport::~MinExport() = default;

void MinExport::add(const Task& task) {
  for (const Annotation& annotation : task.annotations) {
    if (!annotation.cancelled) put_row(file_->writer(), task, annotation);
  }
}

void MinExport::close() {
  file_->writer().EndArray();
  file_->close();
}

struct FullExport::File : CompactFile {
  using CompactFile::CompactFile;
};

FullExport::FullExport(const std::filesystem::path& path) : file_(std::make_unique<File>(path)) {
  file_->writer().StartArray();
}
FullExport::~FullExport() = default;

void FullExport::add(const Task& task) { put_task(file_->writer(), task); }

void FullExport::close() {
  file_->writer().EndArray();
  file_->close();
}

void write_label_config(const std::filesystem::path& path) {
  write_text(path, R"xml(<View>
  <Header value="Outline every part as a whole, then click its points"/>
  <Image name="image" value="$image" zoom="true" zoomControl="true" rotateControl="false"/>
  <PolygonLabels name="label" toName="image" strokeWidth="2" pointSize="small">
    <Label value="RockerArm" background="#D4380D"/>
    <Label value="Bolt" background="#1890FF"/>
    <Label value="PushRod" background="#52C41A"/>
    <Label value="Washer" background="#FAAD14"/>
  </PolygonLabels>
  <RectangleLabels name="rect" toName="image" canRotate="true">
    <Label value="Bolt" background="#1890FF"/>
  </RectangleLabels>
  <RectangleLabels name="bbox" toName="image" canRotate="false">
    <Label value="RockerArm" background="#D4380D"/>
    <Label value="Bolt" background="#1890FF"/>
  </RectangleLabels>
  <EllipseLabels name="ellipse" toName="image">
    <Label value="Washer" background="#FAAD14"/>
  </EllipseLabels>
  <BrushLabels name="brush" toName="image">
    <Label value="RockerArm" background="#D4380D"/>
  </BrushLabels>
  <KeyPointLabels name="kp-1" toName="image">
    <Label value="pad" background="#EB2F96"/>
    <Label value="pivot" background="#722ED1"/>
    <Label value="adjuster" background="#13C2C2"/>
    <Label value="head" background="#2F54EB"/>
    <Label value="tip" background="#FA8C16"/>
    <Label value="cup" background="#A0D911"/>
    <Label value="ball" background="#F5222D"/>
  </KeyPointLabels>
</View>
)xml");
}

void write_keypoint_labels(const std::filesystem::path& path) {
  write_text(path, R"json({
  "pad": "RockerArm",
  "pivot": "RockerArm",
  "adjuster": "RockerArm",
  "head": "Bolt",
  "tip": "Bolt",
  "cup": "PushRod",
  "ball": "PushRod"
}
)json");
}

}  // namespace labelloom::samples
