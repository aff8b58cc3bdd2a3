#include "augment/pipeline_file.h"

#include <algorithm>

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

constexpr std::string_view kSpace = " \t\r\n";

enum class Syntax : std::uint8_t { kJson, kYaml, kLines };

/// The first line that says something decides: JSON opens with a bracket, YAML with a dash or with
/// `name:`; a list that opens like `[A.` or `[Flip` is Python's.
Syntax syntax_of(std::string_view text) {
  std::size_t at = text.find_first_not_of(kSpace);
  while (at != std::string_view::npos && text[at] == '#') {
    at = text.find_first_not_of(kSpace, std::min(text.find('\n', at), text.size()));
  }
  if (at == std::string_view::npos) return Syntax::kLines;
  const std::string_view rest = text.substr(at);
  if (rest.front() == '{') return Syntax::kJson;
  if (rest.front() == '[') {
    const std::size_t next = rest.find_first_not_of(kSpace, 1);
    const bool python = next != std::string_view::npos &&
                        std::string_view("[{\"]").find(rest[next]) == std::string_view::npos;
    return python ? Syntax::kLines : Syntax::kJson;
  }
  if (rest.starts_with("- ") || rest.starts_with("-\n") || rest.starts_with("---") ||
      rest.front() == '%') {
    return Syntax::kYaml;
  }
  if (rest.starts_with("import ") || rest.starts_with("from ")) return Syntax::kLines;
  const std::string_view line = rest.substr(0, rest.find('\n'));
  const std::size_t stop = line.find_first_of(":(=,");
  return stop != std::string_view::npos && line[stop] == ':' ? Syntax::kYaml : Syntax::kLines;
}

Setting parse_setting(std::string_view text, const std::string& name) {
  switch (syntax_of(text)) {
    case Syntax::kJson:
      return parse_json_setting(text, name);
    case Syntax::kYaml:
      return parse_yaml_setting(text, name);
    case Syntax::kLines:
      break;
  }
  return parse_lines_setting(text, name);
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
  const Setting root = parse_setting(text, name);
  if (const auto* list = root.as<Setting::List>(); list != nullptr && list->empty()) {
    throw Error(Errc::kInvalidData, in_file(name), "the file holds no transforms");
  }
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
