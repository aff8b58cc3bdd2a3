#pragma once

// Internal: RapidJSON's events become nodes on a record's tape.

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include <fmt/format.h>
#include <rapidjson/reader.h>

#include "formats/json_records.h"
#include "formats/json_text.h"

namespace labelloom::json {

/// Thrown inside the parser, where the place is not known yet.
struct ValueFault {
  Errc code;
  std::string message;
};

class RecordBuilder {
 public:
  RecordBuilder(std::string_view source, rapidjson::StringStream& stream)
      : source_(source), text_(source.data()), stream_(stream) {
    record_.source_ = source;
  }

  /// Parses the value that the stream stands at. `outer_depth` containers are open around it.
  /// Returns false when it is not JSON; the reader knows why.
  bool parse(rapidjson::Reader& reader, int outer_depth) {
    record_.nodes_.clear();
    record_.number_count_ = 0;
    record_.strings_.clear();
    record_.members_.clear();
    open_count_ = 0;
    max_open_ = kMaxDepth - outer_depth;
    record_.range_.first = offset();
    reader.Parse<rapidjson::kParseStopWhenDoneFlag>(stream_, *this);
    record_.range_.second = offset();
    return !reader.HasParseError();
  }

  [[nodiscard]] const Record& record() const { return record_; }
  [[nodiscard]] std::size_t begin() const { return record_.range_.first; }

  // RapidJSON reads numbers and strings through a copy of the stream, so that ours still stands at
  // their first byte when it reports them; after literals and brackets it stands behind them.
  bool Null() { return add({.kind = Kind::kNull}, offset() - 4); }
  bool Bool(bool value) {
    return add({.kind = Kind::kBoolean, .size = value ? 1U : 0U}, offset() - (value ? 4 : 5));
  }
  bool Int(int value) { return number(value); }
  bool Uint(unsigned value) { return number(value); }
  bool Int64(std::int64_t value) { return number(static_cast<double>(value)); }
  bool Uint64(std::uint64_t value) { return number(static_cast<double>(value)); }
  bool Double(double value) { return number(exact(value)); }
  bool RawNumber(const char* /*text*/, rapidjson::SizeType /*length*/, bool /*copy*/) {
    return false;
  }
  bool String(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    return add(string_node(text, length), offset());
  }
  bool Key(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    record_.nodes_.push_back(string_node(text, length));
    return true;
  }
  bool StartObject() { return start(Kind::kObject); }
  bool StartArray() { return start(Kind::kArray); }
  bool EndObject(rapidjson::SizeType count) { return finish(count); }
  bool EndArray(rapidjson::SizeType count) { return finish(count); }

 private:
  [[nodiscard]] std::size_t offset() const {
    return static_cast<std::size_t>(stream_.src_ - source_.data());
  }

  /// RapidJSON's fast path is exact for up to 15 digits and powers of ten up to 22; other numbers
  /// are read once more. Nearly all are told by a comma within eight bytes: seven characters cannot
  /// leave that range and stay between 1e-15 and 1e15.
  [[nodiscard]] double exact(double value) const {
    const char* const begin = stream_.src_;
    const double magnitude = std::fabs(value);
    if (magnitude < 1e15 && (magnitude > 1e-15 || magnitude == 0) && has_byte(load(begin), ',')) {
      return value;
    }
    const std::size_t length = scalar_length(offset());
    if (length <= 16 && std::find_if(begin, begin + length, [](char c) {
                          return c == 'e' || c == 'E';
                        }) == begin + length) {
      return value;
    }
    double read = value;
    std::from_chars(begin, begin + length, read);
    return read;
  }

  static constexpr std::uint64_t kEvery = 0x0101010101010101U;
  /// Eight bytes from anywhere; the source is followed by zeros.
  static std::uint64_t load(const char* at) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
  }
  /// Whether one of eight bytes equals `c` (Anderson, "Bit twiddling hacks", haszero).
  static bool has_byte(std::uint64_t bytes, char c) {
    const std::uint64_t zero_where = bytes ^ (kEvery * static_cast<unsigned char>(c));
    return ((zero_where - kEvery) & ~zero_where & (kEvery * 0x80)) != 0;
  }

