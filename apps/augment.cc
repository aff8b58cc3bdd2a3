#include "apps/augment.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "apps/number_checks.h"
#include "apps/terminal.h"
#include "apps/view_job.h"
#include "augment/catalogue.h"
#include "augment/job.h"
#include "augment/manifest.h"
#include "augment/pixel_plan.h"
#include "augment/registry.h"
#include "formats/coco.h"
#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/fingerprint.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;
using augment::JobOptions;
using augment::SkippedImage;

struct Options {
  std::string coco;
  std::string pipeline;
  JobOptions job;
  std::string format = "jpg";
  std::string bbox_from = "polygon";
  std::string shard;
  std::optional<double> min_area;
  std::optional<double> min_visibility;
  std::size_t preview = 0;
  bool explain = false;
  bool dry_run = false;
  std::string list;
  bool schema = false;
};

std::string counted(std::uint64_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

augment::Shard parse_shard(const std::string& text) {
  augment::Shard shard;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%u/%u%c", &shard.number, &shard.count, &rest) != 2 ||
      shard.number < 1 || shard.number > shard.count) {
    throw Error(Errc::kArgument,
                {},
                fmt::format("--shard {}: expected i/n with i from 1 to n, e.g. 1/3",
                            labelloom::quoted(text)));
  }
  return shard;
}

augment::ImageFormat parse_format(const std::string& name) {
  if (name == "png") return augment::ImageFormat::kPng;
  return name == "webp" ? augment::ImageFormat::kWebp : augment::ImageFormat::kJpeg;
}

/// Puts together what the command line and the pipeline file say.
void complete(Options& options, const augment::PipelineFile& pipeline) {
  augment::VariantOptions& variant = options.job.settings.variant;
  variant.encode.format = parse_format(options.format);
  variant.restore.box_from =
      options.bbox_from == "polygon" ? augment::BoxFrom::kShape : augment::BoxFrom::kOutline;
  variant.outline = options.bbox_from == "ellipse" ? augment::BoxOutline::kEllipse
                                                   : augment::BoxOutline::kCorners;
  const auto chosen = [](const auto& by_user, const auto& by_file, double otherwise) {
    return by_user ? *by_user : by_file.value_or(otherwise);
  };
  variant.restore.min_area = chosen(options.min_area, pipeline.min_area, variant.restore.min_area);
  variant.restore.min_visibility =
      chosen(options.min_visibility, pipeline.min_visibility, variant.restore.min_visibility);
  if (!options.shard.empty()) options.job.shard = parse_shard(options.shard);
}

void log_report(const Report& report, const std::string& file) {
  for (const Report::Kind& kind : report.kinds()) {
    std::string line = fmt::format("{}: {} x {}", file, kind.count, kind.name);
    if (!kind.examples.empty()) line += fmt::format(" (first: {})", kind.examples.front());
    log_warning(line);
  }
}

Dataset read(Options& options) {
  const InputFile file(options.coco);
  options.job.input_fingerprint = fingerprint(file.text());
  Report report;
  Progress progress("reading", "MB", 1e6);
  Dataset dataset = read_coco(options.coco, {.progress = progress.callback()}, report);
  std::uint64_t remarks = 0;
  for (const Report::Kind& kind : report.kinds()) remarks += kind.count;
  if (remarks > 0) {
    log_warning(fmt::format(
        "{} remarks on {}; `labelloom validate` says what they are", remarks, options.coco));
  }
  return dataset;
}

/// Says whose masks cannot be moved, as they are not as large as their image.
void log_foreign_masks(const Dataset& dataset) {
  std::unordered_map<std::int64_t, const Image*> images;
  for (const Image& image : dataset.images) images.emplace(image.id, &image);
  std::uint64_t count = 0;
  std::string first;
  for (const Instance& instance : dataset.instances) {
    const Rle* mask = instance.mask();
    const auto image = images.find(instance.image_id);
    if (mask == nullptr || image == images.end() || mask->size == image->second->size) continue;
    if (count++ > 0) continue;
    first = fmt::format("annotation {}: {} x {} on {} x {} pixels",
                        instance.id,
                        mask->size.width,
                        mask->size.height,
                        image->second->size.width,
                        image->second->size.height);
  }
  if (count == 0) return;
  log_warning(
      fmt::format("left out {} of another size than the image, their boxes stay (first: {})",
                  counted(count, "mask"),
                  first));
}

/// Says which key points have a side but nothing to swap with: a flip leaves them left or right.
void log_unpaired(const augment::FlipPairs& pairs) {
  constexpr std::size_t kShown = 5;
  const std::vector<std::string>& names = pairs.unpaired();
  if (names.empty()) return;
  std::string list;
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i) {
    list += (list.empty() ? "" : ", ") + labelloom::quoted(names[i]);
  }
  if (names.size() > kShown) list += fmt::format(" and {} more", names.size() - kShown);
  log_warning(
      fmt::format("key points without their other side, which mirroring cannot swap: {}", list));
}

