#pragma once

#include <deque>
#include <filesystem>
#include <vector>

#include "augment/sources.h"
#include "formats/dataset.h"
#include "model/model_config.h"
#include "model/sample.h"

namespace labelloom::apps {

/// The pictures below a folder, by name, as a data set without annotations: ids from 1, names
/// relative to the folder. @throws Error(kIo) when there is no such folder or no picture in it.
[[nodiscard]] Dataset pictures_below(const std::filesystem::path& folder);

/// Pictures for prediction: decoded (JPEGs no larger than needed) and letterboxed.
class FolderSource final : public model::ImageSource {
 public:
  /// Both must outlive this.
  FolderSource(const std::deque<Image>& images,
               std::filesystem::path folder,
               const model::ModelConfig& config);

  [[nodiscard]] std::size_t count() const override { return images_.size(); }
  [[nodiscard]] model::InputImage load(std::size_t index) override;
  /// @throws Error(kIo) naming the first picture that is missing.
  void check();

 private:
  const std::deque<Image>& images_;
  const model::ModelConfig& config_;
  augment::ImageFinder finder_;
};

}  // namespace labelloom::apps
