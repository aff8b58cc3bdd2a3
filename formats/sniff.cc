#include "formats/sniff.h"

#include <string>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "formats/json_records.h"

namespace labelloom {
namespace {

/// Stops the parser as soon as a member's name decides.
class LookHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, LookHandler> {
 public:
  JsonLook look = JsonLook::kUnknown;
  bool root_is_array = false;

  bool StartObject() {
    ++depth_;
    return depth_ < json::kMaxDepth;
  }
  bool EndObject(rapidjson::SizeType) {
    --depth_;
    return !(root_is_array && depth_ == 1 && look != JsonLook::kUnknown);
  }
  bool StartArray() {
    if (depth_ == 0) root_is_array = true;
    return StartObject();
  }
  bool EndArray(rapidjson::SizeType) { return EndObject(0); }

  bool Key(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view key(text, length);
    if (depth_ == 1) section_ = key;
    if (depth_ == 1 && (key == "images" || key == "categories" || key == "licenses")) {
      return decide(JsonLook::kCoco);
    }
    if (depth_ == 1 &&
        (key == "data" || key == "completions" || key == "result" || key == "predictions")) {
      return decide(JsonLook::kLabelStudio);
    }
    if (depth_ == 3 && section_ == "annotations" && !root_is_array) return annotation_key(key);
    if (depth_ == 2 && root_is_array) return element_key(key);
    if (depth_ == 4 && root_is_array && key == "original_width") {
      return decide(JsonLook::kLabelStudio);
    }
    return true;
  }

 private:
  bool decide(JsonLook what) {
    look = what;
    return false;
  }
  bool annotation_key(std::string_view key) {
    if (key == "image_id" || key == "bbox" || key == "segmentation" || key == "category_id") {
      return decide(JsonLook::kCoco);
    }
    if (key == "result" || key == "completed_by" || key == "was_cancelled" || key == "lead_time") {
      return decide(JsonLook::kLabelStudio);
    }
    return true;
  }
  bool element_key(std::string_view key) {
    // A row of JSON-min may hold any data of the user's, before what tells it from a result.
    if (key == "image_id" || key == "category_id") look = JsonLook::kCocoResults;
    if (key == "annotations" || key == "completions" || key == "data" || key == "annotation_id" ||
        key == "annotator" || key == "result" || key == "lead_time" || key == "predictions") {
      return decide(JsonLook::kLabelStudio);
    }
    return true;
  }

  int depth_ = 0;
  std::string section_;
};

}  // namespace

JsonLook look_at_json(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  rapidjson::MemoryStream stream(head.data(), head.size());
  rapidjson::Reader reader;
  LookHandler handler;
  reader.Parse(stream, handler);
  // A list whose elements say nothing by their names: rows of an old JSON-min export.
  if (handler.look == JsonLook::kUnknown && handler.root_is_array) return JsonLook::kLabelStudio;
  return handler.look;
}

}  // namespace labelloom
