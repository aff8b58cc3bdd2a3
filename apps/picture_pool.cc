#include "apps/picture_pool.h"

#include "apps/dataset_io.h"
#include "apps/image_source.h"

namespace labelloom::apps {

PicturePool read_pictures(const std::string& images, const std::string& images_dir) {
  const std::filesystem::path given(images);
  if (std::filesystem::is_directory(given)) return {pictures_below(given), given, false};
  Report report;
  Dataset dataset = read_coco_file(given, false, report);
  return {std::move(dataset),
          images_dir.empty() ? given.parent_path() : std::filesystem::path(images_dir),
          true};
}

}  // namespace labelloom::apps
