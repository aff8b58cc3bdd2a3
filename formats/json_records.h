#pragma once

// Reading JSON a record at a time. A record is an element of the root array, or of an array that
// is a member of the root object, or any other member of the root object. Only one record is in
// memory, on a flat tape, so that a file of any size is read in the memory of its largest record.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::json {

enum class Kind : std::uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };

[[nodiscard]] const char* name(Kind kind);

class Record;

/// One value of a record: a cursor, valid as long as the record is.
class Value {
 public:
  Value() = default;  ///< refers to nothing
  Value(const Record* record, std::uint32_t index) : record_(record), index_(index) {}

  [[nodiscard]] bool exists() const { return record_ != nullptr; }

  [[nodiscard]] Kind kind() const;
  [[nodiscard]] bool is(Kind wanted) const { return kind() == wanted; }
  /// The content; the kind must fit (see `expect_*` for values from outside).
  [[nodiscard]] double number() const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::string_view string() const;
  /// Number of elements or members.
  [[nodiscard]] std::size_t size() const;

  /// Calls `visit(index, element)` for every element of an array; never for other kinds.
  template <typename Visit>
  void for_each_element(Visit&& visit) const;
  /// Calls `visit(key, value)` for every member of an object; never for other kinds.
  template <typename Visit>
  void for_each_member(Visit&& visit) const;
  /// The elements of an array of nothing but numbers; empty for everything else.
  [[nodiscard]] std::span<const double> numbers() const;
  /// The numbers of an array of nothing but pairs of them, such as points; empty for everything
  /// else.
  [[nodiscard]] std::span<const double> number_pairs() const;
  /// The first member of that name, of an object; nothing for other kinds.
  [[nodiscard]] std::optional<Value> find(std::string_view key) const;
  /// First element of a non-empty array.
  [[nodiscard]] Value front() const { return {record_, first_element()}; }
  /// Compact JSON text of the value, written anew (numbers as shortest doubles).
  [[nodiscard]] std::string text() const;

 private:
  /// Marks an index in Record::numbers_; others are indexes in Record::nodes_.
  static constexpr std::uint32_t kInNumbers = 1U << 31U;
  [[nodiscard]] std::uint32_t first_element() const;
  [[nodiscard]] std::uint32_t end() const;  // index one past the value's last node
  const Record* record_ = nullptr;
  std::uint32_t index_ = 0;
};

/// One parsed record.
class Record {
 public:
  [[nodiscard]] Value value() const { return {this, 0}; }
  /// The source text of the record's member number `index`, white space between tokens removed:
  /// unlike Value::text, it keeps the digits of numbers.
  [[nodiscard]] std::string member_text(std::size_t index) const;
  /// The same for the whole record.
  [[nodiscard]] std::string text() const;

 private:
  friend class Value;
  friend class RecordBuilder;
  friend class TokenParser;
  static constexpr std::size_t kMaxNumbers = std::size_t{1} << 31U;  // an index has 31 bits
  struct Node {
    Kind kind = Kind::kNull;
    bool apart = false;      // a string that is in strings_; an array that is in numbers_
    std::uint32_t size = 0;  // elements, members, bytes of a string; 1 for true
    // number: its bits; string: offset in source_ or strings_; array, object: index past the last
    // node, or of the first number
    std::uint64_t payload = 0;
  };
  std::vector<Node> nodes_;
  // Elements of the arrays of nothing but numbers, which are most of a large file: 8 bytes a number
  // instead of a node, and whoever wants them all need not look at each one's kind.
  std::vector<double> numbers_;  // room for them; it only grows
  std::size_t number_count_ = 0;
  std::string strings_;  // strings that are spelt otherwise in the source
  std::vector<std::pair<std::size_t, std::size_t>> members_;  // source range of each member
  std::pair<std::size_t, std::size_t> range_;
  std::string_view source_;  // the whole file
};

/// Where a record stands in its file.
struct RecordPlace {
  static constexpr std::size_t kWholeMember = std::numeric_limits<std::size_t>::max();
  std::string_view section = {};     ///< member of the root object, empty for a root array
  std::size_t index = kWholeMember;  ///< in the array, or the whole member
  std::size_t offset = 0;            ///< byte of the record's beginning

  /// "annotations[17]", "[17]", "info".
  [[nodiscard]] std::string text() const;
};