void log_skipped(const std::vector<SkippedImage>& skipped) {
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < std::min(kShown, skipped.size()); ++i) {
    const std::string variant =
        skipped[i].variant > 0 ? fmt::format(", variant {}", skipped[i].variant) : "";
    log_warning(fmt::format(
        "skipped {}{}: {}", labelloom::quoted(skipped[i].file_name), variant, skipped[i].reason));
  }
  if (skipped.size() > kShown) log_warning(fmt::format("... and {} more", skipped.size() - kShown));
}

void explain(const Dataset& dataset,
             const augment::PipelineFile& pipeline,
             const JobOptions& options) {
  constexpr std::uint32_t kShown = 3;
  if (dataset.images.empty()) return;
  const augment::FlipPairs pairs(dataset.categories);
  for (const auto& [one, other] : pairs.pairs()) {
    fmt::print("mirroring swaps {} and {}\n", one, other);
  }
  augment::JobContext context(dataset, pipeline, options.settings, 0);
  for (std::uint32_t v = 1; v <= std::min(kShown, options.settings.variants); ++v) {
    const augment::Plan plan = context.sample(0, v);
    fmt::print("{}, variant {}: as drawn\n{}and as done to the pixels\n{}\n",
               dataset.images[0].file_name,
               v,
               augment::describe(plan),
               augment::describe(augment::plan_pixels(plan, augment::Fusion::kFull)));
  }
}

void dry_run(const Dataset& dataset,
             const augment::PipelineFile& pipeline,
             const JobOptions& options) {
  const augment::JobEstimate estimate = augment::estimate_job(dataset, pipeline, options);
  log_skipped(estimate.skipped);
  fmt::print("would write {}, about {:.1f} MB, into {}; nothing was written\n",
             counted(estimate.images, "image"),
             static_cast<double>(estimate.bytes) / 1e6,
             (options.output / "images").string());
}

void preview(const Dataset& dataset,
             const augment::PipelineFile& pipeline,
             const JobOptions& options,
             std::size_t count) {
  const fs::path folder = options.output / "preview";
  std::vector<SkippedImage> skipped;
  const Dataset variants =
      augment::write_preview(dataset, pipeline, options, count, folder / "images", skipped);
  write_coco(variants, folder / "coco.json");
  log_skipped(skipped);
  ViewOptions view;
  view.images = folder / "images";
  view.output = folder / "gallery";
  view.title = "Preview of the variants";
  const ViewSummary shown = write_gallery(variants, view);
  fmt::print("{}, {}; nothing else was written. Open\n{}\n",
             counted(shown.images, "variant"),
             counted(shown.instances, "instance"),
             (view.output / "index.html").string());
}

/// Says how to go on after what is not a mistake of the settings.
[[noreturn]] void rethrow_with_advice(const Error& error) {
  if (error.code() != Errc::kIo) throw error;
  throw Error(error.code(),
              error.where(),
              error.message() + "; what is complete stays: the same command goes on from there");
}

void write_all(const Dataset& dataset,
               const augment::PipelineFile& pipeline,
               const JobOptions& options) {
  augment::JobSummary summary;
  try {
    Progress progress("augmenting", "images");
    summary = augment::run_job(dataset, pipeline, options, progress.callback());
  } catch (const Error& error) {
    rethrow_with_advice(error);
  }
  log_skipped(summary.skipped);
  std::string text = fmt::format(
      "{}, {}", counted(summary.images, "image"), counted(summary.annotations, "annotation"));
  if (summary.resumed > 0) text += fmt::format(" ({} were there already)", summary.resumed);
  if (!summary.skipped.empty()) {
    text += fmt::format(
        "; {} skipped, see {}", summary.skipped.size(), (options.output / "report.json").string());
  }
  fmt::print("{}\n{}\n", text, (options.output / "coco.json").string());
}

/// What needs no data set.
bool run_information(const CLI::App& app, const Options& options) {
  if (options.schema) {
    fmt::print("{}\n", augment::pipeline_schema());
    return true;
  }
  if (app.count("--list") == 0) return false;
  if (options.list.empty()) {
    fmt::print("{}", augment::describe_transforms());
    return true;
  }
  const augment::TransformEntry* entry = augment::find_transform(options.list);
  if (entry == nullptr) {
    throw Error(Errc::kArgument,
                {},
                fmt::format("--list {}: there is no such transform; did you mean {}?",
                            labelloom::quoted(options.list),
                            augment::nearest_transform(options.list)));
  }
  fmt::print("{}", augment::describe_transform(*entry));
  return true;
}

