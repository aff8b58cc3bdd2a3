#include "augment/parts.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/json_text.h"

namespace labelloom::augment {
namespace {

/// A part file's first line, and where its records are.
struct Layout {
  PartHead head;
  std::size_t images_begin = 0;
  std::size_t annotations_begin = 0;
};

std::string head_line(const PartHead& head, std::size_t image_bytes, std::size_t annotation_bytes) {
  std::string text = fmt::format(
      R"({{"images":{},"annotations":{},"image_bytes":{},"annotation_bytes":{},"keypoints":{},"whole":{},"skipped":[)",
      head.images,
      head.annotations,
      image_bytes,
      annotation_bytes,
      head.keypoints.any,
      head.keypoints.whole);
  for (const SkippedImage& skipped : head.skipped) {
    text += text.back() == '[' ? "" : ",";
    text +=
        fmt::format(R"({{"image":{},"variant":{},"file_name":)", skipped.image, skipped.variant);
    json::append_string(text, skipped.file_name);
    text += ",\"reason\":";
    json::append_string(text, skipped.reason);
    text += '}';
  }
  return text + "]}\n";
}

std::uint64_t number(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsUint64()) {
    throw Error(Errc::kParse, {}, "a number is missing");
  }
  return found->value.GetUint64();
}

bool truth(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsTrue();
}

std::string text(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}

/// @throws Error(kParse) unless `bytes` is a whole part.
Layout read_layout(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) throw Error(Errc::kParse, {}, "is cut off");
  rapidjson::Document document;
  document.Parse(bytes.data(), end);
  const rapidjson::Value& line = document;
  if (!line.IsObject()) throw Error(Errc::kParse, {}, "is no part");
  Layout layout;
  layout.head.images = number(line, "images");
  layout.head.annotations = number(line, "annotations");
  layout.head.keypoints = {truth(line, "keypoints"), truth(line, "whole")};
  const auto skipped = line.FindMember("skipped");
  if (skipped != line.MemberEnd() && skipped->value.IsArray()) {
    for (const rapidjson::Value& one : skipped->value.GetArray()) {
      if (!one.IsObject()) continue;
      layout.head.skipped.push_back({static_cast<std::size_t>(number(one, "image")),
                                     static_cast<std::uint32_t>(number(one, "variant")),
                                     text(one, "file_name"),
                                     text(one, "reason")});
    }
  }
  const std::uint64_t image_bytes = number(line, "image_bytes");
  const std::uint64_t annotation_bytes = number(line, "annotation_bytes");
  const std::uint64_t rest = bytes.size() - end - 1;
  if (image_bytes > rest || annotation_bytes != rest - image_bytes) {
    throw Error(Errc::kParse, {}, "is cut off");
  }
  layout.images_begin = end + 1;
  layout.annotations_begin = end + 1 + static_cast<std::size_t>(image_bytes);
  return layout;
}

/// Writes records of all parts, one section at a time.
class Joiner {
 public:
  explicit Joiner(OutputFile& file) : file_(file) {}
  ~Joiner() = default;
  Joiner(const Joiner&) = delete;
  Joiner& operator=(const Joiner&) = delete;

  void put(std::string_view text) {
    buffer_ += text;
    constexpr std::size_t kEnough = std::size_t{1} << 20;
    if (buffer_.size() >= kEnough) flush();
  }
  void begin(std::string_view section) {
    put(fmt::format("\"{}\":[", section));
    is_first_ = true;
  }
  void separate() {
    put(is_first_ ? "\n" : ",\n");
    is_first_ = false;
  }
  void flush() {
    file_.write(buffer_);
    buffer_.clear();
  }

 private:
  OutputFile& file_;
  std::string buffer_;
  bool is_first_ = true;
};

template <typename PutLine>
void each_line(std::string_view lines, const PutLine& put_line) {
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    put_line(lines.substr(0, end));
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
  }
}

}  // namespace

void Part::add(const Image& image) {
  append_coco_image(images_, image);
  images_ += '\n';
  ++head.images;
}

void Part::add(const Instance& instance, Size image, const CocoStyle& style) {
  append_coco_annotation_rest(annotations_, instance, image, style);
  annotations_ += '\n';
  head.keypoints.add(instance, style.origin);
  ++head.annotations;
}

void Part::write(const std::filesystem::path& path) const {
  OutputFile file(path);
  file.write(head_line(head, images_.size(), annotations_.size()));
  file.write(images_.text());
  file.write(annotations_.text());
  file.commit();
}

std::optional<PartHead> read_part_head(const std::filesystem::path& path) {
  try {
    const InputFile file(path);
    return read_layout(file.text()).head;
  } catch (const Error&) {
    return std::nullopt;
  }
}

void join_parts(const std::vector<std::filesystem::path>& parts,
                const Dataset& dataset,
                const std::filesystem::path& output) {
  OutputFile file(output);
  Joiner joiner(file);
  KeypointNumbers keypoints;
  const auto each_part = [&](const auto& use) {
    for (const std::filesystem::path& path : parts) {
      try {
        const InputFile part(path);
        use(part.text(), read_layout(part.text()));
      } catch (const Error& error) {
        if (!error.where().file.empty()) throw;
        throw Error(error.code(), {.file = path.string()}, error.message());
      }
    }
  };
  each_part([&](std::string_view, const Layout& layout) { keypoints.add(layout.head.keypoints); });
  std::string head;
  append_coco_head(head, dataset.root_members, dataset.keypoint_origin, keypoints);
  joiner.put(head);
  json::TextBuffer text;
  joiner.begin("images");
  each_part([&](std::string_view bytes, const Layout& layout) {
    const std::size_t length = layout.annotations_begin - layout.images_begin;
    each_line(bytes.substr(layout.images_begin, length), [&](std::string_view record) {
      joiner.separate();
      joiner.put(record);
    });
  });
  joiner.put("],\n");
  joiner.begin("annotations");
  std::int64_t id = 0;
  each_part([&](std::string_view bytes, const Layout& layout) {
    each_line(bytes.substr(layout.annotations_begin), [&](std::string_view record) {
      joiner.separate();
      text.clear();
      append_coco_annotation_id(text, ++id);
      joiner.put(text.text());
      joiner.put(record);
    });
  });
  joiner.put("],\n");
  joiner.begin("categories");
  for (const Category& category : dataset.categories) {
    joiner.separate();
    text.clear();
    append_coco_category(text, category);
    joiner.put(text.text());
  }
  joiner.put("]}\n");
  joiner.flush();
  file.commit();
}

}  // namespace labelloom::augment
