#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "formats/label_studio_annotation.h"

namespace labelloom::label_studio {
namespace {

constexpr std::string_view kUnlabelled = "unlabelled";
constexpr const char* kElsewhere = "of-another-image";

std::string_view label_of(const Region& region) {
  return region.label_count == 0 ? kUnlabelled : region.label;
}

/// Owners that the export names for its key points: the parent, else the one shape a relation joins
/// it to. Relations can mean anything; one that joins a point to several shapes is no ownership.
class Owners {
 public:
  Owners(const std::vector<Region>& regions, const std::vector<Relation>& relations)
      : regions_(regions) {
    for (std::size_t i = 0; i < regions.size(); ++i) {
      if (!regions[i].id.empty()) by_id_.emplace(regions[i].id, i);
    }
    for (const Relation& relation : relations) {
      related_.emplace(relation.from, relation.to);
      related_.emplace(relation.to, relation.from);
    }
  }

  /// Index of the region that owns a key point.
  [[nodiscard]] std::optional<std::size_t> of(const Region& keypoint) const {
    if (const auto parent = ancestor(keypoint)) return parent;
    if (keypoint.id.empty()) return std::nullopt;
    std::optional<std::size_t> owner;
    const auto [begin, end] = related_.equal_range(keypoint.id);
    for (auto relation = begin; relation != end; ++relation) {
      const auto other = shape(relation->second);
      if (other && owner && *other != *owner) return std::nullopt;
      if (other) owner = other;
    }
    return owner;
  }

