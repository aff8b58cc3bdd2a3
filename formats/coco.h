#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "formats/dataset.h"
#include "formats/image_folder.h"
#include "formats/report.h"

namespace labelloom {

struct CocoReadOptions {
  /// How integers of key points are meant; found from the data when not given (all integers:
  /// pixel centres, unless the file's info says otherwise).
  std::optional<KeypointOrigin> keypoint_origin = {};
  /// Where the sizes come from that the file does not say (Label Studio's own exporter writes null
  /// for images without regions). May be null.
  const ImageFolder* images = nullptr;
  /// Leave out records that are wrong and go on; they are counted in the report.
  bool skip_bad = false;
  /// The file may be a list of pictures, without annotations and categories, as COCO's
  /// image_info files are. Without labelled key points, and if it says nothing else, their origin
  /// is continuous then.
  bool picture_list = false;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

/// Reads a COCO instances or key points file. Missing `bbox` and `area` are computed (and counted);
/// what the file says is kept as it is.
/// @throws Error naming file, byte and JSON path for anything pycocotools could not mean.
[[nodiscard]] Dataset read_coco(const std::filesystem::path& path,
                                const CocoReadOptions& options,
                                Report& report);

/// Writes one COCO file: compact JSON, one record a line, keys in a fixed order, shortest numbers
/// that read back to the same double. The same data set gives the same bytes.
/// Rings with holes are written as compressed RLE, since COCO polygons cannot say "hole".
/// @throws Error(kIo) when it cannot be written; then no file is left.
void write_coco(const Dataset& dataset, const std::filesystem::path& path);

}  // namespace labelloom
