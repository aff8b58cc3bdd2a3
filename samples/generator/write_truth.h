#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "samples/generator/annotate.h"

namespace labelloom::samples {

/// truth.json: what a conversion of the newest annotations must give, in pixels.
class TruthFile {
 public:
  TruthFile(const std::filesystem::path& path, std::uint64_t seed);
  ~TruthFile();
  TruthFile(const TruthFile&) = delete;
  TruthFile& operator=(const TruthFile&) = delete;
  void add(const Task& task);
  void close();

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace labelloom::samples