struct ReadOptions {
  /// Take a root object as one record instead of one record per element or member.
  bool whole_root_object = false;
  /// Leave records out whose handler throws Error(kInvalidData), and go on.
  bool skip_bad = false;
  /// Told about each record left out.
  std::function<void(const Error&)> on_skipped = {};
  /// The members of a root object whose arrays are long; a root array needs no name.
  std::vector<std::string> long_sections = {};
  /// About how large the parts are that one thread reads at a time.
  std::size_t bytes_a_part = std::size_t{1} << 19U;
  /// Told the bytes read so far, now and then.
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

inline constexpr int kMaxDepth = 200;

class RecordHandler {
 public:
  virtual ~RecordHandler() = default;
  /// A member of the root object begins that is an array; its elements follow as records.
  virtual void section(std::string_view /*name*/) {}
  /// A record. Errors thrown here need no place but the path inside the record.
  virtual void record(const Record& record, const RecordPlace& place) = 0;
};

/// Reads all of a file. `name` stands for it in messages.
/// @throws Error(kParse) with line and byte for what is not JSON; Error(kLimit) for values nested
/// more than kMaxDepth deep; what the handler throws, with the record's place added.
void read_records(const InputFile& file,
                  const std::string& name,
                  const ReadOptions& options,
                  RecordHandler& handler);

/// Where the parts of a file go that is read by several threads.
class PartsHandler {
 public:
  virtual ~PartsHandler() = default;
  /// How many parts there will be, most of about the same size, and the bytes of the file: told
  /// before the first.
  virtual void expect(std::size_t /*part_count*/, std::size_t /*bytes*/) {}
  /// A handler for one part; it is used by one thread. RecordPlace::index counts from 0 in it.
  virtual std::unique_ptr<RecordHandler> make() = 0;
  /// A part that is read to its end, in file order, one at a time.
  virtual void take(RecordHandler& part) = 0;
  /// All that was taken is void; the file is read again in one part.
  virtual void start_again() = 0;
};

/// The same, several times as fast and by several threads. The file is cut where records of its
/// long arrays seem to begin; the parts, taken together, are told what one handler would have been
/// told. Whether a cut was right is known when the part before it ends exactly there; if not, or if
/// anything is wrong with the file, read_records reads it again, so that errors are the same.
void read_records_in_parts(const InputFile& file,
                           const std::string& name,
                           const ReadOptions& options,
                           PartsHandler& parts);

/// `place_in_record` + "expected <wanted>, got <what is there>".
/// @throws Error(kInvalidData), always.
[[noreturn]] void fail_expected(std::string_view place_in_record,
                                std::string_view wanted,
                                Value got);

// Values of the wanted kind, or an Error. `place` is called only on failure, for its text.

template <typename Place>
double expect_number(const Value& value, const Place& place) {
  if (!value.is(Kind::kNumber)) fail_expected(place(), "a number", value);
  return value.number();
}

/// A whole number within +-2^53, the range that every JSON reader agrees on.
template <typename Place>
std::int64_t expect_integer(const Value& value, const Place& place) {
  constexpr double kLimit = 9007199254740992.0;
  const double number = expect_number(value, place);
  if (!(number >= -kLimit && number <= kLimit) ||
      static_cast<double>(static_cast<std::int64_t>(number)) != number) {
    fail_expected(place(), "a whole number", value);
  }
  return static_cast<std::int64_t>(number);
}

template <typename Place>
std::string_view expect_string(const Value& value, const Place& place) {
  if (!value.is(Kind::kString)) fail_expected(place(), "a string", value);
  return value.string();
}

template <typename Place>
const Value& expect_array(const Value& value, const Place& place) {
  if (!value.is(Kind::kArray)) fail_expected(place(), "an array", value);
  return value;
}

template <typename Place>
const Value& expect_object(const Value& value, const Place& place) {
  if (!value.is(Kind::kObject)) fail_expected(place(), "an object", value);
  return value;
}

// ---------------------------------------------------------------------------------------------

inline Kind Value::kind() const {
  return (index_ & kInNumbers) != 0 ? Kind::kNumber : record_->nodes_[index_].kind;
}
inline double Value::number() const {
  if ((index_ & kInNumbers) != 0) return record_->numbers_[index_ & ~kInNumbers];
  return std::bit_cast<double>(record_->nodes_[index_].payload);
}
inline bool Value::boolean() const { return record_->nodes_[index_].size != 0; }
inline std::size_t Value::size() const {
  return (index_ & kInNumbers) != 0 ? 0 : record_->nodes_[index_].size;
}
inline std::string_view Value::string() const {
  const Record::Node& node = record_->nodes_[index_];
  const char* text = node.apart ? record_->strings_.data() : record_->source_.data();
  return {text + node.payload, node.size};
}
inline std::span<const double> Value::numbers() const {
  if (kind() != Kind::kArray || !record_->nodes_[index_].apart) return {};
  return std::span(record_->numbers_).subspan(record_->nodes_[index_].payload, size());
}
inline std::span<const double> Value::number_pairs() const {
  if (kind() != Kind::kArray || record_->nodes_[index_].apart || size() == 0) return {};
  // Arrays of numbers are single nodes, and those of neighbours follow each other.
  const auto pairs = std::span(record_->nodes_).subspan(index_ + 1, size());
  const std::uint64_t first = pairs.front().payload;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Record::Node& pair = pairs[i];
    if (pair.kind != Kind::kArray || !pair.apart || pair.size != 2 ||
        pair.payload != first + 2 * i) {
      return {};
    }
  }
  return std::span(record_->numbers_).subspan(first, 2 * pairs.size());
}
inline std::uint32_t Value::first_element() const {
  const Record::Node& node = record_->nodes_[index_];
  return node.apart ? static_cast<std::uint32_t>(node.payload) | kInNumbers : index_ + 1;
}
inline std::uint32_t Value::end() const {
  if ((index_ & kInNumbers) != 0) return index_ + 1;
  const Record::Node& node = record_->nodes_[index_];
  const bool nested = node.kind == Kind::kObject || (node.kind == Kind::kArray && !node.apart);
  return nested ? static_cast<std::uint32_t>(node.payload) : index_ + 1;
}

template <typename Visit>
void Value::for_each_element(Visit&& visit) const {
  if (kind() != Kind::kArray) return;
  Value element{record_, first_element()};
  for (std::size_t index = 0, count = size(); index < count; ++index) {
    visit(index, element);
    element.index_ = element.end();
  }
}

template <typename Visit>
void Value::for_each_member(Visit&& visit) const {
  if (kind() != Kind::kObject) return;
  const std::uint32_t stop = end();
  for (Value key{record_, index_ + 1}; key.index_ != stop;) {
    const Value member{record_, key.index_ + 1};
    visit(key.string(), member);
    key.index_ = member.end();
  }
}

}  // namespace labelloom::json
