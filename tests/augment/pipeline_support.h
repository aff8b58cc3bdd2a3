#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "augment/pipeline_file.h"
#include "tests/support/shared_data.h"

namespace labelloom::test {

inline augment::PipelineFile parse(std::string_view text, Report& report) {
  return augment::parse_pipeline(text, "p", report);
}

inline augment::PipelineFile parse(std::string_view text) {
  Report report;
  return parse(text, report);
}

inline std::string canonical(std::string_view text) { return parse(text).canonical; }

/// What the reader says of a bad text; "p" is its file's name.
inline std::string failure(std::string_view text) {
  try {
    static_cast<void>(parse(text));
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing failed";
}

inline std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

inline std::filesystem::path pipeline_data(const std::string& name) {
  return source_dir() / "tests" / "data" / "pipelines" / name;
}

}  // namespace labelloom::test
