// `labelloom predict`, from files to files, and what else begins with a trained run.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/coco.h"
#include "formats/coco_results.h"
#include "formats/png_values.h"
#include "tests/apps/cli_support.h"
#include "tests/apps/scenes.h"
#include "tests/apps/train_command.h"

namespace labelloom::test {
namespace {

namespace fs = std::filesystem;

/// Enough to start, too little for what is asked for: megabytes of address space.
constexpr int kLittleMemory = 3000;

using ::testing::HasSubstr;

/// A run of one epoch that the tests below share.
class CliPredict : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_world = std::make_unique<World>();
    const Finished trained = labelloom(
        train_command(shared_world->scenes, run(), {"--epochs", "1", "--pipeline", "none"}));
    ASSERT_TRUE(ended_with(trained, 0)) << trained.err;
  }
  static void TearDownTestSuite() { shared_world.reset(); }

  static std::string run() { return (shared_world->folder / "run").string(); }
  static const Scenes& scenes() { return shared_world->scenes; }
  [[nodiscard]] fs::path output() const { return folder_ / "out"; }
  /// A copy of the run that may be spoilt.
  [[nodiscard]] fs::path copied_run() const {
    fs::copy(run(), folder_ / "copy", fs::copy_options::recursive);
    return folder_ / "copy";
  }
  [[nodiscard]] const TempDir& folder() const { return folder_; }

  [[nodiscard]] std::vector<std::string> command(const std::string& model,
                                                 const std::string& images) const {
    std::vector<std::string> arguments = {"predict",
                                          "--model",
                                          model,
                                          "--images",
                                          images,
                                          "--device",
                                          "cpu",
                                          "--threads",
                                          "1",
                                          "--min-score",
                                          "0.01",
                                          "-o",
                                          output().string()};
    if (images.ends_with(".json")) {
      arguments.insert(arguments.end(), {"--images-dir", scenes().images()});
    }
    return arguments;
  }
  [[nodiscard]] Finished predict(const std::string& model, const std::string& images) const {
    return labelloom(command(model, images));
  }

 private:
  struct World {
    Scenes scenes{8};
    TempDir folder;
  };
  static inline std::unique_ptr<World> shared_world;
  TempDir folder_;
};

std::string with_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

TEST_F(CliPredict, AFileThatIsNoTorchScriptIsRefused) {
  const std::string file = folder().write("model.pt", "this is no model").string();
  EXPECT_TRUE(refused(predict(file, scenes().images()), "model.pt"));
  EXPECT_FALSE(fs::exists(output()));
}

TEST_F(CliPredict, ATruncatedCheckpointIsRefused) {
  const fs::path weights = copied_run() / "last.safetensors";
  fs::resize_file(weights, fs::file_size(weights) / 2);
  EXPECT_TRUE(refused(predict(weights.string(), scenes().images()), "last.safetensors"));
  EXPECT_FALSE(fs::exists(output()));
}

TEST_F(CliPredict, ACheckpointOfAnotherShapeIsNamedWithItsTensor) {
  const fs::path run = copied_run();
  const std::string config = read_file(run / "model.json");
  std::ofstream(run / "model.json") << with_all(config, "\"small\"", "\"base\"");
  const Finished refusal = predict(run.string(), scenes().images());
  EXPECT_TRUE(refused(refusal, "last.safetensors"));
  EXPECT_THAT(refusal.err, HasSubstr("in the network"));
  EXPECT_FALSE(fs::exists(output()));
}

TEST_F(CliPredict, AMissingPictureIsNamedBeforeAnythingIsWritten) {
  const std::string coco = with_all(read_file(scenes().coco()), "scene_000003.jpg", "gone.jpg");
  const std::string file = folder().write("coco.json", coco).string();
  EXPECT_TRUE(refused(predict(run(), file), "gone.jpg"));
  EXPECT_FALSE(fs::exists(output()));
}

TEST_F(CliPredict, ADamagedPictureLeavesNoResults) {
  fs::copy(scenes().images(), folder() / "images");
  fs::resize_file(folder() / "images/scene_000003.jpg", 100);
  EXPECT_TRUE(refused(predict(run(), (folder() / "images").string()), "scene_000003.jpg"));
  EXPECT_FALSE(fs::exists(output() / "results.json"));
  EXPECT_FALSE(fs::exists(output() / "coco.json"));
}

