#include "apps/dataset_io.h"

#include <cstdio>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "apps/remarks.h"
#include "apps/terminal.h"
#include "apps/text_table.h"
#include "formats/coco.h"
#include "formats/error.h"

namespace labelloom::apps {
namespace {

rapidjson::SizeType length(std::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

}  // namespace

Dataset read_coco_file(const std::filesystem::path& path,
                       bool skip_bad,
                       Report& report,
                       bool picture_list) {
  Progress progress("reading", "MB", 1e6);
  return read_coco(path,
                   {.keypoint_origin = {},
                    .skip_bad = skip_bad,
                    .picture_list = picture_list,
                    .progress = progress.callback()},
                   report);
}

void write_coco_file(const Dataset& dataset, const std::filesystem::path& path) {
  write_coco(dataset, path);
  log_written(dataset, path);
}

void log_written(const Dataset& dataset, const std::filesystem::path& path) {
  log_info(fmt::format("wrote {}: {}, {}",
                       path.string(),
                       counted(dataset.images.size(), "image"),
                       counted(dataset.instances.size(), "annotation")));
}

void refuse_same_file(const std::filesystem::path& input, const std::filesystem::path& output) {
  std::error_code missing;  // then they are not the same
  if (!std::filesystem::equivalent(input, output, missing)) return;
  throw Error(Errc::kArgument,
              {.file = output.string()},
              "is an input, too; choose another name for the output");
}

void log_remarks(const Report& report) {
  for (const Report::Kind& kind : report.kinds()) {
    std::string line = fmt::format("{} x {}", kind.count, kind.name);
    const std::string_view meaning = explanation(kind.name);
    if (!meaning.empty()) line += fmt::format(": {}", meaning);
    if (!kind.examples.empty()) line += fmt::format(" (first: {})", kind.examples.front());
    log_warning(line);
  }
}

void JsonText::key(std::string_view name) { writer_.Key(name.data(), length(name)); }

void JsonText::member(std::string_view name, std::string_view value) {
  key(name);
  element(value);
}

void JsonText::member(std::string_view name, std::uint64_t value) {
  key(name);
  writer_.Uint64(value);
}

void JsonText::member(std::string_view name, std::int64_t value) {
  key(name);
  writer_.Int64(value);
}

void JsonText::member(std::string_view name, double value) {
  key(name);
  writer_.Double(value);
}

void JsonText::element(std::string_view value) { writer_.String(value.data(), length(value)); }

std::string JsonText::text() const {
  return std::string(buffer_.GetString(), buffer_.GetSize()) + '\n';
}

void JsonText::print() const { fmt::print("{}", text()); }

}  // namespace labelloom::apps
