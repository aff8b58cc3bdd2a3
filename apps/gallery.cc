#include "apps/gallery.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "embedded/gallery_css.h"
#include "embedded/gallery_html.h"
#include "embedded/gallery_js.h"
#include "embedded/gallery_lightbox_js.h"
#include "embedded/gallery_page_js.h"
#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/json_text.h"

namespace labelloom::apps {
namespace {

long tenths(double value) { return std::lround(value * 10); }

// Relative lines in whole tenths: about a third of the length of absolute coordinates.
void append_path(std::string& out, const std::vector<Part>& parts) {
  for (const Part& part : parts) {
    for (const auto& ring : part) {
      if (ring.empty()) continue;
      long x = tenths(ring[0].x);
      long y = tenths(ring[0].y);
      fmt::format_to(std::back_inserter(out), "M{} {}l", x, y);
      bool first = true;
      for (std::size_t i = 1; i < ring.size(); ++i) {
        const long next_x = tenths(ring[i].x);
        const long next_y = tenths(ring[i].y);
        if (next_x == x && next_y == y) continue;
        if (!first && next_x >= x) out += ' ';
        fmt::format_to(std::back_inserter(out), "{}", next_x - x);
        if (next_y >= y) out += ' ';
        fmt::format_to(std::back_inserter(out), "{}", next_y - y);
        x = next_x;
        y = next_y;
        first = false;
      }
      // A "l" without numbers would be an error in the path.
      out += first ? "0 0z" : "z";
    }
  }
}

void append_keypoints(std::string& out, const std::vector<Keypoint>& keypoints) {
  bool first = true;
  for (std::size_t slot = 0; slot < keypoints.size(); ++slot) {
    const Keypoint& keypoint = keypoints[slot];
    if (keypoint.visibility == Visibility::kAbsent) continue;
    fmt::format_to(std::back_inserter(out),
                   "{}{},{},{},{}",
                   first ? "" : ",",
                   slot,
                   tenths(keypoint.point.x),
                   tenths(keypoint.point.y),
                   static_cast<int>(keypoint.visibility));
    first = false;
  }
}

void append_shape(std::string& out, const Shape& shape, bool drawn) {
  const Instance& instance = *shape.instance;
  const int flags = (instance.iscrowd ? 1 : 0) | (instance.mask() != nullptr ? 2 : 0) |
                    (shape.mask_unusable ? 4 : 0);
  const auto category = shape.category_index == CategoryTable::kUnknown
                            ? std::int64_t{-1}
                            : static_cast<std::int64_t>(shape.category_index);
  fmt::format_to(std::back_inserter(out), "[{},{},{}", category, instance.id, flags);
  if (!drawn) {
    out += ']';
    return;
  }
  const bool scored = instance.extra && instance.extra->score;
  if (scored && std::isfinite(*instance.extra->score)) {
    fmt::format_to(std::back_inserter(out), ",{:.4g}", *instance.extra->score);
  } else {
    out += ",null";
  }
  fmt::format_to(std::back_inserter(out),
                 ",[{},{},{},{}],\"",
                 tenths(shape.box.x),
                 tenths(shape.box.y),
                 tenths(shape.box.width),
                 tenths(shape.box.height));
  append_path(out, shape.parts);
  out += "\",[";
  append_keypoints(out, shape.keypoints);
  out += "]]";
}

std::string category_record(const Category& category,
                            std::size_t index,
                            const GalleryCounts& counts) {
  std::string out = fmt::format("{{\"n\":{},\"c\":\"{}\",\"i\":{},\"m\":{},\"k\":[",
                                html_safe_json_string(category.name),
                                css(category_colour(index)),
                                counts.instances.at(index),
                                counts.images.at(index));
  for (std::size_t i = 0; i < category.keypoints.size(); ++i) {
    if (i > 0) out += ',';
    out += html_safe_json_string(category.keypoints[i]);
  }
  out += "],\"s\":[";
  for (std::size_t i = 0; i < category.skeleton.size(); ++i) {
    const auto& [first, second] = category.skeleton[i];
    fmt::format_to(std::back_inserter(out), "{}{},{}", i > 0 ? "," : "", first, second);
  }
  return out + "]}";
}

void write_list(OutputFile& file, const std::vector<std::string>& records) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    file.write(i == 0 ? "\n" : ",\n");
    file.write(records[i]);
  }
}

