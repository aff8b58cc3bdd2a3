#include "apps/view.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "apps/doubtful.h"
#include "apps/number_checks.h"
#include "apps/terminal.h"
#include "apps/view_job.h"
#include "formats/coco.h"
#include "formats/report.h"

namespace labelloom::apps {
namespace {

struct Options {
  std::string coco;
  std::string report;
  ViewOptions view;
};

std::string summary_text(const ViewSummary& summary) {
  std::string text = fmt::format("{} image{}, {} instance{}",
                                 summary.images,
                                 summary.images == 1 ? "" : "s",
                                 summary.instances,
                                 summary.instances == 1 ? "" : "s");
  if (summary.images < summary.total_images) {
    text += fmt::format(" (of {} images, evenly spread)", summary.total_images);
  }
  const auto add = [&text](std::size_t count, const char* what) {
    if (count > 0) text += fmt::format(", {} {}", count, what);
  };
  add(summary.missing, "missing");
  add(summary.undecodable, "undecodable");
  add(summary.other_size, "not of the size that the annotations are for (shown without them)");
  add(summary.masks_not_drawn, "masks not of their image's size (not drawn)");
  add(summary.doubtful, "doubtful key points");
  if (summary.doubtful < summary.total_doubtful) {
    text += fmt::format(" of {}", summary.total_doubtful);
  }
  return text;
}

Dataset read(const std::filesystem::path& file) {
  Report report;
  Progress progress("reading", "MB", 1e6);
  Dataset dataset = read_coco(file, {.progress = progress.callback()}, report);
  std::uint64_t remarks = 0;
  for (const Report::Kind& kind : report.kinds()) remarks += kind.count;
  if (remarks > 0) {
    log_warning(fmt::format(
        "{} remarks on {}; `labelloom validate` says what they are", remarks, file.string()));
  }
  return dataset;
}

void run(Options& options) {
  const Dataset dataset = read(options.coco);
  if (!options.report.empty()) options.view.doubtful = read_doubtful(options.report);
  options.view.title = std::filesystem::path(options.coco).filename().string();
  Progress progress("drawing", "images");
  const ViewSummary summary = write_gallery(dataset, options.view, progress.callback());
  fmt::print("{}\n{}\n", summary_text(summary), (options.view.output / "index.html").string());
}

}  // namespace

void add_view(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("coco", options->coco, "COCO file to look at")->required()->type_name("COCO.json");
  app.add_option("--images", options->view.images, "folder of its images")
      ->required()
      ->type_name("DIR");
  app.add_option("-o,--output", options->view.output, "new folder for index.html and its pictures")
      ->required()
      ->type_name("DIR");
  app.add_option("--max",
                 options->view.max_images,
                 "show at most so many images, evenly spread over the set")
      ->type_name("N")
      ->check(positive());
  app.add_option("--report",
                 options->report,
                 "report of `labelloom convert`: shows the key points that were doubtful")
      ->type_name("REPORT.json");
  app.footer(
      "Example:\n  labelloom view coco.json --images photos --report report.json -o gallery\n"
      "Open gallery/index.html in a browser; no server is needed.");
  app.callback([options] { run(*options); });
}

}  // namespace labelloom::apps
