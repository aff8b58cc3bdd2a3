#include "tests/apps/annotator.h"

#include <string_view>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace labelloom::test {
namespace {

using Value = rapidjson::Value;
using Memory = rapidjson::Document::AllocatorType;

Value box_by_hand(const std::string& label, Memory& memory) {
  Value box(rapidjson::kObjectType);
  box.AddMember("x", 10, memory);
  box.AddMember("y", 20, memory);
  box.AddMember("width", 40, memory);
  box.AddMember("height", 50, memory);
  box.AddMember("rotation", 0, memory);
  Value labels(rapidjson::kArrayType);
  labels.PushBack(Value(label.c_str(), memory), memory);
  box.AddMember("rectanglelabels", labels, memory);
  return box;
}

/// In a picture of the samples' size.
Value region_by_hand(const std::string& label, Memory& memory) {
  Value region(rapidjson::kObjectType);
  region.AddMember("id", "by-hand", memory);
  region.AddMember("type", "rectanglelabels", memory);
  region.AddMember("from_name", "bbox", memory);
  region.AddMember("to_name", "image", memory);
  region.AddMember("origin", "manual", memory);
  region.AddMember("image_rotation", 0, memory);
  region.AddMember("original_width", 1280, memory);
  region.AddMember("original_height", 720, memory);
  region.AddMember("value", box_by_hand(label, memory), memory);
  return region;
}

bool is_brush(const Value& region) {
  return std::string_view(region["type"].GetString()) == "brushlabels";
}

template <typename Change>
std::string annotated(const std::string& tasks, const Change& change) {
  rapidjson::Document document;
  document.Parse(tasks.data(), tasks.size());
  Memory& memory = document.GetAllocator();
  int id = 0;
  for (auto& task : document.GetArray()) {
    task.AddMember("id", ++id, memory);
    Value annotation(rapidjson::kObjectType);
    annotation.AddMember("id", id, memory);
    annotation.AddMember("was_cancelled", false, memory);
    annotation.AddMember("created_at", "2026-01-01T00:00:00Z", memory);
    Value result(task["predictions"][0]["result"], memory);
    change(result, memory);
    annotation.AddMember("result", result, memory);
    Value annotations(rapidjson::kArrayType);
    annotations.PushBack(annotation, memory);
    task.AddMember("annotations", annotations, memory);
  }
  rapidjson::StringBuffer text;
  rapidjson::Writer<rapidjson::StringBuffer> writer(text);
  document.Accept(writer);
  return text.GetString();
}

}  // namespace

std::string submitted(const std::string& tasks) {
  return annotated(tasks, [](Value&, Memory&) {});
}

std::string corrected(const std::string& tasks, const std::string& label) {
  return annotated(tasks, [&](Value& result, Memory& memory) {
    for (auto region = result.Begin(); region != result.End();) {
      region = is_brush(*region) ? result.Erase(region) : region + 1;
    }
    result.PushBack(region_by_hand(label, memory), memory);
  });
}

}  // namespace labelloom::test
