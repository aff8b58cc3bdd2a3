#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include "formats/dataset.h"
#include "formats/report.h"

namespace labelloom::apps {

/// Reads a COCO file, with progress.
/// @param picture_list whether it may be without annotations, see CocoReadOptions
[[nodiscard]] Dataset read_coco_file(const std::filesystem::path& path,
                                     bool skip_bad,
                                     Report& report,
                                     bool picture_list = false);

/// Writes a COCO file and says so.
void write_coco_file(const Dataset& dataset, const std::filesystem::path& path);
/// Says that a data set was written.
void log_written(const Dataset& dataset, const std::filesystem::path& path);

/// @throws Error(kArgument) if the output is the input by another or the same name.
void refuse_same_file(const std::filesystem::path& input, const std::filesystem::path& output);

/// A warning for every kind of remark, with its first example.
void log_remarks(const Report& report);

/// JSON for people and scripts: two spaces a level.
class JsonText {
 public:
  using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;
  JsonText() : writer_(buffer_) { writer_.SetIndent(' ', 2); }

  Writer& operator()() { return writer_; }
  void key(std::string_view name);
  void member(std::string_view name, std::string_view value);
  void member(std::string_view name, std::uint64_t value);
  void member(std::string_view name, std::int64_t value);
  void member(std::string_view name, double value);
  void element(std::string_view value);
  /// The text so far, with a final newline.
  [[nodiscard]] std::string text() const;
  /// Prints it on stdout.
  void print() const;

 private:
  rapidjson::StringBuffer buffer_;
  Writer writer_;
};

}  // namespace labelloom::apps
