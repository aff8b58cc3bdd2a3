#include "convert/merge.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/dataset_commands.h"
#include "apps/dataset_io.h"

namespace labelloom::apps {
namespace {

struct Options {
  std::vector<std::string> inputs;
  std::string output;
  std::string same_image = "error";
  bool shared_sources = false;
  bool skip_bad = false;
};

void run_merge(const Options& options) {
  for (const std::string& input : options.inputs) refuse_same_file(input, options.output);
  Report report;
  std::vector<MergeInput> inputs;
  for (const std::string& input : options.inputs) {
    inputs.push_back({input, read_coco_file(input, options.skip_bad, report)});
  }
  const MergeOptions merge_options = {
      .same_image = options.same_image == "merge" ? SameImage::kMerge : SameImage::kError,
      .shared_sources = options.shared_sources};
  const Dataset result = merge(std::move(inputs), merge_options, report);
  log_remarks(report);
  write_coco_file(result, options.output);
}

}  // namespace

void add_merge(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("files", options->inputs, "COCO files to join, in this order")
      ->required()
      ->expected(2, -1)
      ->type_name("COCO.json");
  app.add_option("-o,--output", options->output, "COCO file to write")
      ->required()
      ->type_name("OUT.json");
  app.add_option("--same-image",
                 options->same_image,
                 "Images of one file name in two inputs: an error, or one image with the "
                 "annotations of both")
      ->check(CLI::IsMember({"error", "merge"}))
      ->capture_default_str();
  app.add_flag("--shared-sources",
               options->shared_sources,
               "The inputs were augmented from one set (or are that set): source_image_id means "
               "the same picture in all of them");
  app.add_flag("--skip-bad", options->skip_bad, "Leave wrong records out instead of stopping");
  app.footer(
      "Classes are matched by name. Annotations are numbered anew; images, too, if two files use "
      "one id.\n"
      "Two classes of one name must have the same key points. Shards of `labelloom augment` give "
      "the\n"
      "file that one run without shards would have written.\n"
      "Example:\n  labelloom merge monday.json tuesday.json -o week.json");
  app.callback([options] { run_merge(*options); });
}

}  // namespace labelloom::apps
