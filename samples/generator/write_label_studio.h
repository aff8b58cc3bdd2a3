#pragma once

#include <filesystem>
#include <memory>

#include "samples/generator/annotate.h"

namespace labelloom::samples {

/// The JSON-min export: a row per finished annotation, regions by control name, no region ids.
class MinExport {
 public:
  explicit MinExport(const std::filesystem::path& path);
  ~MinExport();
  MinExport(const MinExport&) = delete;
  MinExport& operator=(const MinExport&) = delete;
  void add(const Task& task);
  void close();

 private:
  struct File;
  std::unique_ptr<File> file_;
};

/// The full JSON export of the same project.
class FullExport {
 public:
  explicit FullExport(const std::filesystem::path& path);
  ~FullExport();
  FullExport(const FullExport&) = delete;
  FullExport& operator=(const FullExport&) = delete;
  void add(const Task& task);
  void close();

 private:
  struct File;
  std::unique_ptr<File> file_;
};

/// The project's labelling interface (XML).
void write_label_config(const std::filesystem::path& path);
/// Which category each key point label belongs to.
void write_keypoint_labels(const std::filesystem::path& path);

}  // namespace labelloom::samples
