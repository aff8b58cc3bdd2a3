// What people want to know before they start a job: how much it will write, and how that looks.

#include <algorithm>
#include <iterator>
#include <utility>

#include <tbb/parallel_for.h>

#include "augment/job.h"
#include "augment/job_report.h"
#include "augment/suitability.h"
#include "augment/work_list.h"
#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::augment {
namespace {

/// As far as the headers of the files and what is drawn tell.
std::vector<SkippedImage> find_skipped(JobContext& context, const JobOptions& options) {
  constexpr std::uint32_t kEnough = 64;  // the answer is wanted at once
  const ImageRun run = images_of(context.dataset().images.size(), options.shard);
  std::vector<std::vector<SkippedImage>> by_image(run.end - run.begin);
  tbb::parallel_for(run.begin, run.end, [&](std::size_t i) {
    try {
      context.sources().check(i);
      by_image[i - run.begin] = unsuitable_variants(context, i, kEnough);
    } catch (const Error& error) {
      by_image[i - run.begin] = {skipped_image(context.dataset(), i, 0, error)};
    }
  });
  std::vector<SkippedImage> all;
  for (auto& some : by_image) std::ranges::move(some, std::back_inserter(all));
  return all;
}

}  // namespace

JobEstimate estimate_job(const Dataset& dataset,
                         const PipelineFile& pipeline,
                         const JobOptions& options) {
  constexpr std::size_t kTried = 6;
  JobEstimate estimate;
  JobContext context(dataset, pipeline, options.settings, kDonorCacheBytes);
  for (const WorkItem& item : list_work(dataset.images.size(), options.settings, options.shard)) {
    estimate.images += item.outputs();
  }
  const std::uint64_t each =
      options.settings.variants + (options.settings.keep_originals ? 1U : 0U);
  for (SkippedImage& skipped : find_skipped(context, options)) {
    estimate.images -= skipped.variant == 0 ? each : 1;
    estimate.skipped.push_back(std::move(skipped));
  }
  std::uint64_t bytes = 0;
  std::uint64_t tried = 0;
  for (const OutputIndex& index :
       spread_variants(dataset.images.size(), options.settings, options.shard, kTried)) {
    try {
      bytes += context.make(*context.load(index.image), index.image, index.variant).file.size();
      ++tried;
    } catch (const Error&) {
      // Counted above, or another variant speaks for it.
    }
  }
  if (tried > 0) estimate.bytes = bytes * estimate.images / tried;
  return estimate;
}

Dataset write_preview(const Dataset& dataset,
                      const PipelineFile& pipeline,
                      const JobOptions& options,
                      std::size_t count,
                      const std::filesystem::path& folder,
                      std::vector<SkippedImage>& skipped) {
  JobContext context(dataset, pipeline, options.settings, kDonorCacheBytes);
  Dataset preview;
  preview.categories = dataset.categories;
  preview.keypoint_origin = dataset.keypoint_origin;
  for (const OutputIndex& index :
       spread_variants(dataset.images.size(), options.settings, options.shard, count)) {
    std::shared_ptr<const SourceImage> source;
    JobContext::Output output;
    try {
      source = context.load(index.image);
    } catch (const Error& error) {
      skipped.push_back(skipped_image(dataset, index.image, 0, error));
      continue;
    }
    try {
      output = context.make(*source, index.image, index.variant);
    } catch (const PlanError& error) {
      skipped.push_back(skipped_image(dataset, index.image, index.variant, error));
      continue;
    }
    write_file(folder / output.image.file_name, output.file);
    preview.images.push_back(std::move(output.image));
    for (Instance& instance : output.instances) {
      instance.id = static_cast<std::int64_t>(preview.instances.size()) + 1;
      preview.instances.push_back(std::move(instance));
    }
  }
  return preview;
}

}  // namespace labelloom::augment
