#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "apps/doubtful.h"
#include "formats/dataset.h"

namespace labelloom::apps {

struct ViewOptions {
  std::filesystem::path images;  ///< folder of the data set's images
  std::filesystem::path output;  ///< a new or empty folder, or an earlier gallery to replace
  std::string title;
  /// At most so many images, evenly spread over the data set, and so many doubtful key points.
  std::size_t max_images = static_cast<std::size_t>(-1);
  std::vector<DoubtfulKeypoint> doubtful = {};
};

struct ViewSummary {
  std::size_t images = 0;  ///< shown on the page, those below included
  std::size_t total_images = 0;
  std::size_t instances = 0;
  std::size_t missing = 0;
  std::size_t undecodable = 0;
  std::size_t other_size = 0;
  std::size_t doubtful = 0;
  std::size_t total_doubtful = 0;
  std::size_t masks_not_drawn = 0;  ///< because their size is not the image's
};

/// Called after every image, never by two threads at once.
using ViewProgress = std::function<void(std::size_t done, std::size_t total)>;

/// Writes the gallery of a data set into options.output:
///   images/    plain pictures, at most 1600 pixels long      thumbs/    small ones
///   overlays/  the same with annotations drawn in            doubtful/  cut-outs
///   index.html the page, written last
/// The same input gives the same bytes, whatever the number of threads.
/// @throws Error(kArgument) if the output folder has other things in it or is inside the folder of
/// images; Error(kIo) if something cannot be written. Images that cannot be read are counted.
ViewSummary write_gallery(const Dataset& dataset,
                          const ViewOptions& options,
                          const ViewProgress& progress = {});

}  // namespace labelloom::apps
