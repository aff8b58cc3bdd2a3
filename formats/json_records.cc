#include "formats/json_records.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_pipeline.h>

#include "formats/json_parts.h"
#include "formats/json_record_builder.h"
#include "formats/json_token_parser.h"

namespace labelloom::json {
namespace {

constexpr std::size_t kReleaseEvery = std::size_t{4} << 20U;

/// Reads the brackets around the records; the records themselves are RapidJSON's. It reads any file
/// of any size and knows what is wrong with it.
class FileParser {
 public:
  FileParser(const InputFile& file,
             const std::string& name,
             const ReadOptions& options,
             RecordHandler& handler)
      : file_(file),
        text_(file.text()),
        name_(name),
        options_(options),
        handler_(handler),
        stream_(text_.data()),
        builder_(text_, stream_) {}

  void run();

 private:
  [[nodiscard]] std::size_t offset() const {
    return static_cast<std::size_t>(stream_.src_ - text_.data());
  }
  char next() {
    rapidjson::SkipWhitespace(stream_);
    return stream_.Peek();
  }
  bool take(char wanted) {
    if (next() != wanted) return false;
    stream_.Take();
    return true;
  }
  void root_members();
  void array_records(int outer_depth);
  void parse_value(int outer_depth);
  void record(std::size_t index);
  [[noreturn]] void fail(Errc code, std::size_t at, const std::string& message) {
    throw Error(code, {.file = name_, .line = line_of(at), .offset = at}, message);
  }
  [[noreturn]] void fail_syntax(std::size_t at, std::string_view what);
  /// Goes on counting where the last call ended: many bad records must not cost a pass each.
  std::uint64_t line_of(std::size_t at) {
    at = std::min(at, text_.size());
    if (at < counted_to_) counted_to_ = lines_ = 0;
    lines_ += static_cast<std::uint64_t>(
        std::ranges::count(text_.substr(counted_to_, at - counted_to_), '\n'));
    counted_to_ = at;
    return lines_ + 1;
  }

