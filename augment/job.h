#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "augment/job_context.h"
#include "augment/parts.h"

namespace labelloom::augment {

/// A run of the set's images that is a job of its own: of `count` such runs, the one numbered
/// `number`, from 1.
struct Shard {
  std::uint32_t number = 1;
  std::uint32_t count = 1;
};

struct JobOptions {
  JobSettings settings;
  std::filesystem::path output;
  /// A text that changes with the annotations file, see `fingerprint`.
  std::string input_fingerprint;
  Shard shard;
  unsigned threads = 0;  ///< 0: as many as there are processors
  bool strict = false;   ///< an image that cannot be used is an error
};

struct JobSummary {
  std::uint64_t images = 0;
  std::uint64_t annotations = 0;
  std::uint64_t resumed = 0;  ///< of the images, those that were there already
  std::vector<SkippedImage> skipped;
};

/// Called as images are written, never by two threads at once; counts those of this run.
using JobProgress = std::function<void(std::size_t done, std::size_t total)>;

/// Writes the variants of a data set's images into options.output:
///   images/        the pictures                  manifest.json  what their bytes depend on
///   coco.json      their annotations, at the end  report.json    counts and what was skipped, last
///   parts/         records of what is done; goes when all is done and nothing was skipped
/// Killed at any moment and called again, it goes on where it was; the bytes are the same whatever
/// the threads and the interruptions. What was skipped is tried again. Memory does not grow with
/// the number of images written. A finished job is left as it is.
/// A variant that cannot be drawn for an image of its size is skipped; an image without any, too.
/// @throws PlanError, before anything is written, when no image has any, or with `strict` when one
/// has not all; Error(kArgument) when the folder holds something else, or the work of other
/// settings; Error(kIo) when something cannot be written (what is complete stays); with `strict`,
/// for the first image that cannot be used.
JobSummary run_job(const Dataset& dataset,
                   const PipelineFile& pipeline,
                   const JobOptions& options,
                   const JobProgress& progress = {});

/// What a job would write.
struct JobEstimate {
  std::uint64_t images = 0;
  std::uint64_t bytes = 0;            ///< from a few variants that were made
  std::vector<SkippedImage> skipped;  ///< as far as it shows without decoding
};
[[nodiscard]] JobEstimate estimate_job(const Dataset& dataset,
                                       const PipelineFile& pipeline,
                                       const JobOptions& options);

/// Writes `count` variants, evenly spread over all that a job would write, into `folder`.
/// @returns their data set; images that cannot be used are left out and listed in `skipped`.
[[nodiscard]] Dataset write_preview(const Dataset& dataset,
                                    const PipelineFile& pipeline,
                                    const JobOptions& options,
                                    std::size_t count,
                                    const std::filesystem::path& folder,
                                    std::vector<SkippedImage>& skipped);

}  // namespace labelloom::augment
