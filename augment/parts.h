#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "formats/coco_text.h"
#include "formats/dataset.h"
#include "formats/text_buffer.h"

namespace labelloom::augment {

/// An image that could not be made, and why.
struct SkippedImage {
  std::size_t image = 0;      ///< index in the data set
  std::uint32_t variant = 0;  ///< 0: the source itself cannot be used, so none of its variants
  std::string file_name;      ///< of the source
  std::string reason;
  friend bool operator==(const SkippedImage&, const SkippedImage&) = default;
};

/// What is known of a part without its records.
struct PartHead {
  std::uint64_t images = 0;
  std::uint64_t annotations = 0;
  KeypointNumbers keypoints;
  std::vector<SkippedImage> skipped;
};

/// The records of a run of output images: what a job has done is the parts it has written.
class Part {
 public:
  PartHead head;

  void add(const Image& image);
  void add(const Instance& instance, Size image, const CocoStyle& style);
  /// A line that says what is there and how long it is, then the records, a line each. The file
  /// appears when it is complete.
  void write(const std::filesystem::path& path) const;

 private:
  json::TextBuffer images_;
  json::TextBuffer annotations_;  // without their ids
};

/// Nothing when the file is missing, cut off or no part.
[[nodiscard]] std::optional<PartHead> read_part_head(const std::filesystem::path& path);

/// Writes one COCO file from parts, record by record; annotations are numbered from 1. The bytes
/// are those that `write_coco` would write.
/// @throws Error(kIo), Error(kParse) for a part that is missing or damaged.
void join_parts(const std::vector<std::filesystem::path>& parts,
                const Dataset& dataset,
                const std::filesystem::path& output);

}  // namespace labelloom::augment
