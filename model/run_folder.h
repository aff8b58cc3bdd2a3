#pragma once

#include <filesystem>

namespace labelloom::model {

/// The files of a training run's folder.
struct RunFolder {
  std::filesystem::path folder;

  [[nodiscard]] std::filesystem::path config() const { return folder / "model.json"; }
  /// Averaged weights that validated best.
  [[nodiscard]] std::filesystem::path best() const { return folder / "best.safetensors"; }
  /// Averaged weights of the last checkpoint.
  [[nodiscard]] std::filesystem::path last() const { return folder / "last.safetensors"; }
  /// All that is needed to go on from the last checkpoint.
  [[nodiscard]] std::filesystem::path state() const { return folder / "last.state.safetensors"; }
  [[nodiscard]] std::filesystem::path curves() const { return folder / "curves.csv"; }
  [[nodiscard]] std::filesystem::path report() const { return folder / "report.html"; }
};

}  // namespace labelloom::model
