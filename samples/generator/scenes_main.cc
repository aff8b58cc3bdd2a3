// Makes sets to train and test networks on: small pictures of engine parts with boxes, masks, key
// points, label maps and, if wanted, depth images. See samples/README.md.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <opencv2/imgcodecs.hpp>

#include "samples/generator/frame_size.h"
#include "samples/generator/training_paint.h"
#include "samples/generator/training_truth.h"

namespace labelloom::samples {
namespace {

struct Options {
  std::filesystem::path folder;
  int scenes = 100;
  int first = 0;
  std::string size = "128x128";
  TrainingOptions training;
  bool png = false;
  bool depth = false;
  int threads = 0;
};

void write_picture(const std::filesystem::path& path, const cv::Mat& picture) {
  if (!cv::imwrite(path.string(), picture, {cv::IMWRITE_JPEG_QUALITY, 95})) {
    throw std::runtime_error(fmt::format("{}: cannot write", path.string()));
  }
}

/// 0 the bench, else the category's id.
cv::Mat1b label_map(const TrainingScene& scene, const OwnerMap& owners) {
  cv::Mat1b labels(scene.frame.height, scene.frame.width);
  for (int row = 0; row < labels.rows; ++row) {
    for (int column = 0; column < labels.cols; ++column) {
      const int owner = owners.owner(row, column);
      const int label =
          owner < 0 ? 0
                    : 1 + static_cast<int>(scene.parts[static_cast<std::size_t>(owner)].shape.kind);
      labels(row, column) = static_cast<unsigned char>(label);
    }
  }
  return labels;
}

class Maker {
 public:
  explicit Maker(const Options& options)
      : options_(options), painter_(options.training.frame), truths_(wanted(options)) {
    for (const char* name : {"images", "labels"}) {
      std::filesystem::create_directories(options.folder / name);
    }
    if (options.depth) std::filesystem::create_directories(options.folder / "depth");
  }

  /// Makes all scenes, several at a time. @throws what the first failing one threw.
  void run() {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    const unsigned wanted_threads =
        options_.threads > 0 ? static_cast<unsigned>(options_.threads) : cores;
    std::vector<std::thread> workers;
    for (unsigned i = 1; i < wanted_threads; ++i) workers.emplace_back([this] { work(); });
    work();
    for (std::thread& worker : workers) worker.join();
    if (failure_) std::rethrow_exception(failure_);
    write_scenes_coco(options_.folder / "coco.json", truths_);
  }

 private:
  static std::size_t wanted(const Options& options) {
    return static_cast<std::size_t>(options.scenes);
  }

  void work() {
    try {
      for (std::size_t i = next_++; i < truths_.size(); i = next_++) make(i);
    } catch (...) {
      next_ = truths_.size();
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  void make(std::size_t i) {
    const int index = options_.first + static_cast<int>(i);
    const std::uint64_t seed = options_.training.seed;
    const TrainingScene scene = make_training_scene(options_.training, index);
    const OwnerMap owners = owner_map(scene);
    truths_[i] = scene_truth(scene, owners, options_.png ? ".png" : ".jpg");
    const std::string flat = scene_stem(index) + ".png";
    write_picture(options_.folder / "images" / truths_[i].file_name, painter_.paint(scene, seed));
    write_picture(options_.folder / "labels" / flat, label_map(scene, owners));
    if (options_.depth) {
      write_picture(options_.folder / "depth" / flat, paint_depth(scene, owners, seed));
    }
  }

  const Options& options_;
  TrainingPainter painter_;
  std::vector<SceneTruth> truths_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

void add_options(CLI::App& app, Options& options) {
  constexpr int kMostScenes = 1000000;
  app.add_option("-o,--output", options.folder, "folder to write into")->required();
  app.add_option("--scenes", options.scenes, "how many")
      ->check(CLI::Range(1, kMostScenes))
      ->capture_default_str();
  app.add_option("--first", options.first, "number of the first; test scenes: --first 100000")
      ->check(CLI::Range(0, 1000000000))
      ->capture_default_str();
  app.add_option("--seed", options.training.seed, "another seed, other scenes")
      ->capture_default_str();
  app.add_option("--size", options.size, "of the pictures; parts grow with them")
      ->capture_default_str();
  app.add_option("--rare-share", options.training.rare_share, "of all parts, how many are washers")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--near-duplicates",
                 options.training.near_duplicates,
                 "share of scenes that nearly repeat an earlier one (\"duplicate_of\")")
      ->check(CLI::Range(0.0, 0.95))
      ->capture_default_str();
  app.add_flag("--depth", options.depth, "write 16-bit depth images too, in millimetres");
  app.add_flag("--png", options.png, "pictures without loss instead of JPEG of quality 95");
  app.add_option("--threads", options.threads, "0: one for each core")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  app.footer(
      "Example:\n  make_scenes -o train --scenes 400 --size 128x128\n"
      "  make_scenes -o test --scenes 100 --size 128x128 --first 100000");
}

}  // namespace
}  // namespace labelloom::samples

int main(int argc, char** argv) {
  labelloom::samples::Options options;
  CLI::App app("Draws small scenes of engine parts as a set to train networks on.");
  labelloom::samples::add_options(app, options);
  try {
    app.parse(argc, argv);
    constexpr int kLeastSide = 32;
    options.training.frame = labelloom::samples::parse_frame(options.size, kLeastSide);
    labelloom::samples::Maker(options).run();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "make_scenes: error: {}\n", error.what());
    return 1;
  }
  return 0;
}
