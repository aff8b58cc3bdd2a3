// The whole loop: an export of Label Studio, variants, a model, its scores, tasks for annotators,
// what they send back, and all of it in one set.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/coco.h"
#include "tests/apps/annotator.h"
#include "tests/apps/cli_support.h"

namespace labelloom::test {
namespace {

namespace fs = std::filesystem;

Dataset read(const fs::path& path) {
  Report report;
  return read_coco(path, {}, report);
}

/// Runs `labelloom`, which has to succeed.
void step(const std::vector<std::string>& command) {
  const Finished run = labelloom(command);
  ASSERT_TRUE(ended_with(run, 0)) << command.front() << ": " << run.err;
}

std::size_t boxes_of(const Dataset& dataset, const Box& box) {
  return static_cast<std::size_t>(std::ranges::count_if(dataset.instances, [&](const Instance& i) {
    return std::abs(i.bbox.x - box.x) < 1 && std::abs(i.bbox.y - box.y) < 1 &&
           std::abs(i.bbox.width - box.width) < 1 && std::abs(i.bbox.height - box.height) < 1;
  }));
}

TEST(CliLoop, SlowWhatAnnotatorsCorrectJoinsTheSetItCameFrom) {
  const TempDir dir;
  const auto at = [&](const std::string& name) { return (dir / name).string(); };
  const std::string images = sample("images");
  const std::string flip =
      dir.write("flip.json",
                R"({"labelloom_pipeline":1,"transforms":[{"HorizontalFlip":{"p":1}}]})")
          .string();
  step({"convert", sample("export.full.json"), "--images", images, "-o", at("coco.json")});
  step({"augment",
        at("coco.json"),
        "--images",
        images,
        "--pipeline",
        flip,
        "--variants",
        "1",
        "-o",
        at("pool")});
  step({"train",      "--train",    at("coco.json"), "--images", images,
        "--input",    "128x96",     "--epochs",      "2",        "--batch",
        "4",          "--pipeline", "none",          "--device", "cpu",
        "--threads",  "1",          "--workers",     "1",        "-o",
        at("exp-1.5")});
  step({"score",
        "--model",
        at("exp-1.5"),
        "--images",
        at("pool/images"),
        "--pool",
        at("pool/coco.json"),
        "--strategy",
        "all",
        "--min-score",
        "0.02",
        "--device",
        "cpu",
        "--threads",
        "1",
        "--workers",
        "1",
        "-o",
        at("scores")});
  step({"select",
        at("scores"),
        "--budget",
        "3",
        "--strategy",
        "boxmask",
        "--pool",
        at("pool/coco.json"),
        "--images",
        at("pool/images"),
        "-o",
        at("batch")});

  // Tasks name the model by the whole name of its run.
  EXPECT_THAT(read_file(dir / "batch/tasks.json"),
              testing::HasSubstr("\"model_version\":\"exp-1.5@"));
  const std::string exported =
      dir.write("corrected.json", corrected(read_file(dir / "batch/tasks.json"), "Bolt")).string();
  step({"convert",
        exported,
        "--images",
        at("pool/images"),
        "--config",
        at("batch/label_config.xml"),
        "--keypoint-labels",
        sample("keypoint_labels.json"),
        "-o",
        at("back.json")});
  step({"merge", at("coco.json"), at("back.json"), "-o", at("all.json")});
  step({"validate", at("all.json")});

  const Dataset before = read(dir / "coco.json");
  const Dataset back = read(dir / "back.json");
  const Dataset all = read(dir / "all.json");
  EXPECT_EQ(back.images.size(), 3U);
  EXPECT_EQ(all.images.size(), before.images.size() + 3);
  EXPECT_EQ(all.instances.size(), before.instances.size() + back.instances.size());
  // What was drawn by hand on 1280 x 720, in every one of the three.
  EXPECT_EQ(boxes_of(back, {128, 144, 512, 360}), 3U);
  EXPECT_EQ(boxes_of(all, {128, 144, 512, 360}), boxes_of(before, {128, 144, 512, 360}) + 3);
  // The pool's pictures under their own names.
  const Dataset pool = read(dir / "pool/coco.json");
  for (const Image& image : back.images) {
    EXPECT_NE(std::ranges::find(pool.images, image.file_name, &Image::file_name), pool.images.end())
        << image.file_name;
  }
}

}  // namespace
}  // namespace labelloom::test
