#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace labelloom::augment {

/// A value of a pipeline file, whatever the file's syntax: null, boolean, number, text, list or
/// named members in the file's order.
struct Setting {
  using List = std::vector<Setting>;
  using Members = std::vector<std::pair<std::string, Setting>>;
  std::variant<std::monostate, bool, double, std::string, List, Members> value = {};

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(value); }
  template <typename T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&value);
  }
  /// "null", "a number", ... for messages.
  [[nodiscard]] const char* kind() const;
  /// Compact JSON.
  [[nodiscard]] std::string text() const;
  /// The member of that name; null when there is none or this is not an object.
  [[nodiscard]] const Setting* find(std::string_view name) const;
};

/// The settings of one transform, with helpers for those who translate other dialects.
class Settings {
 public:
  Settings() = default;
  explicit Settings(Setting::Members members) : members_(std::move(members)) {}

  [[nodiscard]] const Setting::Members& members() const { return members_; }
  [[nodiscard]] const Setting* find(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  void set(std::string_view name, Setting value);
  /// Gives a member another name; nothing when it is not there or the new name is taken.
  void rename(std::string_view from, std::string_view to);
  /// Removes a member and returns its value; null when it is not there.
  Setting take(std::string_view name);

 private:
  Setting::Members members_;
};

/// A list of two numbers.
[[nodiscard]] Setting range_setting(double low, double high);

}  // namespace labelloom::augment
