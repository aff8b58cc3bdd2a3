#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "formats/geometry.h"

namespace labelloom::apps {

/// A key point of which `labelloom convert` was not sure to whom it belongs, from its report.
struct DoubtfulKeypoint {
  std::string image;  ///< file name, as in the COCO file
  std::int64_t image_id = 0;
  std::string label;
  Point2d point;                                 ///< continuous image coordinates
  std::string doubt;                             ///< "ambiguous", "outside", "no-owner" or "taken"
  std::optional<std::int64_t> instance_id = {};  ///< who has it now, or is the nearest
  std::optional<std::int64_t> other_id = {};     ///< the runner-up
  std::optional<double> distance_px = {};  ///< to the border of `instance_id`; negative inside
  std::optional<double> other_distance_px = {};
};

/// The `doubtful_keypoints` of a report; none when the report has no such member.
/// @throws Error(kIo) if it cannot be read, Error(kParse) if it is not JSON, Error(kInvalidData)
/// naming the JSON path of what is not as expected.
[[nodiscard]] std::vector<DoubtfulKeypoint> read_doubtful(const std::filesystem::path& report);

/// Why it is doubtful, in a sentence or two. The names of the instances are e.g. "RockerArm #12".
[[nodiscard]] std::string explain(const DoubtfulKeypoint& keypoint,
                                  const std::string& owner,
                                  const std::string& other);

}  // namespace labelloom::apps
