#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/dataset.h"
#include "formats/label_studio.h"
#include "formats/report.h"

namespace labelloom {

/// Annotation types a format can hold.
struct Capabilities {
  bool boxes = false;
  bool polygons = false;
  bool holes = false;
  bool masks = false;
  bool keypoints = false;
  bool crowds = false;
  bool scores = false;
};

struct ReadRequest {
  const ImageFolder* images = nullptr;
  const LabelConfig* config = nullptr;
  std::string annotator = "latest";
  std::string image_key = {};
  std::optional<KeypointOrigin> keypoint_origin = {};
  bool skip_bad = false;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

struct ReadResult {
  Dataset dataset;
  std::vector<std::string> keypoint_labels = {};   ///< slot order of loose key points
  std::optional<LabelStudioSummary> summary = {};  ///< what became of every region
};

/// One annotation format. A new one is one file (or two) and one line in registry.cc.
struct Format {
  std::string_view name;
  std::string_view description;
  Capabilities holds;
  /// Whether a file that begins with `head` (at most kSniffBytes) is of this format.
  bool (*sniff)(std::string_view head);
  ReadResult (*read)(const std::filesystem::path&, const ReadRequest&, Report&);
  /// Null for formats that are only read.
  void (*write)(const Dataset&, const std::filesystem::path&);
};

inline constexpr std::size_t kSniffBytes = std::size_t{1} << 18U;

/// All formats, in the order in which they are tried.
[[nodiscard]] std::span<const Format> formats();

/// @throws Error(kArgument) naming the known formats.
[[nodiscard]] const Format& format_named(std::string_view name);

/// The format of a file, by its content. @throws Error(kUnexpectedFormat) if none fits.
[[nodiscard]] const Format& format_of(const std::filesystem::path& path);

/// What writing the data set in a format would lose, one sentence each; empty when nothing.
[[nodiscard]] std::vector<std::string> losses(const Dataset& dataset, const Format& format);

}  // namespace labelloom
