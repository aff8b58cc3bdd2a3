#include "augment/pipeline_file.h"

#include <fmt/format.h>

#include "augment/pipeline_builder.h"
#include "augment/setting_parsers.h"
#include "formats/file_io.h"
#include "formats/json_text.h"

namespace labelloom::augment {
namespace {

Where in_file(const std::string& name) {
  return {.file = name, .line = {}, .offset = {}, .path = {}};
}

}  // namespace

PipelineFile parse_pipeline(std::string_view text, const std::string& name, Report& report) {
  if (text.size() > kMaxPipelineBytes) {
    throw Error(
        Errc::kLimit,
        in_file(name),
        fmt::format(
            "{} bytes are no pipeline; at most {} are read", text.size(), kMaxPipelineBytes));
  }
  if (!json::is_utf8(text)) throw Error(Errc::kParse, in_file(name), "the text is not UTF-8");
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const Setting root = parse_json_setting(text, name);
  if (is_albumentations(root)) {
    std::vector<FileStep> steps;
    steps.push_back(read_albumentations_step(root, name));
    return build_pipeline(std::move(steps), albumentations_dialect(root), report);
  }
  return build_pipeline(read_own_steps(root, name), Dialect::kLabelLoom, report);
}

PipelineFile read_pipeline(const std::filesystem::path& path, Report& report) {
  const InputFile file(path);
  return parse_pipeline(file.text(), path.string(), report);
}

}  // namespace labelloom::augment