void write_data(OutputFile& file, const Gallery& gallery, const CategoryTable& categories) {
  file.write(fmt::format("{{\"title\":{},\"total\":{},\"doubtful_total\":{},\"categories\":[",
                         html_safe_json_string(gallery.title),
                         gallery.total_images,
                         gallery.total_doubtful));
  std::vector<std::string> records;
  for (std::size_t i = 0; i < categories.size(); ++i) {
    records.push_back(category_record(categories[i], i, gallery.counts));
  }
  write_list(file, records);
  file.write("],\"images\":[");
  write_list(file, gallery.images);
  file.write("],\"doubtful\":[");
  write_list(file, gallery.doubtful);
  file.write("]}");
}

}  // namespace

std::string picture_name(std::size_t index, std::string_view name) {
  name = name.substr(name.find_last_of("/\\") + 1);
  const std::size_t dot = name.find_last_of('.');
  if (dot != std::string_view::npos && dot > 0) name = name.substr(0, dot);
  constexpr std::size_t kLongest = 40;
  std::string stem;
  for (const char c : name.substr(0, kLongest)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    stem += plain || c == '-' ? c : '_';
  }
  return fmt::format("{:05}_{}.jpg", index + 1, stem);
}

std::string html_safe_json_string(std::string_view value) {
  std::string text(value);
  if (!json::is_utf8(text)) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  }
  std::string literal;
  json::append_string(literal, text);
  // "</script>" and "<!--" would end or change the element; there is no "<" in JSON but in strings.
  std::string safe;
  safe.reserve(literal.size());
  for (const char c : literal) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string image_record(const Image& image,
                         std::string_view picture,
                         const Scene& scene,
                         ImageStatus status,
                         std::string_view message) {
  std::string out = fmt::format("{{\"n\":{},\"f\":{},\"w\":{},\"h\":{},\"W\":{},\"H\":{}",
                                html_safe_json_string(image.file_name),
                                html_safe_json_string(picture),
                                scene.size.width,
                                scene.size.height,
                                image.size.width,
                                image.size.height);
  if (status != ImageStatus::kShown) {
    fmt::format_to(std::back_inserter(out),
                   ",\"s\":{},\"m\":{}",
                   static_cast<int>(status),
                   html_safe_json_string(message));
  }
  out += ",\"a\":[";
  for (std::size_t i = 0; i < scene.shapes.size(); ++i) {
    if (i > 0) out += ',';
    append_shape(out, scene.shapes[i], status == ImageStatus::kShown);
  }
  return out + "]}";
}

std::string doubtful_record(const DoubtfulKeypoint& keypoint, const DoubtfulCard& card) {
  const auto share = [](double value, int side) {
    const double part = side > 0 ? value / side : 0;
    return std::isfinite(part) ? std::clamp(part, -10.0, 10.0) : 0;
  };
  const auto index = card.image_index ? static_cast<std::int64_t>(*card.image_index) : -1;
  return fmt::format(
      "{{\"n\":{},\"i\":{},\"f\":{},\"k\":{},\"d\":{},\"t\":{},\"x\":{:.5f},\"y\":{:.5f}}}",
      html_safe_json_string(keypoint.image),
      index,
      html_safe_json_string(card.picture),
      html_safe_json_string(keypoint.label),
      html_safe_json_string(keypoint.doubt),
      html_safe_json_string(card.text),
      share(keypoint.point.x, card.image_size.width),
      share(keypoint.point.y, card.image_size.height));
}

void write_index(const Gallery& gallery,
                 const CategoryTable& categories,
                 const std::filesystem::path& path) {
  OutputFile file(path);
  std::string_view rest = embedded::gallery_html();
  while (true) {
    const std::size_t begin = rest.find("{{");
    if (begin == std::string_view::npos) break;
    const std::size_t end = rest.find("}}", begin);
    const std::string_view slot = rest.substr(begin + 2, end - begin - 2);
    file.write(rest.substr(0, begin));
    if (slot == "style") file.write(embedded::gallery_css());
    if (slot == "script") {
      file.write(embedded::gallery_js());
      file.write(embedded::gallery_lightbox_js());
      file.write(embedded::gallery_page_js());
    }
    if (slot == "data") write_data(file, gallery, categories);
    rest = rest.substr(end + 2);
  }
  file.write(rest);
  file.commit();
}

}  // namespace labelloom::apps
