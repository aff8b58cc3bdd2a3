#include <algorithm>
#include <string>
#include <unordered_map>

#include "formats/json_text.h"
#include "formats/label_studio_annotation.h"

namespace labelloom::label_studio {
namespace {

/// Same text for results of the same region: its id, else its geometry to the last digit.
std::string partner_key(const Region& region) {
  if (region.full) return std::string(region.id);
  std::string key;
  const Fields& f = region.fields;
  for (const json::Value& v : {f.x,
                               f.y,
                               f.width,
                               f.height,
                               f.rotation,
                               f.points,
                               f.radius_x,
                               f.radius_y,
                               f.rle,
                               f.image_data}) {
    if (v.exists()) key += v.text();
    key += ';';
  }
  return key;
}

bool is_shape(const Region& region) {
  return region.kind != RegionKind::kAttribute && region.kind != RegionKind::kNone;
}

/// A result that says something about a region that another result draws.
bool is_partner(const Region& region) {
  return region.kind == RegionKind::kAttribute || region.fields.plain_labels;
}

void add_attribute(Region& shape, const Region& attribute) {
  attribute.value.for_each_member([&](std::string_view key, const json::Value& v) {
    if (key != "text" && key != "choices" && key != "taxonomy" && key != "rating" &&
        key != "number" && key != "datetime") {
      return;
    }
    if (!shape.attributes.empty()) shape.attributes += ',';
    json::append_string(shape.attributes, attribute.control);
    shape.attributes += ':' + v.text();
  });
}

}  // namespace

void join_partners(std::vector<Region>& regions) {
  if (std::ranges::none_of(regions, is_partner)) return;
  std::unordered_map<std::string, std::size_t> shapes;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    if (is_shape(regions[i]) && !regions[i].fields.plain_labels) {
      shapes.emplace(partner_key(regions[i]), i);
    }
  }
  std::vector<bool> joined(regions.size(), false);
  for (std::size_t i = 0; i < regions.size(); ++i) {
    const std::string key = is_partner(regions[i]) ? partner_key(regions[i]) : std::string();
    const auto shape = shapes.find(key);
    if (key.empty() || shape == shapes.end()) continue;
    Region& owner = regions[shape->second];
    if (regions[i].kind == RegionKind::kAttribute) {
      add_attribute(owner, regions[i]);
    } else if (owner.label_count == 0) {
      owner.label = regions[i].label;
      owner.label_count = regions[i].label_count;
      owner.fields.labels = regions[i].fields.labels;
    } else {
      continue;
    }
    joined[i] = true;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    if (joined[i]) continue;
    if (kept != i) regions[kept] = std::move(regions[i]);
    ++kept;
  }
  regions.resize(kept);
}

}  // namespace labelloom::label_studio
