#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "samples/generator/json_file.h"
#include "samples/generator/training_truth.h"

namespace labelloom::samples {
namespace {

constexpr int kKinds = 4;

template <typename Writer>
void put_integer(Writer& writer, std::string_view key, int number) {
  put_key(writer, key);
  writer.Int(number);
}

template <typename Writer>
void put_text(Writer& writer, std::string_view key, std::string_view text) {
  put_key(writer, key);
  put_string(writer, text);
}

/// COCO's compressed run lengths: from the fourth run on, differences to the run two before; five
/// bits a character, lowest first, 32 set if more follow, from '0' on.
std::string compressed(const std::vector<unsigned>& counts) {
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    long rest = counts[i];
    if (i > 2) rest -= static_cast<long>(counts[i - 2]);
    bool more = true;
    while (more) {
      const long bits = rest & 31;
      rest >>= 5;
      more = (bits & 16) != 0 ? rest != -1 : rest != 0;
      text += static_cast<char>(bits + (more ? 32 : 0) + '0');
    }
  }
  return text;
}

template <typename Writer>
void put_categories(Writer& writer) {
  put_key(writer, "categories");
  writer.StartArray();
  for (int i = 0; i < kKinds; ++i) {
    const auto kind = static_cast<PartKind>(i);
    writer.StartObject();
    put_integer(writer, "id", i + 1);
    put_text(writer, "name", category_name(kind));
    put_text(writer, "supercategory", "part");
    const auto points = keypoints({kind, 0});
    if (!points.empty()) {
      put_key(writer, "keypoints");
      writer.StartArray();
      for (const NamedPoint& point : points) put_string(writer, point.name);
      writer.EndArray();
      put_key(writer, "skeleton");
      writer.StartArray();
      for (int k = 1; k < static_cast<int>(points.size()); ++k) {
        writer.StartArray();
        writer.Int(k);
        writer.Int(k + 1);
        writer.EndArray();
      }
      writer.EndArray();
    }
    writer.EndObject();
  }
  writer.EndArray();
}

template <typename Writer>
void put_attributes(Writer& writer, const SceneInstance& instance) {
  put_key(writer, "attributes");
  writer.StartObject();
  put_number(writer, "orientation_rad", instance.orientation_rad);
  if (instance.axis_rad) put_number(writer, "axis_rad", *instance.axis_rad);
  if (instance.outer_is_left) {
    put_text(writer, "outer_side", *instance.outer_is_left ? "left" : "right");
  }
  put_number(writer, "seen_share", instance.seen_share);
  put_integer(writer, "layer", instance.layer);
  put_number(writer, "depth_mm", instance.depth_mm);
  put_key(writer, "keypoint_depth_mm");
  writer.StartArray();
  for (const SceneKeypoint& keypoint : instance.keypoints) {
    if (keypoint.depth_mm) {
      writer.Double(*keypoint.depth_mm);
    } else {
      writer.Null();
    }
  }
  writer.EndArray();
  writer.EndObject();
}

template <typename Writer>
void put_keypoints(Writer& writer, const std::vector<SceneKeypoint>& keypoints) {
  put_key(writer, "keypoints");
  writer.StartArray();
  int labelled = 0;
  for (const SceneKeypoint& keypoint : keypoints) {
    writer.Double(keypoint.point.x);
    writer.Double(keypoint.point.y);
    writer.Int(keypoint.visibility);
    labelled += keypoint.visibility > 0 ? 1 : 0;
  }
  writer.EndArray();
  put_integer(writer, "num_keypoints", labelled);
}

template <typename Writer>
void put_instance(
    Writer& writer, const SceneInstance& instance, Frame frame, int id, int image_id) {
  writer.StartObject();
  put_integer(writer, "id", id);
  put_integer(writer, "image_id", image_id);
  put_integer(writer, "category_id", static_cast<int>(instance.kind) + 1);
  put_key(writer, "bbox");
  writer.StartArray();
  for (const double v : {instance.box.x, instance.box.y, instance.box.width, instance.box.height}) {
    writer.Double(v);
  }
  writer.EndArray();
  put_integer(writer, "area", instance.pixels);
  put_integer(writer, "iscrowd", 0);
  put_key(writer, "segmentation");
  writer.StartObject();
  put_key(writer, "size");
  writer.StartArray();
  writer.Int(frame.height);
  writer.Int(frame.width);
  writer.EndArray();
  put_text(writer, "counts", compressed(instance.counts));
  writer.EndObject();
  if (!instance.keypoints.empty()) put_keypoints(writer, instance.keypoints);
  put_attributes(writer, instance);
  writer.EndObject();
}

template <typename Writer>
void put_image(Writer& writer, const SceneTruth& scene) {
  writer.StartObject();
  put_integer(writer, "id", scene.index + 1);
  put_text(writer, "file_name", scene.file_name);
  put_integer(writer, "width", scene.frame.width);
  put_integer(writer, "height", scene.frame.height);
  if (scene.duplicate_of) put_text(writer, "duplicate_of", *scene.duplicate_of);
  writer.EndObject();
}

}  // namespace

void write_scenes_coco(const std::filesystem::path& path, const std::vector<SceneTruth>& scenes) {
  CompactFile file(path);
  auto& writer = file.writer();
  writer.StartObject();
  put_key(writer, "info");
  writer.StartObject();
  put_text(writer, "description", "Drawn scenes of engine parts");
  writer.EndObject();
  put_key(writer, "labelloom");
  writer.StartObject();
  put_text(writer, "keypoint_origin", "continuous");
  writer.EndObject();
  put_key(writer, "images");
  writer.StartArray();
  for (const SceneTruth& scene : scenes) put_image(writer, scene);
  writer.EndArray();
  put_key(writer, "annotations");
  writer.StartArray();
  int id = 0;
  for (const SceneTruth& scene : scenes) {
    for (const SceneInstance& instance : scene.instances) {
      put_instance(writer, instance, scene.frame, ++id, scene.index + 1);
    }
  }
  writer.EndArray();
  put_categories(writer);
  writer.EndObject();
  file.close();
}

}  // namespace labelloom::samples
