#include "apps/picture_pool.h"

#include <fmt/format.h>

#include "apps/dataset_io.h"
#include "apps/image_source.h"
#include "formats/error.h"

namespace labelloom::apps {

PicturePool read_pictures(const std::string& images, const std::string& images_dir) {
  const std::filesystem::path given(images);
  if (std::filesystem::is_directory(given)) {
    if (!images_dir.empty()) {
      throw Error(Errc::kArgument,
                  {},
                  fmt::format("--images-dir is for a COCO file; {} is a folder of pictures",
                              labelloom::quoted(images)));
    }
    return {pictures_below(given), given, false};
  }
  Report report;
  Dataset dataset = read_coco_file(given, false, report, /*picture_list=*/true);
  log_remarks(report);
  return {std::move(dataset),
          images_dir.empty() ? given.parent_path() : std::filesystem::path(images_dir),
          true};
}

}  // namespace labelloom::apps