TEST_F(CliPredict, PicturesOfAnotherSizeThanTheFileSaysAreRefused) {
  const std::string coco = with_all(
      read_file(scenes().coco()), "\"width\":64,\"height\":64", "\"width\":32,\"height\":64");
  const Finished refusal = predict(run(), folder().write("coco.json", coco).string());
  EXPECT_TRUE(refused(refusal, "scene_"));
  EXPECT_THAT(refusal.err, HasSubstr("the file is 64 x 64, its annotations are for 32 x 64"));
}

TEST_F(CliPredict, AListOfPicturesIsPredictedWithItsIds) {
  const std::string list =
      R"({"images":[{"id":70,"file_name":"scene_000003.jpg","width":64,"height":64}]})";
  const std::string file = folder().write("list.json", list).string();
  const auto keypoints = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = command(run(), file);
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished done = labelloom(arguments);
    EXPECT_TRUE(ended_with(done, 0)) << done.err;
    // Read as they are: the same numbers are the same text.
    const CocoResults results = read_coco_results(output() / "results.json",
                                                  {.keypoint_origin = KeypointOrigin::kContinuous});
    std::vector<Point2d> points;
    for (const Detection& detection : results.detections) {
      EXPECT_EQ(detection.image_id, 70);
      for (const DetectedKeypoint& keypoint : detection.keypoints) points.push_back(keypoint.point);
    }
    return points;
  };
  const std::vector<Point2d> continuous = keypoints({});
  const std::vector<Point2d> centres = keypoints({"--keypoint-origin", "pixel-centre"});
  ASSERT_FALSE(continuous.empty());
  ASSERT_EQ(continuous.size(), centres.size());
  EXPECT_NEAR(continuous[0].x, centres[0].x + 0.5, 1e-9);
  EXPECT_NEAR(continuous[0].y, centres[0].y + 0.5, 1e-9);
}

TEST_F(CliPredict, LabelMapsHaveTheValuesThatWereLearnt) {
  Report report;
  Dataset set = read_coco(scenes().coco(), {}, report);
  ASSERT_EQ(set.categories.size(), 4U);
  for (Category& category : set.categories) category.id *= 10;
  for (Instance& instance : set.instances) instance.category_id *= 10;
  const std::string coco = (folder() / "ids.json").string();
  write_coco(set, coco);
  const fs::path maps = folder() / "maps";
  for (const Image& image : set.images) {
    LabelMap map{{64, 64}, std::vector<std::uint8_t>(std::size_t{64} * 64, 40)};
    std::fill_n(map.values.begin(), 64, std::uint8_t{20});
    write_label_map(maps / fs::path(image.file_name).replace_extension(".png"), map);
  }
  const std::string trained = (folder() / "trained").string();
  const Finished done =
      labelloom({"train", "--train",     coco,         "--images", scenes().images(),
                 "--seg", maps.string(), "--input",    "64x64",    "--device",
                 "cpu",   "--threads",   "1",          "--epochs", "20",
                 "--lr",  "5e-3",        "--pipeline", "none",     "-o",
                 trained});
  ASSERT_TRUE(ended_with(done, 0)) << done.err;
  EXPECT_THAT(read_file(fs::path(trained) / "model.json"),
              HasSubstr("\"seg_values\": [0, 10, 20, 30, 40]"));
  const Finished predicted = predict(trained, coco);
  ASSERT_TRUE(ended_with(predicted, 0)) << predicted.err;
  std::size_t learnt = 0;
  for (const Image& image : set.images) {
    const LabelMap map = read_label_map(output() / "segmentation" /
                                        fs::path(image.file_name).replace_extension(".png"));
    for (const std::uint8_t value : map.values) {
      ASSERT_THAT(value, ::testing::AnyOf(0, 10, 20, 30, 40));
      learnt += value == 40 ? 1U : 0U;
    }
  }
  EXPECT_GT(learnt, 0U);
}

