// Makes the sample set anew: scenes, their photographs, the Label Studio project about them and the
// truth. See samples/README.md.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <opencv2/imgcodecs.hpp>

#include "samples/generator/frame_size.h"
#include "samples/generator/paint.h"
#include "samples/generator/write_label_studio.h"
#include "samples/generator/write_truth.h"

namespace labelloom::samples {
namespace {

struct Options {
  std::filesystem::path folder;
  int scenes = 12;
  std::uint64_t seed = 1;
  std::string size = "1280x720";
  bool no_images = false;
  bool min_only = false;
};

void write_photograph(const std::filesystem::path& path, const Scene& scene, std::uint64_t seed) {
  if (!cv::imwrite(path.string(), paint(scene, seed), {cv::IMWRITE_JPEG_QUALITY, 83})) {
    throw std::runtime_error(fmt::format("{}: cannot write", path.string()));
  }
}

void make_samples(const Options& options) {
  const Frame frame = parse_frame(options.size, 64);
  const std::filesystem::path images = options.folder / "images";
  std::filesystem::create_directories(options.no_images ? options.folder : images);
  MinExport min_export(options.folder / "export.min.json");
  std::unique_ptr<FullExport> full_export;
  std::unique_ptr<TruthFile> truth;
  if (!options.min_only) {
    full_export = std::make_unique<FullExport>(options.folder / "export.full.json");
    truth = std::make_unique<TruthFile>(options.folder / "truth.json", options.seed);
  }
  write_label_config(options.folder / "label_config.xml");
  write_keypoint_labels(options.folder / "keypoint_labels.json");
  for (int index = 0; index < options.scenes; ++index) {
    const Scene scene = make_scene(options.seed, index, frame);
    const Task task = annotate(scene, options.seed);
    min_export.add(task);
    if (full_export) full_export->add(task);
    if (truth) truth->add(task);
    if (!options.no_images) write_photograph(images / task.file_name, scene, options.seed);
  }
  min_export.close();
  if (full_export) full_export->close();
  if (truth) truth->close();
}

}  // namespace
}  // namespace labelloom::samples

int main(int argc, char** argv) {
  labelloom::samples::Options options;
  CLI::App app(
      "Draws scenes of engine parts and writes them as a Label Studio project with truth.");
  app.add_option("-o,--output", options.folder, "folder to write into")->required();
  app.add_option("--scenes", options.scenes, "how many")
      ->check(CLI::Range(1, 100000000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "another seed, other scenes")->capture_default_str();
  app.add_option("--size", options.size, "of the photographs")->capture_default_str();
  app.add_flag("--no-images", options.no_images, "annotations only, for big exports");
  app.add_flag("--min-only", options.min_only, "no full export and no truth");
  try {
    app.parse(argc, argv);
    labelloom::samples::make_samples(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "make_samples: error: {}\n", error.what());
    return 1;
  }
  return 0;
}
