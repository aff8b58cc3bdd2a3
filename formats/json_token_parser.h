#pragma once

// Internal: the fast way to read records. It knows right from wrong but not what is wrong: messages
// are made by the slow way (json_records.cc), which reads a faulty file once more.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "formats/json_records.h"
#include "formats/json_tokens.h"

namespace labelloom::json {

/// A part of a file. It begins and ends with the file, or at an element of a long array.
struct Part {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool begins_inside = false;     ///< of the array that is called...
  std::string_view section = {};  ///< empty: the root array
  bool ends_inside = false;       ///< of the array that is called...
  std::string_view next_section = {};
};

/// Reads one part after the other, reusing its memory.
class TokenParser {
 public:
  explicit TokenParser(std::string_view source);

  /// True when all of the part was read and is what it was taken for; else what the handler was
  /// told is void. At least kNumberLookahead bytes follow the source.
  /// @throws what the handler throws.
  bool run(const Part& part, RecordHandler& handler);

 private:
  // All of these return false for what is no JSON.
  bool root();
  bool root_members();
  bool array_records(int outer_depth);
  bool parse_record(int outer_depth);
  bool value(int depth);
  bool array(int depth);
  bool object(int depth);
  bool leading_numbers();
  bool number_node();
  bool literal(std::string_view text, Kind kind, std::uint32_t size);
  bool string();
  bool escaped_string(const char* at);
  void spread_numbers(std::size_t first);
  void tell(std::size_t index);

  /// First character of the token that comes next; zero when there is none.
  [[nodiscard]] char peek() const { return next_ == stop_ ? '\0' : base_[*next_]; }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++next_;
    return true;
  }
  [[nodiscard]] std::size_t offset(const char* at) const {
    return static_cast<std::size_t>(at - source_.data());
  }

  std::string_view source_;
  TokenIndex index_;
  Part part_;
  RecordHandler* handler_ = nullptr;
  const char* base_ = nullptr;           // where the part begins
  const std::uint32_t* next_ = nullptr;  // the next token
  const std::uint32_t* stop_ = nullptr;
  const char* value_end_ = nullptr;  // of the value read last
  bool ended_inside_ = false;        // an array was going on when the part was at its end
  int max_depth_ = kMaxDepth;
  std::string_view section_;
  std::string section_name_;
  Record record_;
};

}  // namespace labelloom::json
