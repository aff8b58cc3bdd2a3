#include "formats/json_token_parser.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <rapidjson/reader.h>

#include "formats/json_number.h"
#include "formats/json_text.h"

namespace labelloom::json {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// Whether there is a backslash in a text; it may be said of one that merely has a backslash within
/// seven bytes behind its end.
bool may_have_backslash(const char* text, std::size_t length) {
  constexpr std::uint64_t kEvery = 0x0101010101010101U;
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < length; i += sizeof(std::uint64_t)) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text + i, sizeof bytes);
    const std::uint64_t zero_where = bytes ^ (kEvery * '\\');
    found |= (zero_where - kEvery) & ~zero_where & (kEvery * 0x80);
  }
  return found != 0;
}

}  // namespace

TokenParser::TokenParser(std::string_view source) : source_(source) { record_.source_ = source; }

bool TokenParser::run(const Part& part, RecordHandler& handler) {
  part_ = part;
  handler_ = &handler;
  ended_inside_ = false;
  std::string_view text = source_.substr(part.begin, part.end - part.begin);
  if (part.begin == 0 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto tokens = index_.find(text);
  base_ = text.data();
  next_ = tokens.data();
  stop_ = next_ + tokens.size();
  return root() && next_ == stop_ && ended_inside_ == part.ends_inside &&
         (!ended_inside_ || section_ == part.next_section);
}

bool TokenParser::root() {
  if (part_.begins_inside) {
    section_ = part_.section;
    if (!array_records(section_.empty() ? 1 : 2)) return false;
    if (ended_inside_ || section_.empty()) return true;
    return take(',') ? root_members() : take('}');
  }
  section_ = {};
  if (take('[')) return take(']') || array_records(1);
  return take('{') && (take('}') || root_members());
}

bool TokenParser::root_members() {
  do {
    if (peek() != '"' || !parse_record(1)) return false;
    section_name_ = record_.value().string();
    section_ = section_name_;
    if (!take(':')) return false;
    if (take('[')) {
      handler_->section(section_);
      if (!take(']') && !array_records(2)) return false;
      if (ended_inside_) return true;
    } else {
      if (!parse_record(1)) return false;
      tell(RecordPlace::kWholeMember);
    }
  } while (take(','));
  return take('}');
}

/// Elements up to the closing bracket, or up to the part's end.
bool TokenParser::array_records(int outer_depth) {
  for (std::size_t index = 0;; ++index) {
    if (!parse_record(outer_depth)) return false;
    tell(index);
    if (take(']')) return true;
    if (!take(',')) return false;
    if (next_ == stop_) return ended_inside_ = true;
  }
}

void TokenParser::tell(std::size_t index) {
  handler_->record(record_, {.section = section_, .index = index, .offset = record_.range_.first});
}

bool TokenParser::parse_record(int outer_depth) {
  record_.nodes_.clear();
  record_.number_count_ = 0;
  record_.strings_.clear();
  record_.members_.clear();
  max_depth_ = kMaxDepth - outer_depth;
  if (next_ == stop_) return false;
  record_.range_.first = offset(base_ + *next_);
  if (!value(0)) return false;
  record_.range_.second = offset(value_end_);
  return true;
}

/// Recursion ends at max_depth_.
bool TokenParser::value(int depth) {  // NOLINT(misc-no-recursion)
  switch (peek()) {
    case '[':
      return array(depth);
    case '{':
      return object(depth);
    case '"':
      return string();
    case 't':
      return literal("true", Kind::kBoolean, 1);
    case 'f':
      return literal("false", Kind::kBoolean, 0);
    case 'n':
      return literal("null", Kind::kNull, 0);
    default:
      return number_node();
  }
}

bool TokenParser::number_node() {
  if (next_ == stop_) return false;
  double number = 0;
  value_end_ = read_number(base_ + *next_++, number);
  record_.nodes_.push_back(
      {.kind = Kind::kNumber, .payload = std::bit_cast<std::uint64_t>(number)});
  return value_end_ != nullptr;
}

bool TokenParser::literal(std::string_view text, Kind kind, std::uint32_t size) {
  const char* const at = base_ + *next_++;
  value_end_ = at + text.size();
  record_.nodes_.push_back({.kind = kind, .size = size});
  return std::strncmp(at, text.data(), text.size()) == 0 && detail::ends_token(*value_end_);
}

bool TokenParser::array(int depth) {  // NOLINT(misc-no-recursion)
  if (depth >= max_depth_) return false;
  ++next_;
  const std::size_t node = record_.nodes_.size();
  record_.nodes_.push_back({.kind = Kind::kArray});
  std::uint32_t size = 0;
  const auto finish = [&](bool apart, std::size_t payload) {
    value_end_ = base_ + next_[-1] + 1;
    record_.nodes_[node].apart = apart;
    record_.nodes_[node].size = size;
    record_.nodes_[node].payload = payload;
    return true;
  };
  if (take(']')) return finish(false, node + 1);
  // As long as there are only numbers they are kept apart.
  const std::size_t first = record_.number_count_;
  if (!leading_numbers()) return false;
  size = static_cast<std::uint32_t>(record_.number_count_ - first);
  if (size > 0 && base_[next_[-1]] == ']') return finish(true, first);
  spread_numbers(first);
  for (;;) {
    if (!value(depth + 1)) return false;
    ++size;
    if (take(']')) return finish(false, record_.nodes_.size());
    if (!take(',')) return false;
  }
}

/// The numbers that an array begins with, and the comma or bracket behind them. This is where the
/// time goes: nothing is touched in the loop but tokens and numbers.
bool TokenParser::leading_numbers() {
  const char* const base = base_;
  const std::uint32_t* next = next_;
  const std::uint32_t* const stop = stop_;
  double* numbers = record_.numbers_.data();
  std::size_t count = record_.number_count_;
  std::size_t room = record_.numbers_.size();
  for (bool more = true; more && stop - next >= 2;) {
    const char* const at = base + next[0];
    if (*at != '-' && (*at < '0' || *at > '9')) break;
    if (count == room) {
      room = std::max<std::size_t>(2 * room, 1024);
      record_.numbers_.resize(room);
      numbers = record_.numbers_.data();
    }
    const char behind = base[next[1]];
    if (read_number(at, numbers[count++]) == nullptr || (behind != ',' && behind != ']')) {
      return false;
    }
    next += 2;
    more = behind == ',';
  }
  next_ = next;
  record_.number_count_ = count;
  return true;
}

/// Makes nodes of numbers that turn out not to be alone in their array.
void TokenParser::spread_numbers(std::size_t first) {
  for (std::size_t i = first; i < record_.number_count_; ++i) {
    record_.nodes_.push_back(
        {.kind = Kind::kNumber, .payload = std::bit_cast<std::uint64_t>(record_.numbers_[i])});
  }
  record_.number_count_ = first;
}

bool TokenParser::object(int depth) {  // NOLINT(misc-no-recursion)
  if (depth >= max_depth_) return false;
  ++next_;
  const std::size_t node = record_.nodes_.size();
  record_.nodes_.push_back({.kind = Kind::kObject});
  std::uint32_t size = 0;
  if (!take('}')) {
    do {
      if (peek() != '"' || !string() || !take(':') || next_ == stop_) return false;
      const char* const begin = base_ + *next_;
      if (!value(depth + 1)) return false;
      if (depth == 0) record_.members_.emplace_back(offset(begin), offset(value_end_));
      ++size;
    } while (take(','));
    if (!take('}')) return false;
  }
  value_end_ = base_ + next_[-1] + 1;
  record_.nodes_[node].size = size;
  record_.nodes_[node].payload = record_.nodes_.size();
  return true;
}

bool TokenParser::string() {
  const char* const quote = base_ + *next_++;
  // Between a string and the next token there is white space at most.
  const char* end = next_ == stop_ ? source_.data() + part_.end : base_ + *next_;
  do --end;
  while (is_space(*end));
  if (end <= quote || *end != '"') return false;
  value_end_ = end + 1;
  const auto length = static_cast<std::size_t>(end - quote - 1);
  if (may_have_backslash(quote + 1, length)) return escaped_string(quote);
  record_.nodes_.push_back({.kind = Kind::kString,
                            .size = static_cast<std::uint32_t>(length),
                            .payload = offset(quote + 1)});
  return true;
}

bool TokenParser::escaped_string(const char* at) {
  struct Keep : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Keep> {
    std::string& strings;
    explicit Keep(std::string& s) : strings(s) {}
    bool String(const char* text, rapidjson::SizeType length, bool /*copy*/) {
      strings.append(text, length);
      return true;
    }
  } keep(record_.strings_);
  const std::size_t begin = record_.strings_.size();
  rapidjson::StringStream stream(at);
  rapidjson::Reader reader;
  reader.Parse<rapidjson::kParseStopWhenDoneFlag>(stream, keep);
  if (reader.HasParseError() || stream.src_ != value_end_) return false;
  const std::string_view text = std::string_view(record_.strings_).substr(begin);
  if (!is_utf8(text)) return false;  // half a surrogate pair
  record_.nodes_.push_back({.kind = Kind::kString,
                            .apart = true,
                            .size = static_cast<std::uint32_t>(text.size()),
                            .payload = begin});
  return true;
}

}  // namespace labelloom::json
