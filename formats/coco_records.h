#pragma once

// Internal: the records of a COCO file, each by itself. What ties them together is coco_reader's.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/dataset.h"
#include "formats/image_folder.h"
#include "formats/json_records.h"
#include "formats/report.h"

namespace labelloom {

/// Collects the records of one part of a COCO file.
class CocoHandler final : public json::RecordHandler {
 public:
  /// `images` (may be null) has the sizes that the file does not say.
  explicit CocoHandler(const ImageFolder* images) : images_(images) {}

  void section(std::string_view name) override {
    if (!is_known(name)) other_section(name);
  }

  void record(const json::Record& record, const json::RecordPlace& place) override;

  [[nodiscard]] Dataset& dataset() { return dataset_; }
  /// Takes in what the handler of the file's next part was told.
  void append(CocoHandler&& next);

  [[nodiscard]] const Report& report() const { return report_; }
  [[nodiscard]] std::optional<KeypointOrigin> declared_origin() const { return origin_; }
  [[nodiscard]] bool has_fractions() const { return has_fractions_; }
  [[nodiscard]] bool seen(std::string_view name) const {
    return std::ranges::find(seen_, name) != seen_.end();
  }

 private:
  bool is_known(std::string_view name) {
    const bool known = name == "annotations" || name == "images" || name == "categories";
    if (known && !seen(name)) seen_.emplace_back(name);
    return known;
  }

  std::string& other_section(std::string_view name) {
    const auto found =
        std::ranges::find(dataset_.root_members, name, &std::pair<std::string, std::string>::first);
    if (found != dataset_.root_members.end()) return found->second;
    return dataset_.root_members.emplace_back(name, "[]").second;
  }

  void own_member(const json::Value& value);
  void image(const json::Record& record);
  [[nodiscard]] std::optional<Size> size_of_file(const std::string& name) const;
  void annotation(const json::Record& record);
  void read_annotation(const json::Record& record, Instance& instance);
  void category(const json::Record& record);
  /// Which members an annotation had.
  struct Stated {
    bool box = false;
    bool area = false;
    bool crowd = false;
    std::int64_t keypoints = -1;  ///< num_keypoints, or -1
  };
  void complete(Instance& instance, const Stated& stated);

  const ImageFolder* images_;
  Dataset dataset_;
  Report report_;
  std::optional<KeypointOrigin> origin_;
  bool has_fractions_ = false;
  std::vector<std::string> seen_;
};

}  // namespace labelloom
