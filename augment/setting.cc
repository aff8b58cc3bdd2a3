#include "augment/setting.h"

#include <algorithm>
#include <cmath>

#include "formats/json_text.h"

namespace labelloom::augment {
namespace {

void append(std::string& out, const Setting& setting);

void append_list(std::string& out, const Setting::List& list) {
  out += '[';
  for (const Setting& element : list) {
    if (out.back() != '[') out += ',';
    append(out, element);
  }
  out += ']';
}

void append_members(std::string& out, const Setting::Members& members) {
  out += '{';
  for (const auto& [name, value] : members) {
    if (out.back() != '{') out += ',';
    json::append_string(out, name);
    out += ':';
    append(out, value);
  }
  out += '}';
}

void append(std::string& out, const Setting& setting) {
  if (const auto* truth = setting.as<bool>()) {
    out += *truth ? "true" : "false";
  } else if (const auto* number = setting.as<double>()) {
    if (std::isfinite(*number)) {
      json::append_number(out, *number);
    } else {
      out += "null";
    }
  } else if (const auto* text = setting.as<std::string>()) {
    json::append_string(out, *text);
  } else if (const auto* list = setting.as<Setting::List>()) {
    append_list(out, *list);
  } else if (const auto* members = setting.as<Setting::Members>()) {
    append_members(out, *members);
  } else {
    out += "null";
  }
}

auto position(const Setting::Members& members, std::string_view name) {
  return std::ranges::find_if(members, [name](const auto& member) { return member.first == name; });
}

}  // namespace

const char* Setting::kind() const {
  static constexpr const char* kNames[] = {
      "null", "a boolean", "a number", "text", "a list", "an object"};
  return kNames[value.index()];
}

std::string Setting::text() const {
  std::string out;
  append(out, *this);
  return out;
}

const Setting* Setting::find(std::string_view name) const {
  const auto* members = as<Members>();
  if (members == nullptr) return nullptr;
  const auto found = position(*members, name);
  return found == members->end() ? nullptr : &found->second;
}

const Setting* Settings::find(std::string_view name) const {
  const auto found = position(members_, name);
  return found == members_.end() ? nullptr : &found->second;
}

void Settings::set(std::string_view name, Setting value) {
  for (auto& [key, old] : members_) {
    if (key == name) {
      old = std::move(value);
      return;
    }
  }
  members_.emplace_back(name, std::move(value));
}

void Settings::rename(std::string_view from, std::string_view to) {
  if (has(to)) return;
  for (auto& [key, value] : members_) {
    if (key == from) {
      key = to;
      return;
    }
  }
}

Setting Settings::take(std::string_view name) {
  const auto found = position(members_, name);
  if (found == members_.end()) return {};
  Setting value = found->second;
  members_.erase(found);
  return value;
}

Setting range_setting(double low, double high) {
  return {Setting::List{Setting{low}, Setting{high}}};
}

}  // namespace labelloom::augment
