#include "tests/select/task_rules.h"

#include <map>
#include <set>

#include <fmt/format.h>
#include <pugixml.hpp>
#include <rapidjson/document.h>

#include "formats/brush_rle.h"
#include "formats/error.h"

namespace labelloom::select {
namespace {

using Json = rapidjson::Value;

struct Control {
  std::string type;
  std::set<std::string> labels;
};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::map<std::string, Control> controls_of(const std::string& xml) {
  pugi::xml_document document;
  std::map<std::string, Control> controls;
  if (!document.load_string(xml.c_str())) return controls;
  for (const auto& found : document.select_nodes("//*[@toName='image']")) {
    Control& control = controls[found.node().attribute("name").as_string()];
    control.type = lower(found.node().name());
    for (const pugi::xml_node label : found.node().children("Label"))
      control.labels.insert(label.attribute("value").as_string());
  }
  return controls;
}

class Checker {
 public:
  explicit Checker(const std::string& config) : controls_(controls_of(config)) {}
  std::vector<std::string> faults;

  void task(const Json& task) {
    where_ = fmt::format("task {}", tasks_++);
    if (!task.IsObject() || !task.HasMember("data") || !task["data"].IsObject())
      return say("has no data");
    const Json& data = task["data"];
    if (!data.HasMember("image") || !data["image"].IsString()) say("data.image is no string");
    if (!task.HasMember("predictions") || !task["predictions"].IsArray())
      return say("has no predictions");
    for (const Json& prediction : task["predictions"].GetArray()) {
      const bool scored = prediction.HasMember("score") && prediction["score"].IsNumber() &&
                          prediction["score"].GetDouble() >= 0 &&
                          prediction["score"].GetDouble() <= 1;
      if (!scored) say("prediction.score is not in [0, 1]");
      if (!prediction.HasMember("model_version") || !prediction["model_version"].IsString())
        say("no model_version");
      if (!prediction.HasMember("result") || !prediction["result"].IsArray())
        return say("prediction without result");
      std::set<std::string> here;
      for (const Json& region : prediction["result"].GetArray()) this->region(region, here);
    }
  }

 private:
  void say(const std::string& what) { faults.push_back(where_ + ": " + what); }

  double number(const Json& object, const char* name, double most) {
    if (!object.HasMember(name) || !object[name].IsNumber()) {
      say(fmt::format("{} is no number", name));
      return 0;
    }
    const double value = object[name].GetDouble();
    if (!(value >= 0 && value <= most))
      say(fmt::format("{} = {} is not in [0, {}]", name, value, most));
    return value;
  }

  void region(const Json& region, std::set<std::string>& here) {
    for (const char* name : {"id", "type", "from_name", "to_name"}) {
      if (!region.HasMember(name) || !region[name].IsString())
        return say(fmt::format("region: {} is no string", name));
    }
    const std::string id = region["id"].GetString();
    if (!ids_.insert(id).second) say("region id " + id + " is there twice");
    here.insert(id);
    if (region.HasMember("parentID") && !here.contains(region["parentID"].GetString()))
      say("parent of " + id + " is missing");
    if (region["to_name"] != "image") say("to_name is not the image's");
    const auto control = controls_.find(region["from_name"].GetString());
    const std::string type = region["type"].GetString();
    if (control == controls_.end() || control->second.type != type)
      return say("no such control: " + type);
    if (region.HasMember("score")) number(region, "score", 1);
    for (const char* name : {"original_width", "original_height", "image_rotation"}) {
      if (!region.HasMember(name) || !region[name].IsInt())
        return say(fmt::format("{} is no whole number", name));
    }
    if (!region.HasMember("value") || !region["value"].IsObject()) return say("no value");
    const Json& value = region["value"];
    if (!value.HasMember(type.c_str()) || !value[type.c_str()].IsArray() ||
        value[type.c_str()].Size() != 1)
      return say("no label in " + type);
    const std::string label = value[type.c_str()][0].GetString();
    if (!control->second.labels.contains(label)) say("label " + label + " is not in the interface");
    if (type == "rectanglelabels") {
      if (number(value, "x", 100) + number(value, "width", 100) > 100 + 1e-9)
        say("leaves the image");
      if (number(value, "y", 100) + number(value, "height", 100) > 100 + 1e-9)
        say("leaves the image");
      number(value, "rotation", 360);
    } else if (type == "keypointlabels") {
      number(value, "x", 100);
      number(value, "y", 100);
      number(value, "width", 100);
    } else if (type == "polygonlabels") {
      polygon(value);
    } else if (type == "brushlabels") {
      brush(value, {region["original_width"].GetInt(), region["original_height"].GetInt()});
    } else {
      say("unknown type " + type);
    }
  }

  void polygon(const Json& value) {
    if (!value.HasMember("points") || !value["points"].IsArray() || value["points"].Size() < 3)
      return say("polygon without points");
    for (const Json& point : value["points"].GetArray()) {
      if (!point.IsArray() || point.Size() != 2) return say("a point is no pair");
      for (const Json& c : point.GetArray()) {
        if (!c.IsNumber() || !(c.GetDouble() >= 0 && c.GetDouble() <= 100))
          say("a point is outside the image");
      }
    }
  }

  void brush(const Json& value, Size size) {
    if (!value.HasMember("format") || value["format"] != "rle" || !value.HasMember("rle") ||
        !value["rle"].IsArray())
      return say("brush without rle");
    std::vector<std::uint8_t> bytes;
    for (const Json& byte : value["rle"].GetArray()) {
      if (!byte.IsUint() || byte.GetUint() > 255) return say("rle is no bytes");
      bytes.push_back(static_cast<std::uint8_t>(byte.GetUint()));
    }
    try {
      if (pixel_count(decode_brush(bytes, size)) == 0) say("brush mask is empty");
    } catch (const Error& error) {
      say(error.what());
    }
  }

  std::map<std::string, Control> controls_;
  std::set<std::string> ids_;
  std::string where_;
  int tasks_ = 0;
};

}  // namespace

std::vector<std::string> task_faults(const std::string& tasks, const std::string& config_xml) {
  constexpr std::size_t kMostBytes = std::size_t{50} << 20U;
  constexpr std::size_t kMostTasks = 250000;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(tasks.data(), tasks.size());
  if (document.HasParseError() || !document.IsArray()) return {"is no JSON array"};
  Checker checker(config_xml);
  if (tasks.size() > kMostBytes || document.Size() > kMostTasks)
    checker.faults.emplace_back("is too large to be imported");
  for (const Json& task : document.GetArray()) checker.task(task);
  return checker.faults;
}

}  // namespace labelloom::select
