#include "apps/label_config.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "apps/dataset_io.h"
#include "apps/terminal.h"
#include "formats/coco.h"
#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/label_studio_config.h"

namespace labelloom::apps {
namespace {

struct Options {
  std::vector<std::string> classes;
  std::vector<std::string> keypoints;
  std::string from;
  std::string output;
  bool boxes = false;
};

/// Classes and key points of a COCO file, in its order.
LabelConfigRequest request_from(const std::string& path) {
  Report report;
  const Dataset dataset = read_coco(path, {.skip_bad = true}, report);
  LabelConfigRequest request;
  for (const Category& category : dataset.categories) {
    request.classes.push_back(category.name);
    for (const std::string& keypoint : category.keypoints) {
      if (std::ranges::find(request.keypoints, keypoint) == request.keypoints.end()) {
        request.keypoints.push_back(keypoint);
      }
    }
  }
  return request;
}

void run_label_config(const Options& options) {
  LabelConfigRequest request;
  if (!options.from.empty()) {
    if (!options.output.empty()) refuse_same_file(options.from, options.output);
    request = request_from(options.from);
    if (request.classes.empty()) {
      throw Error(Errc::kInvalidData, {.file = options.from}, "has no categories");
    }
  } else {
    request.classes = options.classes;
    request.keypoints = options.keypoints;
  }
  request.boxes = options.boxes;
  const std::string xml = make_label_config(request);
  if (options.output.empty()) {
    fmt::print("{}", xml);
    return;
  }
  write_file(options.output, xml);
  log_info(fmt::format("wrote {}: {} classes, {} key points",
                       options.output,
                       request.classes.size(),
                       request.keypoints.size()));
}

}  // namespace

void add_label_config(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::Option* classes =
      app.add_option("--classes", options->classes, "Names of the classes, separated by commas")
          ->delimiter(',')
          ->type_name("A,B,...");
  CLI::Option* keypoints =
      app.add_option("--keypoints", options->keypoints, "Names of the key points, in slot order")
          ->delimiter(',')
          ->type_name("A,B,...");
  app.add_option("--from", options->from, "Take classes and key points from a COCO file")
      ->type_name("COCO.json")
      ->excludes(classes)
      ->excludes(keypoints);
  app.add_flag("--boxes", options->boxes, "Rectangles beside polygons");
  app.add_option("-o,--output", options->output, "File to write; standard output without it")
      ->type_name("FILE.xml");
  app.footer(
      "Example:\n  labelloom label-config --classes RockerArm,Bolt --keypoints head,tail "
      "--boxes -o config.xml\nPaste the file into Label Studio: Settings, Labeling "
      "Interface, Code.");
  app.callback([options] { run_label_config(*options); });
}

}  // namespace labelloom::apps
