#include "augment/work_list.h"

#include <algorithm>

#include <fmt/format.h>

namespace labelloom::augment {
ImageRun images_of(std::size_t images, const Shard& shard) {
  return {images * (shard.number - 1) / shard.count, images * shard.number / shard.count};
}
std::vector<WorkItem> list_work(std::size_t images,
                                const JobSettings& settings,
                                const Shard& shard) {
  const std::uint32_t first = settings.keep_originals ? 0 : 1;
  const std::uint32_t each = settings.variants + 1 - first;
  const ImageRun run = images_of(images, shard);
  std::vector<WorkItem> items;
  if (each == 0) return items;
  if (each < kOutputsPerPart) {
    const std::size_t together = kOutputsPerPart / each;
    for (std::size_t i = run.begin; i < run.end; i += together) {
      items.push_back({i, std::min(together, run.end - i), first, each});
    }
    return items;
  }
  for (std::size_t i = run.begin; i < run.end; ++i) {
    for (std::uint32_t v = 0; v < each; v += kOutputsPerPart) {
      items.push_back({i, 1, first + v, std::min(kOutputsPerPart, each - v)});
    }
  }
  return items;
}

std::string part_name(std::size_t index) { return fmt::format("{:08}.part", index); }

std::vector<OutputIndex> spread_variants(std::size_t images,
                                         const JobSettings& settings,
                                         const Shard& shard,
                                         std::size_t count) {
  const ImageRun run = images_of(images, shard);
  const std::size_t total = (run.end - run.begin) * settings.variants;
  count = std::min(count, total);
  std::vector<OutputIndex> chosen;
  // Another variant of each image: the same ones of all would look alike.
  if (count <= run.end - run.begin) {
    for (std::size_t i = 0; i < count; ++i) {
      constexpr std::size_t kStride = 7;
      chosen.push_back({run.begin + (2 * i + 1) * (run.end - run.begin) / (2 * count),
                        static_cast<std::uint32_t>(i * kStride % settings.variants) + 1});
    }
    return chosen;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = (2 * i + 1) * total / (2 * count);
    chosen.push_back({run.begin + at / settings.variants,
                      static_cast<std::uint32_t>(at % settings.variants) + 1});
  }
  return chosen;
}

}  // namespace labelloom::augment
