#include "augment/setting_builder.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace labelloom::augment {

void SettingBuilder::begin(Setting container) {
  if (open_.size() >= kMaxDepth) {
    throw SettingFault{Errc::kLimit, fmt::format("nested more than {} levels deep", kMaxDepth)};
  }
  open_.push_back({std::move(container), {}, false});
}

void SettingBuilder::begin_list() { begin({Setting::List{}}); }
void SettingBuilder::begin_members() { begin({Setting::Members{}}); }

void SettingBuilder::end() {
  Setting done = std::move(open_.back().container);
  open_.pop_back();
  add(std::move(done));
}

void SettingBuilder::key(std::string name) {
  Open& open = open_.back();
  const auto& members = std::get<Setting::Members>(open.container.value);
  if (members.size() >= kMaxMembers) {
    throw SettingFault{Errc::kLimit,
                       fmt::format("an object has more than {} members", kMaxMembers)};
  }
  if (open.container.find(name) != nullptr) {
    throw SettingFault{Errc::kParse,
                       fmt::format("{} is there twice in one object", labelloom::quoted(name))};
  }
  open.key = std::move(name);
  open.has_key = true;
}

void SettingBuilder::add(Setting value) {
  if (open_.empty()) {
    root_ = std::move(value);
    return;
  }
  Open& open = open_.back();
  if (auto* list = std::get_if<Setting::List>(&open.container.value)) {
    list->push_back(std::move(value));
    return;
  }
  std::get<Setting::Members>(open.container.value)
      .emplace_back(std::move(open.key), std::move(value));
  open.has_key = false;
}

bool SettingBuilder::awaits_key() const {
  return !open_.empty() && open_.back().container.as<Setting::Members>() != nullptr &&
         !open_.back().has_key;
}

const Setting& SettingBuilder::latest() const {
  if (open_.empty()) return root_;
  const Setting& container = open_.back().container;
  if (const auto* list = container.as<Setting::List>()) return list->back();
  return std::get<Setting::Members>(container.value).back().second;
}

}  // namespace labelloom::augment