  const InputFile& file_;
  std::string_view text_;
  const std::string& name_;
  const ReadOptions& options_;
  RecordHandler& handler_;
  rapidjson::StringStream stream_;
  rapidjson::Reader reader_;
  RecordBuilder builder_;
  std::string section_;
  std::size_t released_ = 0;
  std::size_t counted_to_ = 0;
  std::uint64_t lines_ = 0;
};

void FileParser::fail_syntax(std::size_t at, std::string_view what) {
  at = std::min(at, text_.size());
  const std::string_view rest = text_.substr(at, 20);
  if (text_.empty()) fail(Errc::kParse, 0, "the file is empty, expected JSON");
  if (rest.empty()) {
    fail(Errc::kParse, at, "the file ends in the middle of a value; is it complete?");
  }
  if (rest.starts_with("NaN") || rest.starts_with("Inf") || rest.starts_with("-Inf")) {
    fail(Errc::kParse, at, "NaN and Infinity are not JSON, expected a finite number");
  }
  fail(Errc::kParse, at, fmt::format("not JSON: {}, at {}", what, labelloom::quoted(rest)));
}

void FileParser::parse_value(int outer_depth) {
  rapidjson::SkipWhitespace(stream_);
  try {
    if (builder_.parse(reader_, outer_depth)) return;
  } catch (const ValueFault& fault) {
    fail(fault.code, offset(), fault.message);
  }
  fail_syntax(reader_.GetErrorOffset(), rapidjson::GetParseError_En(reader_.GetParseErrorCode()));
}

void FileParser::record(std::size_t index) {
  const std::size_t begin = builder_.begin();
  const RecordPlace place{.section = section_, .index = index, .offset = begin};
  try {
    handler_.record(builder_.record(), place);
  } catch (const Error& error) {
    if (!error.where().file.empty()) throw;
    std::string path = place.text();
    const std::string& inner = error.where().path;
    if (!path.empty() && !inner.empty() && inner.front() != '[') path += '.';
    const Error placed(
        error.code(),
        {.file = name_, .line = line_of(begin), .offset = begin, .path = path + inner},
        error.message());
    if (!options_.skip_bad || error.code() != Errc::kInvalidData) throw placed;
    if (options_.on_skipped) options_.on_skipped(placed);
  }
  const std::size_t end = offset();
  if (end - released_ < kReleaseEvery) return;
  file_.release(released_, end);
  released_ = end;
  if (options_.progress) options_.progress(end, text_.size());
}

void FileParser::array_records(int outer_depth) {
  if (take(']')) return;
  for (std::size_t index = 0;; ++index) {
    parse_value(outer_depth);
    record(index);
    if (take(']')) return;
    if (!take(',')) fail_syntax(offset(), "expected a comma or the end of the array");
  }
}

void FileParser::root_members() {
  do {
    if (next() != '"') fail_syntax(offset(), "expected the name of a member");
    parse_value(1);
    section_ = builder_.record().value().string();
    if (!take(':')) fail_syntax(offset(), "expected a colon");
    if (take('[')) {
      handler_.section(section_);
      array_records(2);
    } else {
      parse_value(1);
      record(RecordPlace::kWholeMember);
    }
  } while (take(','));
  if (!take('}')) fail_syntax(offset(), "expected a comma or the end of the object");
}

void FileParser::run() {
  if (text_.starts_with("\xEF\xBB\xBF")) stream_.src_ += 3;
  if (next() == '[') {
    stream_.Take();
    array_records(1);
  } else if (next() == '{' && !options_.whole_root_object) {
    stream_.Take();
    if (!take('}')) root_members();
  } else {
    parse_value(0);
    if (!builder_.record().value().is(Kind::kObject)) {
      throw Error(Errc::kInvalidData, {.file = name_}, "expected an array or object at the top");
    }
    record(RecordPlace::kWholeMember);
  }
  if (next() != '\0' || offset() < text_.size()) {
    fail(Errc::kParse,
         offset(),
         next() == '\0' ? "a NUL byte, expected the end of the file"
                        : "something follows the end of the JSON value");
  }
}

/// A part on its way through the pipeline.
struct PartInWork {
  Part part;
  std::unique_ptr<RecordHandler> handler;
};

/// False when a cut was wrong or anything is the matter with the file.
bool read_fast(const InputFile& file,
               const ReadOptions& options,
               const std::vector<Part>& cut,
               PartsHandler& parts) {
  std::atomic<bool> right{true};
  std::size_t next = 0;
  parts.expect(cut.size(), file.text().size());
  // One parser a thread, so that its memory is used again.
  tbb::enumerable_thread_specific<TokenParser> parsers([&] { return TokenParser(file.text()); });
  const auto begin_part = [&](tbb::flow_control& control) -> PartInWork* {
    if (next == cut.size() || !right) {
      control.stop();
      return nullptr;
    }
    return new PartInWork{cut[next++], parts.make()};  // the last filter deletes it
  };
  const auto read_part = [&](PartInWork* work) {
    try {
      if (!parsers.local().run(work->part, *work->handler)) right = false;
    } catch (const Error&) {
      right = false;  // said again, with the right place, when the file is read in one part
    }
    file.release(work->part.begin, work->part.end);
    return work;
  };
  const auto end_part = [&](PartInWork* work) {
    const std::unique_ptr<PartInWork> owner(work);
    if (!right) return;
    parts.take(*owner->handler);
    if (options.progress) options.progress(owner->part.end, file.text().size());
  };
  const std::size_t in_flight = 2 * std::size_t{std::thread::hardware_concurrency()} + 1;
  tbb::parallel_pipeline(
      in_flight,
      tbb::make_filter<void, PartInWork*>(tbb::filter_mode::serial_in_order, begin_part) &
          tbb::make_filter<PartInWork*, PartInWork*>(tbb::filter_mode::parallel, read_part) &
          tbb::make_filter<PartInWork*, void>(tbb::filter_mode::serial_in_order, end_part));
  return right;
}

}  // namespace

void read_records(const InputFile& file,
                  const std::string& name,
                  const ReadOptions& options,
                  RecordHandler& handler) {
  FileParser(file, name, options, handler).run();
}

void read_records_in_parts(const InputFile& file,
                           const std::string& name,
                           const ReadOptions& options,
                           PartsHandler& parts) {
  // Bad records are reported by their place in the file, which only one reader of it knows.
  if (!options.whole_root_object && !options.skip_bad) {
    const auto cut = cut_into_parts(file.text(), options.long_sections, options.bytes_a_part);
    if (!cut.empty()) {
      if (read_fast(file, options, cut, parts)) return;
      parts.start_again();
    }
  }
  const std::unique_ptr<RecordHandler> handler = parts.make();
  read_records(file, name, options, *handler);
  parts.take(*handler);
}

}  // namespace labelloom::json