  /// Bytes of the number, string or literal that begins at `begin`.
  [[nodiscard]] std::size_t scalar_length(std::size_t begin) const {
    std::size_t end = begin + 1;
    if (text_[begin] == '"') {
      while (text_[end] != '"') end += text_[end] == '\\' ? 2U : 1U;
      return end + 1 - begin;
    }
    while (is_scalar_char(text_[end])) ++end;  // a zero follows the source
    return end - begin;
  }

  static bool is_scalar_char(char c) { return c > ' ' && c != ',' && c != ']' && c != '}'; }

  Record::Node string_node(const char* text, rapidjson::SizeType length) {
    unsigned char all = 0;
    for (rapidjson::SizeType i = 0; i < length; ++i) all |= static_cast<unsigned char>(text[i]);
    if (all >= 0x80 && !is_utf8({text, length})) {
      throw ValueFault{Errc::kParse, "a string is not UTF-8; save the file as UTF-8"};
    }
    const Record::Node node{Kind::kString, true, length, record_.strings_.size()};
    record_.strings_.append(text, length);
    return node;
  }

  bool number(double value) {
    return add({.kind = Kind::kNumber, .payload = std::bit_cast<std::uint64_t>(value)}, offset());
  }

  /// Whether the value now read is a member of the record itself, not of something inside it.
  [[nodiscard]] bool at_member() const {
    return open_count_ == 1 && record_.nodes_[0].kind == Kind::kObject;
  }

  bool add(const Record::Node& node, std::size_t begin) {
    record_.nodes_.push_back(node);
    if (at_member()) record_.members_.emplace_back(begin, begin + scalar_length(begin));
    return true;
  }

  bool start(Kind kind) {
    if (open_count_ >= max_open_) {
      throw ValueFault{Errc::kLimit, fmt::format("values are nested more than {} deep", kMaxDepth)};
    }
    if (at_member()) record_.members_.emplace_back(offset() - 1, 0);
    open_[static_cast<std::size_t>(open_count_++)] =
        static_cast<std::uint32_t>(record_.nodes_.size());
    record_.nodes_.push_back({.kind = kind});
    return true;
  }

  bool finish(rapidjson::SizeType count) {
    const std::uint32_t index = open_[static_cast<std::size_t>(--open_count_)];
    if (!move_numbers(index, count)) {
      record_.nodes_[index].payload = record_.nodes_.size();
    }
    record_.nodes_[index].size = count;
    if (at_member()) record_.members_.back().second = offset();
    return true;
  }

  /// Where an array of nothing but numbers keeps its elements.
  bool move_numbers(std::uint32_t index, rapidjson::SizeType count) {
    const auto elements = std::span(record_.nodes_).subspan(index + 1);
    if (record_.nodes_[index].kind != Kind::kArray || count == 0 || elements.size() != count ||
        record_.number_count_ + count > Record::kMaxNumbers ||
        !std::ranges::all_of(elements, [](const auto& e) { return e.kind == Kind::kNumber; })) {
      return false;
    }
    record_.nodes_[index].apart = true;
    record_.nodes_[index].payload = record_.number_count_;
    if (record_.number_count_ + count > record_.numbers_.size()) {
      record_.numbers_.resize(2 * (record_.number_count_ + count));
    }
    for (const Record::Node& element : elements) {
      record_.numbers_[record_.number_count_++] = std::bit_cast<double>(element.payload);
    }
    record_.nodes_.resize(index + 1);
    return true;
  }

  std::string_view source_;
  const char* text_;  // the same, without a bound: zeros follow
  rapidjson::StringStream& stream_;
  Record record_;
  std::array<std::uint32_t, kMaxDepth> open_ = {};  // containers that are not finished
  int open_count_ = 0;
  int max_open_ = 0;
};

}  // namespace labelloom::json
