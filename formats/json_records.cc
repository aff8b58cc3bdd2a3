#include "formats/json_records.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include "formats/json_text.h"

namespace labelloom::json {
namespace {

using rapidjson::SizeType;

/// Drops white space between tokens.
std::string without_spaces(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\') out += json[++i];
      if (c == '"') in_string = false;
    } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
      out += c;
      in_string = c == '"';
    }
  }
  return out;
}

bool is_ascii(const char* text, std::size_t length) {
  unsigned char all = 0;
  for (std::size_t i = 0; i < length; ++i) all |= static_cast<unsigned char>(text[i]);
  return all < 0x80;
}

constexpr std::size_t kReleaseEvery = std::size_t{4} << 20U;

}  // namespace

const char* name(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBoolean:
      return "a boolean";
    case Kind::kNumber:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "?";
}

std::optional<Value> Value::find(std::string_view key) const {
  if (kind() != Kind::kObject) return std::nullopt;
  const std::uint32_t stop = end();
  for (Value k{record_, index_ + 1}; k.index_ != stop;) {
    const Value member{record_, k.index_ + 1};
    if (k.string() == key) return member;
    k.index_ = member.end();
  }
  return std::nullopt;
}

std::string Value::text() const {
  std::string out;
  switch (kind()) {
    case Kind::kNull:
      out = "null";
      break;
    case Kind::kBoolean:
      out = boolean() ? "true" : "false";
      break;
    case Kind::kNumber:
      append_number(out, number());
      break;
    case Kind::kString:
      append_string(out, string());
      break;
    case Kind::kArray:
      for_each_element([&](std::size_t index, const Value& element) {
        out += index == 0 ? '[' : ',';
        out += element.text();
      });
      out += size() == 0 ? "[]" : "]";
      break;
    case Kind::kObject:
      for_each_member([&](std::string_view key, const Value& member) {
        out += out.empty() ? '{' : ',';
        append_string(out, key);
        out += ':';
        out += member.text();
      });
      out += size() == 0 ? "{}" : "}";
      break;
  }
  return out;
}

std::string Record::member_text(std::size_t index) const {
  const auto [begin, end] = members_[index];
  return without_spaces(source_.substr(begin, end - begin));
}

std::string Record::text() const {
  return without_spaces(source_.substr(range_.first, range_.second - range_.first));
}

std::string RecordPlace::text() const {
  if (index == kWholeMember) return std::string(section);
  return fmt::format("{}[{}]", section, index);
}

void fail_expected(std::string_view place_in_record, std::string_view wanted, Value got) {
  std::string what = name(got.kind());
  if (got.is(Kind::kNumber)) what = fmt::format("{}", got.number());
  if (got.is(Kind::kString)) what = quoted(got.string(), 40);
  throw Error(Errc::kInvalidData,
              {.path = std::string(place_in_record)},
              fmt::format("expected {}, got {}", wanted, what));
}

/// RapidJSON's events become nodes on the tape; a finished record goes to the handler.
class RecordBuilder {
 public:
  RecordBuilder(const InputFile& file,
                const std::string& name,
                const ReadOptions& options,
                RecordHandler& handler)
      : file_(file),
        text_(file.text()),
        name_(name),
        options_(options),
        handler_(handler),
        stream_(text_.data()) {
    record_.source_ = text_;
  }

  void run();

  // RapidJSON reads numbers and strings through a copy of the stream, so that ours still stands at
  // their first byte when it reports them; after literals and brackets it stands behind them.
  bool Null() { return scalar({Kind::kNull, 0, 0}, offset() - 4); }
  bool Bool(bool value) {
    return scalar({Kind::kBoolean, value ? 1U : 0U, 0}, offset() - (value ? 4 : 5));
  }
  bool Int(int value) { return number(value); }
  bool Uint(unsigned value) { return number(value); }
  bool Int64(std::int64_t value) { return number(static_cast<double>(value)); }
  bool Uint64(std::uint64_t value) { return number(static_cast<double>(value)); }
  bool Double(double value) { return number(options_.exact_numbers ? exact(value) : value); }
  bool RawNumber(const char*, SizeType, bool) { return false; }
  bool String(const char* text, SizeType length, bool) {
    check_utf8(text, length);
    return scalar(string_node(text, length), offset());
  }
  bool StartObject() { return start(Kind::kObject); }
  bool StartArray() { return start(Kind::kArray); }
  bool EndObject(SizeType count) { return finish(count); }
  bool EndArray(SizeType count) { return finish(count); }
  bool Key(const char* text, SizeType length, bool);

