#pragma once

#include <string>
#include <vector>

#include "augment/setting.h"
#include "formats/error.h"

namespace labelloom::augment {

/// What is wrong with a tree, before its place is known.
struct SettingFault {
  Errc code = Errc::kParse;
  std::string message;
};

/// Puts a tree together from a parser's events.
class SettingBuilder {
 public:
  static constexpr std::size_t kMaxDepth = 64;
  static constexpr std::size_t kMaxMembers = 256;  ///< of one object

  // All throw SettingFault: too deep, a name twice, too many members.
  void begin_list();
  void begin_members();
  void end();
  void key(std::string name);
  void add(Setting value);

  /// A name must come next.
  [[nodiscard]] bool awaits_key() const;
  [[nodiscard]] std::size_t depth() const { return open_.size(); }
  /// What was added or ended last. @pre something was, and nothing was begun since.
  [[nodiscard]] const Setting& latest() const;
  [[nodiscard]] Setting take() { return std::move(root_); }

 private:
  struct Open {
    Setting container;
    std::string key;
    bool has_key = false;
  };

  void begin(Setting container);

  std::vector<Open> open_;
  Setting root_;
};

}  // namespace labelloom::augment