TEST_F(CliPredict, TheSetThatIsPredictedIsNotReplaced) {
  for (const char* name : {"coco.json", "results.json"}) {
    fs::create_directories(output());
    fs::copy_file(scenes().coco(), output() / name);
    const std::string before = read_file(output() / name);
    EXPECT_TRUE(refused(predict(run(), (output() / "." / name).string()), name));
    EXPECT_EQ(read_file(output() / name), before);
    EXPECT_THAT(files_below(output()), ::testing::ElementsAre(name));
    fs::remove_all(output());
  }
}

TEST_F(CliPredict, ResultsOfARunBeforeDoNotStayBesideAFailure) {
  fs::copy(scenes().images(), folder() / "images");
  ASSERT_TRUE(ended_with(predict(run(), (folder() / "images").string()), 0));
  ASSERT_TRUE(fs::exists(output() / "coco.json"));
  fs::resize_file(folder() / "images/scene_000003.jpg", 100);
  EXPECT_TRUE(refused(predict(run(), (folder() / "images").string()), "scene_000003.jpg"));
  EXPECT_FALSE(fs::exists(output() / "results.json"));
  EXPECT_FALSE(fs::exists(output() / "coco.json"));
}

TEST_F(CliPredict, PicturesThatWouldShareALabelMapAreNamed) {
  fs::copy(scenes().images(), folder() / "images");
  fs::copy(folder() / "images/scene_000003.jpg", folder() / "images/scene_000003.jpeg");
  std::vector<std::string> arguments = command(run(), (folder() / "images").string());
  const Finished refusal = labelloom(arguments);
  EXPECT_TRUE(refused(refusal, "scene_000003.jpg"));
  EXPECT_THAT(refusal.err, HasSubstr("scene_000003.jpeg"));
  EXPECT_FALSE(fs::exists(output()));
  arguments.emplace_back("--no-segmentation");
  EXPECT_TRUE(ended_with(labelloom(arguments), 0));
}

TEST_F(CliPredict, AFolderOfPicturesHasNoOtherFolder) {
  std::vector<std::string> arguments = command(run(), scenes().images());
  arguments.insert(arguments.end(), {"--images-dir", scenes().images()});
  EXPECT_TRUE(refused(labelloom(arguments), "--images-dir is for a COCO file"));
}

TEST_F(CliPredict, WhatReadingASetRemarksOnIsSaid) {
  const std::string coco = with_all(read_file(scenes().coco()), "\"area\"", "\"region\"");
  const std::string file = folder().write("coco.json", coco).string();
  const Finished predicted = predict(run(), file);
  EXPECT_TRUE(ended_with(predicted, 0));
  EXPECT_THAT(predicted.err, HasSubstr("annotations without an area"));
}

TEST_F(CliPredict, ClassesThatDifferAreNamed) {
  const std::string coco = with_all(read_file(scenes().coco()), "\"Bolt\"", "\"Nail\"");
  const std::string file = folder().write("coco.json", coco).string();
  const Finished refusal = predict(run(), file);
  EXPECT_TRUE(refused(refusal, "coco.json"));
  EXPECT_THAT(refusal.err, HasSubstr("the model's class \"Bolt\""));
  EXPECT_FALSE(fs::exists(output()));
}

TEST_F(CliPredict, AnEmptySetIsRefused) {
  const std::string empty =
      folder().write("empty.json", R"({"images":[],"annotations":[],"categories":[]})").string();
  EXPECT_TRUE(refused(predict(run(), empty), "empty.json"));
  fs::create_directory(folder() / "nothing");
  EXPECT_TRUE(refused(predict(run(), (folder() / "nothing").string()), "nothing"));
  EXPECT_FALSE(fs::exists(output()));
}

TEST_F(CliPredict, ARunThatIsKilledLeavesNothingThatLooksFinished) {
  for (const int milliseconds : {300, 600, 900}) {
    fs::remove_all(output());
    RunOptions options;
    options.kill_after = std::chrono::milliseconds(milliseconds);
    static_cast<void>(labelloom(command(run(), scenes().images()), options));
    if (!fs::exists(output())) continue;
    for (const std::string& name : files_below(output())) {
      // A file has its name when it is complete.
      if (name.ends_with(".png")) {
        EXPECT_EQ(read_label_map(output() / name).size, (Size{64, 64})) << name;
      }
    }
    // It comes last: killed behind it, a run has been finished.
    if (fs::exists(output() / "coco.json")) {
      EXPECT_TRUE(fs::exists(output() / "results.json"));
      EXPECT_EQ(files_below(output() / "segmentation").size(), 8U);
    }
  }
  fs::remove_all(output());
  ASSERT_TRUE(ended_with(predict(run(), scenes().images()), 0));
  EXPECT_EQ(files_below(output() / "segmentation").size(), 8U);
}

