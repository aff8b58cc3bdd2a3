#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/dataset.h"
#include "formats/report.h"

namespace labelloom {

enum class Severity : std::uint8_t {
  kError,    ///< a trainer or evaluator in wide use stops at it or reads something else
  kWarning,  ///< suspicious: usually a slip of the annotator or of a converter
  kInfo,     ///< worth knowing, not wrong
};

/// "error", "warning", "info".
[[nodiscard]] const char* name(Severity severity);

/// All places where one rule is broken.
struct Finding {
  std::string rule;  ///< stable, e.g. "box-not-positive"
  Severity severity = Severity::kError;
  std::string reason;  ///< who chokes on it and how
  std::uint64_t count = 0;
  std::vector<std::string> examples;  ///< the first places, in the data set's order
};

/// What one rule says; `rules()` lists them all.
struct RuleText {
  const char* name;
  Severity severity;
  const char* reason;
};

struct ValidateOptions {
  /// Look for the image files below this folder and compare their sizes.
  std::optional<std::filesystem::path> images = {};
  /// How far a box may be from its rings or mask, and anything from the image's border.
  double tolerance_px = 1;
  /// How far `area` may be from the ring area and the pixel count, as a share of them.
  double area_tolerance = 0.05;
  std::size_t example_count = 5;
};

/// Looks for everything that pycocotools, torchvision, Detectron2 and others would stop at or
/// misread once the data set is a COCO file, and for what is suspicious. A fault is named once: a
/// box that leaves the image because its polygon does is reported as the polygon's. Findings are in
/// order of severity, then of `rules()`. Linear in the number of points but for sorting; runs on
/// all cores. An empty data set has no findings.
/// @throws Error(kIo) if the folder of images cannot be read.
[[nodiscard]] std::vector<Finding> validate(const Dataset& dataset, const ValidateOptions& options);

/// What `read_coco` remarked, as findings: with `skip_bad` it leaves out what cannot be meant at
/// all, which `validate` therefore never sees.
[[nodiscard]] std::vector<Finding> findings(const Report& report);

/// Every rule that `validate` knows.
[[nodiscard]] std::span<const RuleText> rules();

}  // namespace labelloom