void require(const CLI::App& app, const char* option) {
  if (app.count(option) == 0) throw CLI::RequiredError(option);
}

void run(const CLI::App& app, Options& options) {
  if (run_information(app, options)) return;
  for (const char* option : {"coco", "--images", "--pipeline"}) require(app, option);
  if (!options.explain && !options.dry_run) require(app, "--output");
  Report report;
  const augment::PipelineFile pipeline = augment::read_pipeline(options.pipeline, report);
  log_report(report, options.pipeline);
  complete(options, pipeline);
  const Dataset dataset = read(options);
  log_foreign_masks(dataset);
  log_unpaired(augment::FlipPairs(dataset.categories));
  if (options.explain) {
    explain(dataset, pipeline, options.job);
  } else if (options.dry_run) {
    dry_run(dataset, pipeline, options.job);
  } else if (options.preview > 0) {
    preview(dataset, pipeline, options.job, options.preview);
  } else {
    write_all(dataset, pipeline, options.job);
  }
}

void add_set_options(CLI::App& app, Options& options) {
  augment::JobSettings& settings = options.job.settings;
  app.add_option("coco", options.coco, "COCO file to augment")->type_name("COCO.json");
  app.add_option("--images", settings.images, "folder of its images")->type_name("DIR");
  app.add_option("-o,--output",
                 options.job.output,
                 "folder for coco.json and images/; a stopped run goes on there")
      ->type_name("DIR");
  app.add_option("--pipeline",
                 options.pipeline,
                 "what to do: LabelLoom's JSON, a file saved by Albumentations, or lines")
      ->type_name("FILE");
  app.add_option("--variants", settings.variants, "variants of each image")
      ->type_name("N")
      ->check(CLI::Range(1, 100000000))
      ->capture_default_str();
  app.add_option("--seed", settings.seed, "another number, other variants")
      ->check(not_negative())
      ->capture_default_str();
  app.add_option("--threads", options.job.threads, "default: as many as processors; same bytes")
      ->type_name("T")
      ->check(CLI::Range(1, 1024));
  app.add_option("--shard", options.shard, "make the i-th of n parts of the set; merge joins them")
      ->type_name("i/n");
}

void add_picture_options(CLI::App& app, Options& options) {
  augment::JobSettings& settings = options.job.settings;
  app.add_option("--format", options.format, "of the pictures")
      ->check(CLI::IsMember({"jpg", "png", "webp"}))
      ->capture_default_str();
  app.add_option("--quality", settings.variant.encode.quality, "of JPEG and WebP")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--max-side", settings.max_side, "reduce larger pictures before anything else")
      ->type_name("PX")
      ->check(CLI::Range(1, 65535));
  app.add_flag("--keep-originals", settings.keep_originals, "put the originals in, as variant 0");
}

void add_label_options(CLI::App& app, Options& options) {
  app.add_option("--min-area", options.min_area, "drop instances of which less is left (1)")
      ->type_name("PX")
      ->check(not_negative());
  app.add_option("--min-visibility",
                 options.min_visibility,
                 "drop instances of which a smaller share is left (0)")
      ->type_name("F")
      ->check(in_range(0, 1));
  app.add_option("--bbox-from",
                 options.bbox_from,
                 "boxes around what is left of the shape, or around the moved box's corners or "
                 "ellipse")
      ->check(CLI::IsMember({"polygon", "corners", "ellipse"}))
      ->capture_default_str();
}

void add_mode_options(CLI::App& app, Options& options) {
  app.add_option("--preview", options.preview, "write K variants and a gallery to look at; no more")
      ->type_name("K")
      ->check(positive());
  app.add_flag("--explain", options.explain, "say what is drawn for the first image, and how done");
  app.add_flag("--dry-run", options.dry_run, "say how much would be written");
  app.add_flag("--strict", options.job.strict, "stop at an image that cannot be used");
  app.add_option("--list", options.list, "list all transforms, or document one")
      ->type_name("[NAME]")
      ->expected(0, 1);
  app.add_flag("--schema", options.schema, "the JSON Schema of pipeline files");
}

}  // namespace

void add_augment(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_set_options(app, *options);
  add_picture_options(app, *options);
  add_label_options(app, *options);
  add_mode_options(app, *options);
  app.footer(
      "Look first, then write; a run that was stopped goes on where it was:\n"
      "  labelloom augment coco.json --images photos --pipeline samples/pipelines/light.json "
      "--variants 20 "
      "-o augmented --preview 24\n"
      "  labelloom augment coco.json --images photos --pipeline samples/pipelines/light.json "
      "--variants 20 "
      "-o augmented");
  app.callback([options, &app] { run(app, *options); });
}

}  // namespace labelloom::apps