TEST_F(CliPredict, TheNumberOfThreadsChangesNothing) {
  const Scenes pool(30);  // four batches, the last with six pictures
  std::vector<std::string> results;
  for (const char* number : {"1", "3", "5"}) {
    std::vector<std::string> more = command(run(), pool.coco());
    *std::next(std::ranges::find(more, "--images-dir")) = pool.images();
    *std::next(std::ranges::find(more, "--threads")) = number;
    more.insert(more.end(), {"--workers", number});
    ASSERT_TRUE(ended_with(labelloom(more), 0));
    results.push_back(read_file(output() / "coco.json"));
  }
  EXPECT_THAT(results[0], HasSubstr("\"score\""));
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST_F(CliPredict, MemoryThatIsOutIsSaidInOneLine) {
  const fs::path run = copied_run();
  const std::string config = read_file(run / "model.json");
  std::ofstream(run / "model.json") << with_all(config, ": 64", ": 4096");
  const Finished refusal =
      labelloom_with_memory(kLittleMemory, command(run.string(), scenes().images()));
  EXPECT_TRUE(refused(refusal, "out of memory"));
  EXPECT_FALSE(fs::exists(output() / "coco.json"));
}

TEST_F(CliPredict, MemoryThatIsOutEndsATrainingInOneLine) {
  std::vector<std::string> train =
      train_command(scenes(), (folder() / "large").string(), {"--quiet"});
  *std::ranges::find(train, "64x64") = "2048x2048";
  const Finished refusal = labelloom_with_memory(kLittleMemory, train);
  EXPECT_TRUE(refused(refusal, "out of memory"));
  EXPECT_FALSE(fs::exists(folder() / "large/last.safetensors"));
}

TEST_F(CliPredict, ARunGoesOnOnlyWithItsOwnSettings) {
  const fs::path run = copied_run();
  const std::string before = read_file(run / "last.state.safetensors");
  const Finished other = labelloom(train_command(
      scenes(), run.string(), {"--epochs", "2", "--pipeline", "none", "--resume", "--quiet"}));
  EXPECT_TRUE(refused(other, "last.state.safetensors"));
  EXPECT_THAT(other.err, HasSubstr("epochs"));
  const Finished again = labelloom(
      train_command(scenes(), run.string(), {"--epochs", "1", "--pipeline", "none", "--quiet"}));
  EXPECT_TRUE(refused(again, "copy"));
  EXPECT_EQ(read_file(run / "last.state.safetensors"), before);
}

TEST_F(CliPredict, ATruncatedCheckpointIsNotGoneOnWith) {
  const fs::path run = copied_run();
  fs::resize_file(run / "last.state.safetensors", 5000);
  EXPECT_TRUE(refused(
      labelloom(train_command(
          scenes(), run.string(), {"--epochs", "1", "--pipeline", "none", "--resume", "--quiet"})),
      "last.state.safetensors"));
}

TEST_F(CliPredict, WeightsOfAnotherNetworkAreABeginningAndWhatIsLeftOutIsNamed) {
  const Finished begun = labelloom(train_command(
      scenes(), (folder() / "new").string(), {"--init", run(), "--heads", "boxes", "--dry-run"}));
  EXPECT_TRUE(ended_with(begun, 0)) << begun.err;
  EXPECT_THAT(begun.err, HasSubstr(" 0 of the network stay random"));
  EXPECT_THAT(begun.err, HasSubstr("unused: \"keypoint"));
}

TEST_F(CliPredict, WeightsOfNothingKnownAreNoBeginning) {
  const std::string file = folder().write("weights.safetensors", "not tensors").string();
  EXPECT_TRUE(refused(
      labelloom(train_command(scenes(), (folder() / "new").string(), {"--init", file, "--quiet"})),
      "weights.safetensors"));
  EXPECT_FALSE(fs::exists(folder() / "new"));
}

}  // namespace
}  // namespace labelloom::test
