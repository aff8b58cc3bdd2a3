#pragma once

#include <filesystem>
#include <string>

#include "formats/dataset.h"

namespace labelloom::apps {

/// Pictures to run a model over.
struct PicturePool {
  Dataset dataset;
  std::filesystem::path folder;  ///< names are relative to it
  bool is_coco = false;          ///< ids and other members are those of a COCO file
};

/// @param images a folder of pictures, or a COCO file that names them
/// @param images_dir the COCO file's pictures; empty: its own folder
/// Says what reading a COCO file remarks on. @throws Error(kIo) for a folder without pictures,
/// Error(kArgument) for a folder with an `images_dir`; what reading a COCO file throws.
[[nodiscard]] PicturePool read_pictures(const std::string& images, const std::string& images_dir);

}  // namespace labelloom::apps