 private:
  [[nodiscard]] std::size_t offset() const {
    return static_cast<std::size_t>(stream_.src_ - text_.data());
  }
  [[nodiscard]] bool in_record() const { return depth_ > record_depth_; }
  [[noreturn]] void fail(Errc code, std::size_t at, const std::string& message) {
    throw Error(code, {.file = name_, .line = line_of(at), .offset = at}, message);
  }
  /// Goes on counting where the last call ended: many bad records must not cost a pass each.
  std::uint64_t line_of(std::size_t at) {
    at = std::min(at, text_.size());
    if (at < counted_to_) counted_to_ = lines_ = 0;
    lines_ += static_cast<std::uint64_t>(
        std::ranges::count(text_.substr(counted_to_, at - counted_to_), '\n'));
    counted_to_ = at;
    return lines_ + 1;
  }

  /// RapidJSON's fast path is exact for up to 15 digits; longer numbers are read once more.
  [[nodiscard]] double exact(double value) const {
    const char* const begin = stream_.src_;
    const char* end = begin;
    while ((*end >= '0' && *end <= '9') || *end == '.' || *end == '-') ++end;
    if (end - begin <= 16 && *end != 'e' && *end != 'E') return value;
    double read = value;
    std::from_chars(begin, begin + scalar_length(offset()), read);
    return read;
  }

  /// Bytes of the number, string or literal that begins at `begin`.
  [[nodiscard]] std::size_t scalar_length(std::size_t begin) const {
    std::size_t end = begin + 1;
    if (text_[begin] == '"') {
      while (text_[end] != '"') end += text_[end] == '\\' ? 2U : 1U;
      return end + 1 - begin;
    }
    return std::min(text_.find_first_of(",]} \t\r\n", begin), text_.size()) - begin;
  }

  Record::Node string_node(const char* text, SizeType length) {
    const Record::Node node{Kind::kString, length, record_.strings_.size()};
    record_.strings_.append(text, length);
    return node;
  }

  void check_utf8(const char* text, SizeType length);
  void begin_record(std::size_t at);
  void end_record(std::size_t end);
  void deliver();
  bool number(double value) {
    return scalar({Kind::kNumber, 0, std::bit_cast<std::uint64_t>(value)}, offset());
  }
  bool scalar(const Record::Node& node, std::size_t begin);
  bool start(Kind kind);
  bool finish(SizeType count);
  /// Whether the value now read is a member of the record itself, not of something inside it.
  [[nodiscard]] bool at_member() const {
    return depth_ == record_depth_ + 1 && record_.nodes_[0].kind == Kind::kObject;
  }

  const InputFile& file_;
  std::string_view text_;
  const std::string& name_;
  const ReadOptions& options_;
  RecordHandler& handler_;
  rapidjson::StringStream stream_;
  Record record_;
  std::vector<std::uint32_t> open_;  // containers of the record that are not finished
  int depth_ = 0;
  int record_depth_ = 1;  // depth at which records begin
  bool root_is_object_ = false;
  bool section_is_array_ = false;
  std::string section_;
  std::size_t index_ = 0;
  std::size_t released_ = 0;
  std::size_t counted_to_ = 0;
  std::uint64_t lines_ = 0;
};

void RecordBuilder::check_utf8(const char* text, SizeType length) {
  if (is_ascii(text, length)) return;
  if (!is_utf8({text, length})) {
    fail(Errc::kParse, offset(), "a string is not UTF-8; save the file as UTF-8");
  }
}

void RecordBuilder::begin_record(std::size_t at) {
  record_.nodes_.clear();
  record_.strings_.clear();
  record_.members_.clear();
  record_.range_ = {at, at};
}

void RecordBuilder::end_record(std::size_t end) {
  record_.range_.second = end;
  try {
    deliver();
  } catch (const Error& error) {
    if (!error.where().file.empty()) throw;
    const std::size_t at = record_.range_.first;
    const std::size_t index =
        root_is_object_ && !section_is_array_ ? RecordPlace::kWholeMember : index_;
    std::string path = RecordPlace{section_, index, at}.text();
    const std::string& inner = error.where().path;
    if (!path.empty() && !inner.empty() && inner.front() != '[') path += '.';
    const Error placed(error.code(),
                       {.file = name_, .line = line_of(at), .offset = at, .path = path + inner},
                       error.message());
    if (!options_.skip_bad || error.code() != Errc::kInvalidData) throw placed;
    if (options_.on_skipped) options_.on_skipped(placed);
  }
  ++index_;
  if (end - released_ >= kReleaseEvery) {
    file_.release(released_, end);
    released_ = end;
    if (options_.progress) options_.progress(end, text_.size());
  }
}

