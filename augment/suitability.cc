#include "augment/suitability.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include "augment/job_report.h"
#include "augment/work_list.h"
#include "formats/error.h"

namespace labelloom::augment {
namespace {

[[noreturn]] void refuse(const JobContext& context, const SkippedImage& skipped) {
  const std::string variant =
      skipped.variant > 0 ? fmt::format("variant {}: ", skipped.variant) : "";
  const std::string file = (context.settings().images / skipped.file_name).string();
  throw PlanError(Errc::kInvalidData, {.file = file}, variant + skipped.reason);
}

/// Whether the annotations give the size of an image that can be decoded. What is wrong with
/// another is said when it is loaded.
bool is_plausible(const JobContext& context, std::size_t image) {
  const Size size = context.dataset().images[image].size;
  const auto is_side = [](int side) { return side >= 1 && side <= Pipeline::kMaxSide; };
  return is_side(size.width) && is_side(size.height);
}

void refuse_if_all(JobContext& context) {
  const std::size_t count = context.dataset().images.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_plausible(context, i) || !context.unsuitable(i)) return;
  }
  if (count > 0) refuse(context, unsuitable_variants(context, 0).front());
}

}  // namespace

std::vector<SkippedImage> unsuitable_variants(JobContext& context,
                                              std::size_t image,
                                              std::uint32_t enough) {
  if (const auto why = context.unsuitable(image)) {
    return {skipped_image(context.dataset(), image, 0, *why)};
  }
  std::vector<SkippedImage> skipped;
  for (std::uint32_t variant = 1; variant <= context.settings().variants; ++variant) {
    if (variant > enough && skipped.empty()) break;
    try {
      static_cast<void>(context.sample(image, variant));
    } catch (const PlanError& error) {
      skipped.push_back(skipped_image(context.dataset(), image, variant, error));
    }
  }
  return skipped;
}

void refuse_unsuitable(JobContext& context, const JobOptions& options) {
  refuse_if_all(context);
  if (!options.strict) return;
  const ImageRun run = images_of(context.dataset().images.size(), options.shard);
  std::vector<std::optional<SkippedImage>> first(run.end - run.begin);
  tbb::parallel_for(run.begin, run.end, [&](std::size_t i) {
    if (!is_plausible(context, i)) return;
    std::vector<SkippedImage> skipped = unsuitable_variants(context, i);
    if (!skipped.empty()) first[i - run.begin] = std::move(skipped.front());
  });
  for (const auto& skipped : first) {
    if (skipped) refuse(context, *skipped);
  }
}

}  // namespace labelloom::augment
