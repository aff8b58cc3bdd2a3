#include "select/score_lines.h"

#include <boost/crc.hpp>
#include <fmt/format.h>
#include <rapidjson/document.h>

#include "formats/error.h"

namespace labelloom::select {
namespace {

constexpr std::string_view kFooterBegin = "{\"footer\":{\"count\":";
constexpr std::string_view kKeyBegin = "{\"key\":\"";

}  // namespace

std::string footer_text(std::size_t count, std::uint32_t crc) {
  return fmt::format("{}{},\"crc32\":\"{:08x}\"}}}}", kFooterBegin, count, crc);
}

void refuse_other_scores(const ScoreHeader& found,
                         const ScoreHeader& wanted,
                         const std::string& file) {
  const auto refuse = [&](std::string_view what, std::string_view is, std::string_view expected) {
    throw Error(Errc::kInvalidData,
                {.file = file},
                fmt::format("the scores are of another {}: {}, expected {}",
                            what,
                            labelloom::quoted(is),
                            labelloom::quoted(expected)));
  };
  if (found.model != wanted.model) refuse("model", found.model, wanted.model);
  if (found.config != wanted.config) {
    throw Error(Errc::kInvalidData,
                {.file = file},
                "the scores are of other options or strategies; choose another folder");
  }
  if (found.combine != wanted.combine) refuse("preset", found.combine, wanted.combine);
  if (found.pool != wanted.pool) refuse("pool", found.pool, wanted.pool);
  if (found.shards != wanted.shards) {
    refuse("number of shards", std::to_string(found.shards), std::to_string(wanted.shards));
  }
  // What a model's file is called is no part of what it is.
  ScoreHeader same = found;
  same.shard = wanted.shard;
  same.model_name = wanted.model_name;
  if (same == wanted) return;
  throw Error(Errc::kInvalidData, {.file = file}, "the scores are of other classes or epsilon");
}

std::string key_of_line(std::string_view line) {
  const auto fail = [&] {
    throw Error(Errc::kInvalidData, {.path = "key"}, "a row must begin with its key");
  };
  if (!line.starts_with(kKeyBegin)) fail();
  bool escaped = false;
  for (std::size_t i = kKeyBegin.size(); i < line.size(); ++i) {
    if (line[i] == '\\') {
      escaped = true;
      ++i;
    } else if (line[i] == '"') {
      if (!escaped) return std::string(line.substr(kKeyBegin.size(), i - kKeyBegin.size()));
      rapidjson::Document document;
      const std::size_t quote = kKeyBegin.size() - 1;
      document.Parse<rapidjson::kParseValidateEncodingFlag>(line.data() + quote, i + 1 - quote);
      if (document.HasParseError()) fail();
      return {document.GetString(), document.GetStringLength()};
    }
  }
  fail();
  return {};
}

ScoreLines::ScoreLines(const std::filesystem::path& path) : path_(path), file_(path) {
  const std::string_view text = file_.text();
  const auto fail = [&](const std::string& message) {
    throw Error(Errc::kInvalidData, {.file = path_.string()}, message);
  };
  const std::size_t end = text.find('\n');
  try {
    header_ = read_header(text.substr(0, end));
  } catch (const Error& error) {
    throw Error(error.code(),
                {.file = path_.string(), .line = 1, .path = error.where().path},
                error.message());
  }
  first_row_ = end + 1;
  const std::size_t before =
      text.ends_with('\n') ? text.rfind('\n', text.size() - 2) : std::string_view::npos;
  footer_ = before == std::string_view::npos ? 0 : before + 1;
  if (footer_ < first_row_ || !text.substr(footer_).starts_with(kFooterBegin)) {
    fail("has no footer: it is cut off; score the shard again");
  }
  for (std::size_t at = first_row_; at < footer_; at = text.find('\n', at) + 1) ++count_;
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), footer_);
  if (text.substr(footer_) != footer_text(count_, crc.checksum()) + '\n') {
    fail(fmt::format(
        "is damaged: the footer does not fit the {} rows before it; score the shard again",
        count_));
  }
}

void ScoreLines::for_each_row(
    const std::function<void(std::string_view, std::size_t)>& visit) const {
  const std::string_view text = file_.text();
  for (std::size_t at = first_row_; at < footer_;) {
    const std::size_t end = text.find('\n', at);
    visit(text.substr(at, end - at), at);
    at = end + 1;
  }
}

ScoreRow ScoreLines::row(std::size_t offset, std::size_t length) const {
  try {
    return read_row(file_.text().substr(offset, length), header_);
  } catch (const Error& error) {
    throw Error(error.code(),
                {.file = path_.string(), .offset = offset, .path = error.where().path},
                error.message());
  }
}

}  // namespace labelloom::select
