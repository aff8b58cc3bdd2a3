#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "formats/error.h"
#include "formats/json_exact_numbers.h"
#include "select/base64.h"
#include "select/score_row.h"
#include "select/score_row_check.h"

namespace labelloom::select {
namespace {

using Json = rapidjson::Value;

[[noreturn]] void fail(const std::string& path, const std::string& message) {
  throw Error(Errc::kInvalidData, {.path = path}, message);
}

rapidjson::Document parse(std::string_view text) {
  rapidjson::Document document;
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  auto parse_into = [&](rapidjson::Document& target) {
    json::ExactNumbers events(target);
    // Iterative: a line of brackets must not use up the stack.
    reader.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag |
                 rapidjson::kParseValidateEncodingFlag>(stream, events);
    return !reader.HasParseError();
  };
  document.Populate(parse_into);
  if (reader.HasParseError()) {
    throw Error(
        Errc::kParse,
        {.offset = reader.GetErrorOffset()},
        fmt::format("not JSON: {}", rapidjson::GetParseError_En(reader.GetParseErrorCode())));
  }
  if (!document.IsObject()) throw Error(Errc::kInvalidData, {}, "expected an object");
  return document;
}

const Json* find(const Json& object, const char* name) {
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

const Json& need(const Json& object, const char* name, const std::string& path) {
  const Json* value = find(object, name);
  if (value == nullptr) fail(path + name, "is missing");
  return *value;
}

std::string string_of(const Json& value, const std::string& path) {
  if (!value.IsString()) fail(path, "expected a string");
  return {value.GetString(), value.GetStringLength()};
}

double number_of(const Json& value, const std::string& path) {
  if (!value.IsNumber()) fail(path, "expected a number");
  return value.GetDouble();
}

template <typename Integer>
Integer integer_of(const Json& value, const std::string& path) {
  if (!value.IsInt64()) fail(path, "expected a whole number");
  const std::int64_t number = value.GetInt64();
  if (number < static_cast<std::int64_t>(std::numeric_limits<Integer>::min()) ||
      (sizeof(Integer) < 8 &&
       number > static_cast<std::int64_t>(std::numeric_limits<Integer>::max()))) {
    fail(path, fmt::format("{} is out of range", number));
  }
  return static_cast<Integer>(number);
}

bool boolean_of(const Json& value, const std::string& path) {
  if (!value.IsBool()) fail(path, "expected true or false");
  return value.GetBool();
}

rapidjson::GenericArray<true, Json> array_of(const Json& value, const std::string& path) {
  if (!value.IsArray()) fail(path, "expected an array");
  return value.GetArray();
}

rapidjson::GenericArray<true, Json> array_of(const Json& value,
                                             const std::string& path,
                                             std::size_t size) {
  const auto array = array_of(value, path);
  if (array.Size() != size)
    fail(path, fmt::format("expected {} elements, got {}", size, array.Size()));
  return array;
}

const Json& object_of(const Json& value, const std::string& path) {
  if (!value.IsObject()) fail(path, "expected an object");
  return value;
}

CellRuns runs_of(const Json& object, const char* name, const std::string& path) {
  CellRuns runs;
  const Json* value = find(object, name);
  if (value == nullptr) return runs;
  for (const Json& run : array_of(*value, path + name))
    runs.push_back(integer_of<std::uint32_t>(run, path + name));
  return runs;
}

BoxComponents box_components_of(const Json& value) {
  const std::string path = "boxmask.boxes";
  const auto array = array_of(value, path);
  if (array.Size() != 9 && array.Size() != 10)
    fail(path, fmt::format("expected 9 or 10 elements, got {}", array.Size()));
  BoxComponents box;
  const int state = integer_of<int>(array[0], path);
  if (state < 0 || state > static_cast<int>(BoxState::kOutside))
    fail(path, fmt::format("no such state: {}", state));
  box.state = static_cast<BoxState>(state);
  box.domain_cells = integer_of<std::uint32_t>(array[1], path);
  box.mask_cells = integer_of<std::uint32_t>(array[2], path);
  box.mislabelled_cells = integer_of<std::uint32_t>(array[3], path);
  box.symmetric = integer_of<std::int64_t>(array[4], path);
  box.pixels_from_box = integer_of<std::int64_t>(array[5], path);
  box.jensen_shannon = integer_of<std::int64_t>(array[6], path);
  box.keypoints = integer_of<std::uint32_t>(array[7], path);
  box.keypoints_outside = integer_of<std::uint32_t>(array[8], path);
  box.box_cells = array.Size() == 9 ? box.domain_cells : integer_of<std::uint32_t>(array[9], path);
  return box;
}

ImageComponents components_of(const Json& value) {
  const std::string path = "boxmask.";
  object_of(value, "boxmask");
  ImageComponents image;
  image.finite = boolean_of(need(value, "finite", path), path + "finite");
  image.has_jensen_shannon = boolean_of(need(value, "js", path), path + "js");
  image.outside_cells = integer_of<std::uint32_t>(need(value, "outside", path), path + "outside");
  image.detectable_cells =
      integer_of<std::uint32_t>(need(value, "detectable", path), path + "detectable");
  image.detectable_mass = integer_of<std::int64_t>(need(value, "mass", path), path + "mass");
  for (const Json& box : array_of(need(value, "boxes", path), path + "boxes")) {
    image.boxes.push_back(box_components_of(box));
  }
  return image;
}

PredictedBox box_of(const Json& value, const std::string& path) {
  object_of(value, path);
  const std::string in = path + ".";
  PredictedBox box;
  const auto corners = array_of(need(value, "box", in), in + "box", 4);
  box.box = {number_of(corners[0], in + "box"),
             number_of(corners[1], in + "box"),
             number_of(corners[2], in + "box"),
             number_of(corners[3], in + "box")};
  box.class_index = integer_of<int>(need(value, "class", in), in + "class");
  box.score = number_of(need(value, "score", in), in + "score");
  if (const Json* p = find(value, "p")) {
    for (const Json& number : array_of(*p, in + "p")) {
      box.class_probabilities.push_back(static_cast<float>(number_of(number, in + "p")));
    }
  }
  if (const Json* keypoints = find(value, "kp")) {
    for (const Json& keypoint : array_of(*keypoints, in + "kp")) {
      const auto parts = array_of(keypoint, in + "kp", 4);
      box.keypoints.push_back({integer_of<int>(parts[0], in + "kp"),
                               {number_of(parts[1], in + "kp"), number_of(parts[2], in + "kp")},
                               number_of(parts[3], in + "kp")});
    }
  }
  box.mask = runs_of(value, "mask", in);
  box.mislabelled = runs_of(value, "loc", in);
  box.divergent = runs_of(value, "cls", in);
  return box;
}

PredictedSegmentation segmentation_of(const Json& value) {
  object_of(value, "seg");
  PredictedSegmentation segmentation;
  const auto grid = array_of(need(value, "grid", "seg."), "seg.grid", 6);
  segmentation.grid = {integer_of<int>(grid[0], "seg.grid"),
                       integer_of<int>(grid[1], "seg.grid"),
                       {number_of(grid[2], "seg.grid"), number_of(grid[3], "seg.grid")},
                       number_of(grid[4], "seg.grid"),
                       number_of(grid[5], "seg.grid")};
  const auto labels = array_of(need(value, "labels", "seg."), "seg.labels");
  if (labels.Size() % 2 != 0) fail("seg.labels", "expected labels and lengths in turn");
  for (rapidjson::SizeType i = 0; i < labels.Size(); i += 2) {
    segmentation.labels.push_back({integer_of<int>(labels[i], "seg.labels"),
                                   integer_of<std::uint32_t>(labels[i + 1], "seg.labels")});
  }
  segmentation.detectable_outside = runs_of(value, "seg", "seg.");
  return segmentation;
}

std::vector<std::string> names_of(const Json& value, const std::string& path) {
  std::vector<std::string> names;
  for (const Json& name : array_of(value, path)) names.push_back(string_of(name, path));
  return names;
}

std::optional<std::int64_t> optional_integer(const Json& object, const char* name) {
  const Json* value = find(object, name);
  if (value == nullptr) return std::nullopt;
  return integer_of<std::int64_t>(*value, name);
}

void read_named(const Json& document, ScoreRow& row) {
  for (const auto& member : object_of(need(document, "scores", ""), "scores").GetObject()) {
    const std::string name = string_of(member.name, "scores");
    const std::string path = "scores." + name;
    const double value = member.value.IsNull() ? std::numeric_limits<double>::quiet_NaN()
                                               : number_of(member.value, path);
    if (!row.scores.emplace(name, value).second) fail(path, "is there twice");
  }
  const Json* vectors = find(document, "vectors");
  if (vectors == nullptr) return;
  for (const auto& member : object_of(*vectors, "vectors").GetObject()) {
    const std::string name = string_of(member.name, "vectors");
    const std::string path = "vectors." + name;
    if (!member.value.IsString()) fail(path, "expected a string");
    auto values = floats_of({member.value.GetString(), member.value.GetStringLength()});
    if (!values) fail(path, "expected base64 of whole float32 numbers");
    if (!row.vectors.emplace(name, std::move(*values)).second) fail(path, "is there twice");
  }
}

}  // namespace

ScoreRow read_row(std::string_view text, const ScoreHeader& header) {
  const rapidjson::Document document = parse(text);
  ScoreRow row;
  row.key = string_of(need(document, "key", ""), "key");
  const auto size = array_of(need(document, "size", ""), "size", 2);
  row.size = {integer_of<int>(size[0], "size"), integer_of<int>(size[1], "size")};
  row.image_id = optional_integer(document, "image_id");
  row.source_image_id = optional_integer(document, "source_image_id");
  if (const Json* name = find(document, "source_file_name"))
    row.source_file_name = string_of(*name, "source_file_name");
  row.variant = optional_integer(document, "variant");
  read_named(document, row);
  if (const Json* boxmask = find(document, "boxmask")) row.boxmask = components_of(*boxmask);
  const auto boxes = array_of(need(document, "boxes", ""), "boxes");
  for (rapidjson::SizeType i = 0; i < boxes.Size(); ++i) {
    row.boxes.push_back(box_of(boxes[i], fmt::format("boxes[{}]", i)));
  }
  if (const Json* segmentation = find(document, "seg"))
    row.segmentation = segmentation_of(*segmentation);
  check_row(row, header);
  return row;
}

ScoreHeader read_header(std::string_view text) {
  const rapidjson::Document document = parse(text);
  const Json* format = find(document, "format");
  if (format == nullptr || !format->IsString() ||
      string_of(*format, "format") != "labelloom-scores") {
    throw Error(Errc::kUnexpectedFormat,
                {},
                "is no file of scores; expected what `labelloom score` writes");
  }
  if (const auto version = integer_of<int>(need(document, "version", ""), "version");
      version != 1) {
    throw Error(Errc::kUnexpectedFormat,
                {.path = "version"},
                fmt::format("is {}, this LabelLoom knows 1", version));
  }
  ScoreHeader header;
  header.config = string_of(need(document, "config", ""), "config");
  header.model = string_of(need(document, "model", ""), "model");
  header.model_name = string_of(need(document, "model_name", ""), "model_name");
  header.pool = string_of(need(document, "pool", ""), "pool");
  header.images = integer_of<std::uint64_t>(need(document, "images", ""), "images");
  header.shard = integer_of<int>(need(document, "shard", ""), "shard");
  header.shards = integer_of<int>(need(document, "shards", ""), "shards");
  header.epsilon = number_of(need(document, "epsilon", ""), "epsilon");
  if (const Json* combine = find(document, "combine"))
    header.combine = string_of(*combine, "combine");
  for (const Json& value : array_of(need(document, "classes", ""), "classes")) {
    object_of(value, "classes");
    header.classes.push_back(
        {string_of(need(value, "name", "classes."), "classes.name"),
         names_of(need(value, "keypoints", "classes."), "classes.keypoints"),
         integer_of<int>(need(value, "seg_class", "classes."), "classes.seg_class")});
  }
  header.seg_classes = names_of(need(document, "seg_classes", ""), "seg_classes");
  check_header(header);
  return header;
}

}  // namespace labelloom::select
