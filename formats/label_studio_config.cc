#include "formats/label_studio_config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <set>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom {
namespace {

constexpr std::size_t kMaxConfigBytes = std::size_t{16} << 20U;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(
      out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::optional<std::int64_t> integer(const char* text) {
  std::int64_t value = 0;
  const std::string_view view(text);
  const auto [end, code] = std::from_chars(view.data(), view.data() + view.size(), value);
  if (view.empty() || code != std::errc{} || end != view.data() + view.size()) return std::nullopt;
  return value;
}

bool is_shape_tag(const std::string& tag) {
  static const std::set<std::string> tags = {"labels",
                                             "rectanglelabels",
                                             "polygonlabels",
                                             "ellipselabels",
                                             "brushlabels",
                                             "bitmasklabels",
                                             "vectorlabels",
                                             "ellipselabels"};
  return tags.contains(tag);
}

/// Collects labels over a depth-first walk that uses no call stack: files are not to be trusted.
class ConfigWalker final : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& node) override {
    const std::string tag = lower(node.name());
    if (tag == "image") {
      const std::string_view value = node.attribute("value").as_string();
      if (value.starts_with('$')) {
        config.images.push_back({node.attribute("name").as_string(), std::string(value.substr(1))});
        if (config.image_key.empty()) config.image_key = value.substr(1);
      }
      has_image = true;
    } else if (tag == "label") {
      add(node);
    }
    return true;
  }

  LabelConfig config;
  std::vector<std::pair<std::string, std::optional<std::int64_t>>> keypoints;
  bool has_image = false;

 private:
  /// Labels may be grouped by views inside their control.
  static std::string control_of(const pugi::xml_node& label) {
    pugi::xml_node node = label.parent();
    while (!node.empty() && !is_control(lower(node.name()))) node = node.parent();
    return lower(node.name());
  }

  static bool is_control(const std::string& tag) {
    return is_shape_tag(tag) || tag.ends_with("labels") || tag == "choices" || tag == "taxonomy";
  }

  void add(const pugi::xml_node& node) {
    // Exports hold the alias of a label that has one.
    std::string name = node.attribute("alias").as_string();
    if (name.empty()) name = node.attribute("value").as_string();
    const std::string parent = control_of(node);
    if (name.empty()) return;
    if (parent == "keypointlabels") {
      const auto known = std::ranges::find(keypoints, name, [](const auto& k) { return k.first; });
      if (known == keypoints.end()) {
        keypoints.emplace_back(name, integer(node.attribute("model_index").as_string()));
      }
    } else if (is_shape_tag(parent) &&
               std::ranges::find(config.categories, name, &LabelConfig::Label::name) ==
                   config.categories.end()) {
      config.categories.push_back({name, integer(node.attribute("category").as_string())});
    }
  }
};

/// Colours that stay apart for the colour-blind (Okabe and Ito, 2008).
constexpr std::array<const char*, 8> kColours = {
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#999999"};

void append_labels(pugi::xml_node view,
                   const char* tag,
                   const char* name,
                   const std::vector<std::string>& labels,
                   std::size_t first_colour) {
  pugi::xml_node control = view.append_child(tag);
  control.append_attribute("name") = name;
  control.append_attribute("toName") = "image";
  const bool keypoints = std::string_view(tag) == "KeyPointLabels";
  if (keypoints) control.append_attribute("strokeWidth") = "4";
  for (std::size_t i = 0; i < labels.size(); ++i) {
    pugi::xml_node label = control.append_child("Label");
    label.append_attribute("value") = labels[i].c_str();
    label.append_attribute("background") = kColours[(first_colour + i) % kColours.size()];
    if (keypoints) label.append_attribute("model_index") = static_cast<unsigned>(i);
  }
}

void check_names(const std::vector<std::string>& names, const char* what) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (name.empty()) throw Error(Errc::kArgument, {}, fmt::format("a {} name is empty", what));
    if (!seen.insert(name).second) {
      throw Error(Errc::kArgument,
                  {},
                  fmt::format("{} name {} is given twice", what, labelloom::quoted(name)));
    }
  }
}

}  // namespace

LabelConfig read_label_config(const std::filesystem::path& path) {
  const InputFile file(path);
  if (file.text().size() > kMaxConfigBytes) {
    throw Error(
        Errc::kLimit, {.file = path.string()}, "is larger than 16 MB; is it a labelling config?");
  }
  pugi::xml_document document;
  const pugi::xml_parse_result result =
      document.load_buffer(file.text().data(), file.text().size());
  if (!result) {
    throw Error(Errc::kParse,
                {.file = path.string(), .offset = static_cast<std::uint64_t>(result.offset)},
                fmt::format("not XML: {}", result.description()));
  }
  ConfigWalker walker;
  document.traverse(walker);
  if (!walker.has_image) {
    throw Error(Errc::kInvalidData,
                {.file = path.string()},
                "has no <Image> tag; expected the labelling interface of an image project");
  }
  const bool all_indexed =
      std::ranges::all_of(walker.keypoints, [](const auto& k) { return k.second.has_value(); });
  if (all_indexed) {
    std::ranges::stable_sort(walker.keypoints, {}, [](const auto& k) { return *k.second; });
  }
  for (const auto& [name, index] : walker.keypoints) walker.config.keypoints.push_back(name);
  return std::move(walker.config);
}

std::string make_label_config(const LabelConfigRequest& request) {
  if (request.classes.empty() && request.brushes.empty()) {
    throw Error(Errc::kArgument, {}, "a labelling interface needs at least one class");
  }
  check_names(request.classes, "class");
  check_names(request.keypoints, "key point");
  check_names(request.brushes, "class");
  pugi::xml_document document;
  pugi::xml_node view = document.append_child("View");
  pugi::xml_node image = view.append_child("Image");
  image.append_attribute("name") = "image";
  image.append_attribute("value") = "$image";
  image.append_attribute("zoom") = "true";
  image.append_attribute("zoomControl") = "true";
  if (!request.classes.empty()) append_labels(view, "PolygonLabels", "label", request.classes, 0);
  if (request.boxes) append_labels(view, "RectangleLabels", "bbox", request.classes, 0);
  if (!request.keypoints.empty()) {
    append_labels(view, "KeyPointLabels", "kp-1", request.keypoints, request.classes.size());
  }
  if (!request.brushes.empty()) {
    append_labels(view,
                  "BrushLabels",
                  "brush",
                  request.brushes,
                  request.classes.size() + request.keypoints.size());
  }
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default | pugi::format_no_declaration);
  return out.str();
}

}  // namespace labelloom