 private:
  /// The nearest region above a key point that is no key point itself.
  [[nodiscard]] std::optional<std::size_t> ancestor(const Region& keypoint) const {
    const Region* region = &keypoint;
    for (std::size_t steps = 0; steps < regions_.size(); ++steps) {  // there may be circles
      const auto parent = by_id_.find(region->parent_id);
      if (region->parent_id.empty() || parent == by_id_.end()) return std::nullopt;
      region = &regions_[parent->second];
      if (region->kind != RegionKind::kKeypoint) return parent->second;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<std::size_t> shape(std::string_view id) const {
    if (id.empty()) return std::nullopt;
    const auto found = by_id_.find(id);
    if (found == by_id_.end() || regions_[found->second].kind == RegionKind::kKeypoint) {
      return std::nullopt;
    }
    return found->second;
  }

  const std::vector<Region>& regions_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
  std::unordered_multimap<std::string_view, std::string_view> related_;
};

std::string place_of(const Region& region, const Annotation& annotation) {
  return fmt::format("task {}: {}", annotation.task_key, region.place(""));
}

/// Counts and reports a region that becomes nothing.
void leave_out(const Region& region, const char* reason, const RegionSink& sink) {
  sink.report.add(reason, {}, place_of(region, sink.annotation));
  for (auto& [known, count] : sink.annotation.left_out) {
    if (std::string_view(known) == reason) {
      ++count;
      return;
    }
  }
  sink.annotation.left_out.emplace_back(reason, 1);
}

/// Why regions of a kind never become instances; null for those that do.
const char* foreign(RegionKind kind) {
  switch (kind) {
    case RegionKind::kVector:
      return "vector-region";
    case RegionKind::kVideo:
      return "video-region";
    case RegionKind::kText:
      return "text-region";
    case RegionKind::kAttribute:
      return "text-or-choice";
    case RegionKind::kNone:
      return "no-geometry";
    default:
      return nullptr;
  }
}

/// Members of an instance that COCO has no place for.
JsonMembers extra_members(const Region& region) {
  JsonMembers members;
  const auto add = [&](std::string_view text) {
    if (!members.empty()) members += ',';
    members += text;
  };
  if (region.kind == RegionKind::kRectangle || region.kind == RegionKind::kEllipse) {
    add(fmt::format("\"shape\":\"{}\"", name(region.kind)));
  }
  if (region.label_count > 1) add("\"labels\":" + region.fields.labels.text());
  if (!region.attributes.empty()) add("\"attributes\":{" + region.attributes + "}");
  return members;
}

/// Id of the new instance in its annotation; nothing when the region is left out.
std::optional<std::int64_t> add_instance(const Region& region, const RegionSink& sink) {
  Annotation& annotation = sink.annotation;
  Shape shape = make_shape(region, annotation.size);
  if (shape.left_out != nullptr) {
    leave_out(region, shape.left_out, sink);
    return std::nullopt;
  }
  if (shape.clipped) sink.report.add("clipped-to-image", {}, place_of(region, annotation));
  if (region.label_count == 0) {
    sink.report.add("unlabelled-region", {}, place_of(region, annotation));
  }
  if (region.label_count > 1) {
    sink.report.add("several-labels", {}, place_of(region, annotation));
  }
  Instance& instance = sink.instances.emplace_back();
  instance.id = static_cast<std::int64_t>(++annotation.instances.count);
  instance.category_id = sink.labels.index(label_of(region));
  instance.bbox = shape.bbox;
  instance.area = shape.area;
  instance.rings = std::move(shape.rings);
  if (shape.mask) instance.ensure_extra().mask = std::move(shape.mask);
  if (region.score) instance.ensure_extra().score = region.score;
  JsonMembers members = extra_members(region);
  if (!members.empty()) instance.ensure_extra().members = std::move(members);
  return instance.id;
}

void add_keypoint(const Region& region,
                  std::optional<std::int64_t> owner_id,
                  const RegionSink& sink) {
  Annotation& annotation = sink.annotation;
  const auto point = keypoint_position(region, annotation.size);
  if (!point) return leave_out(region, "keypoint-without-position", sink);
  const Size size = annotation.size;
  if (point->x < 0 || point->y < 0 || point->x > size.width || point->y > size.height) {
    return leave_out(region, "keypoint-outside-image", sink);
  }
  if (region.label_count == 0) {
    sink.report.add("unlabelled-region", {}, place_of(region, annotation));
  }
  if (region.label_count > 1 || !region.attributes.empty()) {
    sink.report.add("keypoint-says-more", {}, place_of(region, annotation));
  }
  LooseKeypoint& keypoint = sink.keypoints.emplace_back();
  ++annotation.keypoints.count;
  keypoint.label = label_of(region);
  sink.keypoint_labels.index(keypoint.label);
  keypoint.point = *point;
  keypoint.owner_id = owner_id;
  keypoint.source_id = region.id;
}

/// Runs `action` for a region; a bad one is left out when that is allowed.
template <typename Action>
void guarded(const Region& region, const RegionSink& sink, const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    if (!sink.skip_bad || error.code() != Errc::kInvalidData) throw;
    leave_out(region, "bad-region", sink);
    sink.report.add("skipped-bad-record",
                    {},
                    fmt::format("task {}: {}", sink.annotation.task_key, error.what()));
  }
}

void check_size(const Region& region, const Annotation& annotation) {
  if (annotation.size.width > 0) return;
  throw Error(Errc::kInvalidData,
              {.path = region.place("")},
              "the export does not say the image's size (original_width, original_height) and the "
              "image file was not found; give the folder of the images");
}

}  // namespace

void add_regions(const std::vector<Region>& regions,
                 const std::vector<Relation>& relations,
                 bool has_image,
                 const RegionSink& sink) {
  sink.annotation.instances = {sink.instances.size(), 0};
  sink.annotation.keypoints = {sink.keypoints.size(), 0};
  std::vector<std::optional<std::int64_t>> instance_ids(regions.size());
  for (std::size_t i = 0; i < regions.size(); ++i) {
    const Region& region = regions[i];
    ++sink.annotation.regions[static_cast<std::size_t>(region.kind)];
    const char* reason = has_image ? foreign(region.kind) : "no-single-image";
    if (reason == nullptr && region.elsewhere) reason = kElsewhere;
    if (reason != nullptr) {
      leave_out(region, reason, sink);
    } else if (region.kind != RegionKind::kKeypoint) {
      guarded(region, sink, [&] {
        check_size(region, sink.annotation);
        instance_ids[i] = add_instance(region, sink);
      });
    }
  }
  if (!has_image) return;
  const Owners owners(regions, relations);
  for (const Region& region : regions) {
    if (region.kind != RegionKind::kKeypoint || region.elsewhere) continue;
    guarded(region, sink, [&] {
      check_size(region, sink.annotation);
      const auto owner = owners.of(region);
      add_keypoint(region, owner ? instance_ids[*owner] : std::nullopt, sink);
    });
  }
}

}  // namespace labelloom::label_studio
