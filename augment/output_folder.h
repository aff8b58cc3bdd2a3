#pragma once

#include <filesystem>
#include <string>

#include "augment/manifest.h"

namespace labelloom::augment {

/// The folder that a job writes into, held against other jobs as long as this lives.
class OutputFolder {
 public:
  /// Makes it if needed. @throws Error(kArgument) when it holds other things than a job's, when its
  /// manifest is another, or when another job is writing there; Error(kIo).
  OutputFolder(std::filesystem::path path, const Manifest& manifest);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  /// Whether a job has been here.
  [[nodiscard]] static bool is_begun(const std::filesystem::path& path);

  [[nodiscard]] std::filesystem::path images() const { return path_ / "images"; }
  [[nodiscard]] std::filesystem::path parts() const { return path_ / "parts"; }
  [[nodiscard]] std::filesystem::path coco() const { return path_ / "coco.json"; }
  [[nodiscard]] std::filesystem::path report() const { return path_ / "report.json"; }

 private:
  void lock();
  void refuse_foreign() const;
  void remove_temporaries() const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace labelloom::augment
