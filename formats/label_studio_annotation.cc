#include "formats/label_studio_annotation.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/label_studio_image_name.h"

namespace labelloom::label_studio {
namespace {

using json::Kind;
using json::Value;

/// Text of a string or number; empty for anything else.
std::string scalar_text(const std::optional<Value>& value) {
  if (value && value->is(Kind::kString)) return std::string(value->string());
  if (value && value->is(Kind::kNumber)) return value->text();
  return {};
}

/// When an annotation was changed last. Dates are ISO text, or seconds since 1970 in old exports,
/// which are padded so that they sort as text.
std::string date_of(const Value& annotation) {
  for (const char* member : {"updated_at", "created_at"}) {
    const auto date = annotation.find(member);
    if (date && date->is(Kind::kNumber)) return fmt::format("{:020.6f}", date->number());
    if (date && date->is(Kind::kString)) return std::string(date->string());
  }
  return {};
}

bool is_true(const std::optional<Value>& value) {
  return value && value->is(Kind::kBoolean) && value->boolean();
}

/// Members of a JSON-min row that Label Studio adds itself, and so neither data nor regions.
bool is_row_tail(std::string_view key) {
  return key == "id" || key == "annotator" || key == "annotation_id" || key == "created_at" ||
         key == "updated_at" || key == "lead_time" || key == "agreement";
}

/// Names that labelling interfaces commonly give to the member that holds the image's address.
bool is_image_key(std::string_view key) {
  return key == "image" || key == "img" || key == "photo" || key == "picture" || key == "url" ||
         key == "image_url" || key == "ocr" || key == "captioning";
}

/// Whether a member of the data lists images: a task that shows several.
bool lists_images(const Value& value) {
  if (!value.is(Kind::kArray) || value.size() == 0) return false;
  const Value first = value.front();
  if (first.is(Kind::kString)) return looks_like_image(first.string());
  bool found = false;
  first.for_each_member([&](std::string_view, const Value& v) {
    found = found || (v.is(Kind::kString) && looks_like_image(v.string()));
  });
  return found;
}

/// A member of the data, or (`item.image`) of an object in them.
Value member_at(Value data, std::string_view key) {
  if (const auto whole = data.find(key)) return *whole;
  const std::size_t dot = key.find('.');
  if (dot == std::string_view::npos) return {};
  const auto object = data.find(key.substr(0, dot));
  return object ? member_at(*object, key.substr(dot + 1)) : Value{};
}

/// A result of the full JSON.
Region parse_result(const Value& result, std::size_t index, std::string_view prefix) {
  Region region;
  region.full = true;
  region.place_prefix = prefix;
  region.place_index = index;
  const auto text = [&](const char* key) {
    const auto value = result.find(key);
    return value && value->is(Kind::kString) ? value->string() : std::string_view{};
  };
  region.id = text("id");
  region.parent_id = text("parentID");
  region.control = text("from_name");
  region.shown_on = text("to_name");
  region.original = read_original_size(result.find("original_width").value_or(Value{}),
                                       result.find("original_height").value_or(Value{}));
  const auto score = result.find("score");
  if (score && score->is(Kind::kNumber)) region.score = score->number();
  const auto value = result.find("value");
  if (value) parse_value(region, *value);
  read_labels(region);
  return region;
}

/// A list in a row may be the user's data, which lie among the regions.
bool is_row_region(const Region& region, bool listed) {
  if (region.kind == RegionKind::kNone) return false;
  const Fields& f = region.fields;
  if ((f.labels.exists() && !f.plain_labels) || f.original_width.exists()) return true;
  if (!listed) return false;
  // Old exports: a shape tag's regions have neither labels nor size.
  const bool by_place =
      region.kind == RegionKind::kRectangle || region.kind == RegionKind::kKeypoint;
  return !by_place || (f.x.exists() && f.width.exists());
}

void parse_row_regions(const Value& row, std::vector<Region>& regions) {
  row.for_each_member([&](std::string_view key, const Value& member) {
    if (is_row_tail(key)) return;
    const auto parse = [&](std::size_t index, const Value& element) {
      Region& region = regions.emplace_back();
      region.place_prefix = key;
      region.place_index = index;
      region.control = key;
      parse_value(region, element);
      if (is_row_region(region, member.is(Kind::kArray))) {
        read_labels(region);
      } else {
        regions.pop_back();
      }
    };
    member.for_each_element(parse);
    // A control's only result may come without a list.
    if (member.is(Kind::kObject)) parse(0, member);
  });
}

/// Whether regions of a kind are drawn on a picture.
bool is_drawn(RegionKind kind) {
  return kind != RegionKind::kText && kind != RegionKind::kAttribute && kind != RegionKind::kNone;
}

/// Index of the picture of a task that a result belongs to; several pictures: above 0.
bool is_of_another_image(const Value& result) {
  const auto index = result.find("item_index");
  return index && index->is(Kind::kNumber) && index->number() > 0;
}

}  // namespace

std::uint32_t NameTable::index(std::string_view name) {
  // Exports have few labels and ask for them again and again: sooner found than hashed.
  const std::size_t few = std::min<std::size_t>(names_.size(), 8);
  for (std::uint32_t i = 0; i < few; ++i) {
    if (names_[i] == name) return i;
  }
  const auto found = indexes_.find(name);
  if (found != indexes_.end()) return found->second;
  const auto index = static_cast<std::uint32_t>(names_.size());
  names_.emplace_back(name);
  indexes_.emplace(name, index);
  return index;
}

Value RecordConverter::image_by_look(Value data, bool& several) {
  Value looks;             // like an image's address
  Value looks_and_called;  // and its member is called so
  Value called;            // the latter alone
  std::string_view first_name;
  bool remarked = false;
  data.for_each_member([&](std::string_view name, const Value& value) {
    if (is_row_tail(name)) return;
    several = several || lists_images(value);
    if (!value.is(Kind::kString)) return;
    const bool is_called = is_image_key(name);
    if (is_called && !called.exists()) called = value;
    if (!looks_like_image(value.string())) return;
    if (is_called && !looks_and_called.exists()) looks_and_called = value;
    if (!looks.exists()) {
      looks = value;
      first_name = name;
    } else if (!remarked && value.string() != looks.string()) {
      remarked = true;
      report_.add("several-image-members",
                  {},
                  fmt::format("{} and {}; --image-key says which one was labelled",
                              labelloom::quoted(first_name),
                              labelloom::quoted(name)));
    }
  });
  if (looks_and_called.exists()) return looks_and_called;
  if (looks.exists()) return looks;
  return several ? Value{} : called;
}

ImageRef RecordConverter::look_up(std::string_view url) {
  if (last_image_.url == url && !url.empty()) return last_image_;
  ImageRef image{.url = std::string(url), .found = {}, .name = image_name(url), .file_size = {}};
  if (options_.images != nullptr && !image.name.empty()) {
    ImageFolder::Found found = options_.images->find(image_name_candidates(url).back());
    if (found.match != ImageFolder::Match::kOne) {
      const ImageFolder::Found stripped = options_.images->find(image.name);
      if (stripped.match != ImageFolder::Match::kNone) found = stripped;
    }
    if (found.match == ImageFolder::Match::kOne) {
      try {
        image.file_size = read_image_size(options_.images->path(found.relative));
      } catch (const Error& error) {  // the export may know the size
        report_.add("image-unreadable", {}, error.what());
      }
      image.found = std::move(found.relative);
    } else {
      const bool several = found.match == ImageFolder::Match::kSeveral;
      report_.add(several ? "image-ambiguous" : "image-not-found",
                  {},
                  fmt::format("{} {} {}",
                              labelloom::quoted(url, 200),
                              several ? "fits several files below" : "is not below",
                              options_.images->root().string()));
    }
  }
  last_image_ = image;
  return image;
}

std::string_view RecordConverter::image_key() const {
  if (!options_.image_key.empty() || options_.config == nullptr) return options_.image_key;
  return options_.config->image_key;
}

std::string_view RecordConverter::image_tag() const {
  if (options_.config == nullptr || options_.config->images.size() < 2) return {};
  const auto tag =
      std::ranges::find(options_.config->images, image_key(), &LabelConfig::Image::key);
  return tag == options_.config->images.end() ? std::string_view{} : tag->name;
}

bool RecordConverter::find_image(Value data, Annotation& annotation) {
  const std::string_view key = image_key();
  bool several = false;
  Value chosen = key.empty() ? Value{} : member_at(data, key);
  if (chosen.exists()) {
    several = lists_images(chosen);
    if (!chosen.is(Kind::kString)) chosen = {};
  } else if (options_.image_key.empty()) {
    chosen = image_by_look(data, several);
  }
  if (!chosen.exists()) {
    report_.add(several ? "task-with-several-images" : "task-without-image",
                {},
                "task " + annotation.task_key);
    return false;
  }
  annotation.image = look_up(chosen.string());
  if (annotation.task_key.empty()) annotation.task_key = annotation.image.url;
  return true;
}

namespace {

/// The image's size: its file's, else what the first region that knows says.
void set_size(const std::vector<Region>& regions, Annotation& annotation, Report& report) {
  std::optional<Size> size = annotation.image.file_size;
  for (const Region& region : regions) {
    if (!region.original || region.elsewhere) continue;
    if (!size) size = region.original;
    if (*region.original == *size) continue;
    report.add("size-differs",
               {},
               fmt::format("{}: labelled on {} x {} pixels, taken as {} x {}",
                           labelloom::quoted(annotation.image.url, 200),
                           region.original->width,
                           region.original->height,
                           size->width,
                           size->height));
    break;
  }
  annotation.size = size.value_or(Size{});
}

}  // namespace

RegionSink RecordConverter::sink(Annotation& annotation, Annotations& out) {
  return {annotation,
          out.instances,
          out.keypoints,
          labels_,
          keypoint_labels_,
          report_,
          options_.skip_bad};
}

void RecordConverter::convert_result(Value value,
                                     std::string_view prefix,
                                     Annotation& annotation,
                                     Annotations& out) {
  const auto result = value.find("result");
  if (!result) throw Error(Errc::kInvalidData, {.path = std::string(prefix)}, "is missing");
  json::expect_array(*result, [&] { return std::string(prefix); });
  regions_.clear();
  std::vector<Relation> relations;
  bool one_image = !annotation.image.url.empty();
  std::string_view shown = image_tag();
  const bool knows_tag = !shown.empty();
  result->for_each_element([&](std::size_t index, const Value& element) {
    json::expect_object(element, [&] { return fmt::format("{}[{}]", prefix, index); });
    const auto from = element.find("from_id");
    const auto to = element.find("to_id");
    if (from && to && from->is(Kind::kString) && to->is(Kind::kString)) {
      relations.push_back({from->string(), to->string()});
      return;
    }
    one_image = one_image && !is_of_another_image(element);
    Region& region = regions_.emplace_back(parse_result(element, index, prefix));
    if (region.shown_on.empty() || !is_drawn(region.kind)) return;
    if (shown.empty()) shown = region.shown_on;
    if (region.shown_on == shown) return;
    region.elsewhere = knows_tag;
    one_image = one_image && knows_tag;
  });
  annotation.relations = static_cast<std::uint32_t>(relations.size());
  join_partners(regions_);
  set_size(regions_, annotation, report_);
  add_regions(regions_, relations, one_image, sink(annotation, out));
  annotation.several_images = !one_image;
}

void RecordConverter::convert_task(Value task, Annotations& out) {
  Annotation base;
  const auto id = task.find("id");
  base.task_key = scalar_text(id);
  if (!base.task_key.empty()) base.task_id = "\"task_id\":" + id->text();
  const auto data = task.find("data");
  if (!data) {
    throw Error(
        Errc::kInvalidData, {}, "a task without \"data\": nothing says which image it is about");
  }
  find_image(*data, base);
  const auto predictions = task.find("predictions");
  if (predictions && predictions->is(Kind::kArray)) predictions_ += predictions->size();
  const bool old = !task.find("annotations");
  const char* list_name = old ? "completions" : "annotations";
  const auto list = task.find(list_name);
  json::expect_array(*list, [&] { return std::string(list_name); });
  if (list->size() == 0) {
    base.unannotated = true;
    out.list.push_back(std::move(base));
    return;
  }
  list->for_each_element([&](std::size_t index, const Value& element) {
    const auto place = [&] { return fmt::format("{}[{}]", list_name, index); };
    json::expect_object(element, place);
    Annotation annotation;
    annotation.task_key = base.task_key;
    annotation.task_id = base.task_id;
    annotation.image = base.image;
    annotation.date = date_of(element);
    annotation.cancelled = is_true(element.find("was_cancelled"));
    const auto by = element.find("completed_by");
    annotation.annotator = scalar_text(by);
    if (by && by->is(Kind::kObject)) {
      annotation.annotator_id = scalar_text(by->find("id"));
      annotation.annotator = scalar_text(by->find("email"));
      if (annotation.annotator.empty()) annotation.annotator = annotation.annotator_id;
    }
    if (!annotation.cancelled) convert_result(element, place() + ".result", annotation, out);
    out.list.push_back(std::move(annotation));
  });
}

void RecordConverter::convert_row(Value row, Annotations& out) {
  Annotation annotation;
  const auto id = row.find("id");
  annotation.task_key = scalar_text(id);
  if (!annotation.task_key.empty()) annotation.task_id = "\"task_id\":" + id->text();
  annotation.annotator = scalar_text(row.find("annotator"));
  annotation.date = date_of(row);
  annotation.newest_first = true;  // JSON-min lists the newest annotation of a task first
  const bool has_image = find_image(row, annotation);
  regions_.clear();
  parse_row_regions(row, regions_);
  const auto annotation_id = row.find("annotation_id");
  annotation.unannotated = regions_.empty() && annotation_id && annotation_id->is(Kind::kNull);
  join_partners(regions_);
  set_size(regions_, annotation, report_);
  add_regions(regions_, {}, has_image, sink(annotation, out));
  out.list.push_back(std::move(annotation));
}

void RecordConverter::convert(const json::Record& record, Annotations& out) {
  const Value task = record.value();
  json::expect_object(task, [] { return std::string(); });
  // Any of the names below may be a control's or the user's data, in a row.
  if (task.find("annotation_id") || task.find("annotator")) return convert_row(task, out);
  if (task.find("annotations") || task.find("completions")) return convert_task(task, out);
  if (task.find("result")) {
    throw Error(
        Errc::kInvalidData,
        {},
        "an annotation or prediction without its task: nothing says which image it is about");
  }
  if (task.find("image_id") && task.find("category_id")) {
    throw Error(Errc::kUnexpectedFormat, {}, "a COCO annotation, expected a Label Studio task");
  }
  convert_row(task, out);
}

}  // namespace labelloom::label_studio