void RecordBuilder::deliver() {
  const bool whole = root_is_object_ && !section_is_array_;
  handler_.record(record_,
                  {.section = section_,
                   .index = whole ? RecordPlace::kWholeMember : index_,
                   .offset = record_.range_.first});
}

bool RecordBuilder::scalar(const Record::Node& node, std::size_t begin) {
  if (in_record()) {
    record_.nodes_.push_back(node);
    if (at_member()) record_.members_.emplace_back(begin, begin + scalar_length(begin));
    return true;
  }
  if (depth_ == 0) {
    throw Error(Errc::kInvalidData, {.file = name_}, "expected an array or object at the top");
  }
  // A record that is a single value. Its string, if it is one, is all that begin_record may drop.
  std::string text;
  if (node.kind == Kind::kString) text = record_.strings_.substr(node.payload);
  begin_record(begin);
  record_.strings_ = text;
  record_.nodes_.push_back({node.kind, node.size, node.kind == Kind::kString ? 0 : node.payload});
  end_record(begin + scalar_length(begin));
  return true;
}

bool RecordBuilder::start(Kind kind) {
  if (depth_ >= kMaxDepth) {
    fail(Errc::kLimit, offset(), fmt::format("values are nested more than {} deep", kMaxDepth));
  }
  ++depth_;
  if (depth_ == 1) {
    root_is_object_ = kind == Kind::kObject;
    if (root_is_object_ && options_.whole_root_object) record_depth_ = 0;
    if (!in_record()) return true;
  }
  if (root_is_object_ && depth_ == 2 && record_depth_ == 1 && kind == Kind::kArray) {
    section_is_array_ = true;
    record_depth_ = 2;
    index_ = 0;
    handler_.section(section_);
    return true;
  }
  if (depth_ == record_depth_ + 1) {
    begin_record(offset() - 1);
    open_.clear();
  }
  if (depth_ == record_depth_ + 2 && record_.nodes_[0].kind == Kind::kObject)
    record_.members_.emplace_back(offset() - 1, 0);
  open_.push_back(static_cast<std::uint32_t>(record_.nodes_.size()));
  record_.nodes_.push_back({kind, 0, 0});
  return true;
}

bool RecordBuilder::finish(SizeType count) {
  if (in_record()) {
    Record::Node& node = record_.nodes_[open_.back()];
    node.size = count;
    node.payload = record_.nodes_.size();
    open_.pop_back();
    --depth_;
    if (depth_ == record_depth_) {
      end_record(offset());
    } else if (at_member()) {
      record_.members_.back().second = offset();
    }
    return true;
  }
  --depth_;
  if (root_is_object_ && depth_ == 1) {
    section_is_array_ = false;
    record_depth_ = 1;
  }
  return true;
}

bool RecordBuilder::Key(const char* text, SizeType length, bool) {
  check_utf8(text, length);
  if (!in_record()) {  // a member of the root object
    section_.assign(text, length);
    index_ = 0;
    return true;
  }
  record_.nodes_.push_back(string_node(text, length));
  return true;
}

void RecordBuilder::run() {
  if (text_.starts_with("\xEF\xBB\xBF")) stream_.src_ += 3;
  rapidjson::Reader reader;
  reader.Parse(stream_, *this);
  if (!reader.HasParseError() && offset() == text_.size()) return;
  if (!reader.HasParseError()) {
    fail(Errc::kParse, offset(), "a NUL byte, expected the end of the file");
  }
  const std::size_t at = std::min(reader.GetErrorOffset(), text_.size());
  if (at >= text_.size()) {
    fail(Errc::kParse,
         at,
         text_.empty() ? "the file is empty, expected JSON"
                       : "the file ends in the middle of a value; is it complete?");
  }
  std::string_view rest = text_.substr(at, 8);
  if (rest.starts_with("NaN") || rest.starts_with("Inf") || rest.starts_with("-Inf")) {
    fail(Errc::kParse, at, "NaN and Infinity are not JSON, expected a finite number");
  }
  fail(Errc::kParse,
       at,
       fmt::format("not JSON: {}, at {}",
                   rapidjson::GetParseError_En(reader.GetParseErrorCode()),
                   quoted(text_.substr(at, 20))));
}

void read_records(const InputFile& file,
                  const std::string& name,
                  const ReadOptions& options,
                  RecordHandler& handler) {
  RecordBuilder(file, name, options, handler).run();
}

}  // namespace labelloom::json
