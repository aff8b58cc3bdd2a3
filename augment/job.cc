#include "augment/job.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <opencv2/core/utility.hpp>
#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>

#include "augment/job_report.h"
#include "augment/manifest.h"
#include "augment/output_folder.h"
#include "augment/suitability.h"
#include "augment/work_list.h"
#include "formats/coco_text.h"
#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::augment {
namespace {

namespace fs = std::filesystem;

const char* format_name(ImageFormat format) { return file_extension(format) + 1; }

const char* box_name(const VariantOptions& options) {
  if (options.restore.box_from == BoxFrom::kShape) return "polygon";
  return options.outline == BoxOutline::kEllipse ? "ellipse" : "corners";
}

Manifest manifest_of(const Dataset& dataset,
                     const PipelineFile& pipeline,
                     const JobOptions& options) {
  const JobSettings& settings = options.settings;
  Manifest manifest;
  manifest.set("labelloom_augment", 3);  // changes when the same settings give other bytes
  manifest.set_text("input", options.input_fingerprint);
  manifest.set("input_images", static_cast<double>(dataset.images.size()));
  manifest.set("variants", settings.variants);
  manifest.set("seed", std::to_string(settings.seed));
  manifest.set_text("shard", fmt::format("{}/{}", options.shard.number, options.shard.count));
  manifest.set_text("format", format_name(settings.variant.encode.format));
  manifest.set("quality", settings.variant.encode.quality);
  manifest.set("keep_originals", settings.keep_originals ? "true" : "false");
  manifest.set("max_side", settings.max_side);
  manifest.set("min_area", settings.variant.restore.min_area);
  manifest.set("min_visibility", settings.variant.restore.min_visibility);
  manifest.set_text("bbox_from", box_name(settings.variant));
  manifest.set("pipeline", pipeline.canonical);
  return manifest;
}

class Job {
 public:
  Job(JobContext& context,
      const JobOptions& options,
      const OutputFolder& folder,
      const JobProgress& progress)
      : context_(context),
        options_(options),
        folder_(folder),
        progress_(progress),
        style_(coco_style(context.dataset())),
        items_(list_work(context.sources().count(), options.settings, options.shard)),
        heads_(items_.size()) {}

  JobSummary run() {
    const std::uint64_t resumed = find_done();
    const unsigned wanted = options_.threads;
    const unsigned threads =
        wanted > 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    cv::setNumThreads(1);  // whole images are what runs in parallel
    std::size_t next = 0;
    const auto choose = [&](tbb::flow_control& control) -> std::size_t {
      if (next < todo_.size()) return todo_[next++];
      control.stop();
      return 0;
    };
    tbb::parallel_pipeline(
        threads,
        tbb::make_filter<void, std::size_t>(tbb::filter_mode::serial_in_order, choose) &
            tbb::make_filter<std::size_t, void>(tbb::filter_mode::parallel,
                                                [&](std::size_t item) { make_part(item); }));
    finish();
    JobSummary summary = summed(std::move(heads_));
    summary.resumed = resumed;
    return summary;
  }

 private:
  /// Sorts out which parts are there; @returns the number of their images. Parts in which something
  /// was skipped are made again: the user may have brought what was missing.
  std::uint64_t find_done() {
    std::uint64_t images = 0;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      auto head = read_part_head(folder_.parts() / part_name(i));
      if (head && head->skipped.empty()) {
        images += head->images;
        heads_[i] = std::move(*head);
      } else {
        todo_.push_back(i);
        total_ += items_[i].outputs();
      }
    }
    return images;
  }

  void make_part(std::size_t index) {
    const WorkItem& item = items_[index];
    Part part;
    for (std::size_t i = item.first_image; i < item.first_image + item.image_count; ++i) {
      make_image(i, item, part);
    }
    part.write(folder_.parts() / part_name(index));
    heads_[index] = std::move(part.head);
  }

  void make_image(std::size_t image, const WorkItem& item, Part& part) {
    std::shared_ptr<const SourceImage> source;
    try {
      source = context_.load(image);
      if (const auto why = context_.unsuitable(image)) throw *why;
    } catch (const Error& error) {
      skip(image, 0, error, part);
      advance(item.variant_count);
      return;
    }
    for (std::uint32_t v = item.first_variant; v < item.first_variant + item.variant_count; ++v) {
      try {
        write_output(context_.make(*source, image, v), part);
      } catch (const DonorError& error) {
        skip(image, v, error, part);
      } catch (const PlanError& error) {
        skip(image, v, error, part);
      }
      advance(1);
    }
  }

  void write_output(const JobContext::Output& output, Part& part) const {
    write_file(folder_.images() / output.image.file_name, output.file);
    part.add(output.image);
    for (const Instance& instance : output.instances) {
      part.add(instance, output.image.size, style_);
    }
  }

  void skip(std::size_t image, std::uint32_t variant, const Error& error, Part& part) const {
    if (options_.strict) throw error;
    part.head.skipped.push_back(skipped_image(context_.dataset(), image, variant, error));
  }

  void advance(std::size_t count) {
    const std::lock_guard lock(mutex_);
    done_ += count;
    if (progress_) progress_(done_, total_);
  }

  /// The report comes last: where it says that nothing was skipped, all is done.
  void finish() {
    std::vector<fs::path> parts;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      parts.push_back(folder_.parts() / part_name(i));
    }
    join_parts(parts, context_.dataset(), folder_.coco());
    write_file(folder_.report(), report_text(summed(heads_)));
  }

  JobContext& context_;
  const JobOptions& options_;
  const OutputFolder& folder_;
  const JobProgress& progress_;
  CocoStyle style_;
  std::vector<WorkItem> items_;
  std::vector<PartHead> heads_;    // [items_]
  std::vector<std::size_t> todo_;  // indexes in items_
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::size_t total_ = 0;
};

}  // namespace

JobSummary run_job(const Dataset& dataset,
                   const PipelineFile& pipeline,
                   const JobOptions& options,
                   const JobProgress& progress) {
  const std::size_t cache = mixes_images(pipeline.pipeline.root()) ? kDonorCacheBytes : 0;
  std::optional<JobContext> context;
  const auto prepare = [&] {
    context.emplace(dataset, pipeline, options.settings, cache);
    refuse_unsuitable(*context, options);
  };
  // Before there is a folder: the pipeline that is put right afterwards may have the same name.
  if (!OutputFolder::is_begun(options.output)) prepare();
  const OutputFolder folder(options.output, manifest_of(dataset, pipeline, options));
  if (const auto finished = read_finished(folder.report()); finished && fs::exists(folder.coco())) {
    fs::remove_all(folder.parts());
    return *finished;
  }
  if (!context) prepare();
  JobSummary summary = Job(*context, options, folder, progress).run();
  if (summary.skipped.empty()) fs::remove_all(folder.parts());
  return summary;
}

}  // namespace labelloom::augment
