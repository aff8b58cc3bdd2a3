// `labelloom train` and `labelloom predict`, from files to files.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/coco.h"
#include "formats/coco_results.h"
#include "formats/png_values.h"
#include "model/curves.h"
#include "tests/apps/cli_support.h"
#include "tests/apps/scenes.h"

namespace labelloom::test {
namespace {

namespace fs = std::filesystem;

/// Enough to start, too little for what is asked for: megabytes of address space.
constexpr int kLittleMemory = 3000;

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> train_command(const Scenes& train,
                                       const std::string& run,
                                       const std::vector<std::string>& more = {}) {
  std::vector<std::string> command = {"train",
                                      "--train",
                                      train.coco(),
                                      "--images",
                                      train.images(),
                                      "--input",
                                      "64x64",
                                      "--device",
                                      "cpu",
                                      "--threads",  // more wait for each other on a busy machine
                                      "1",
                                      "--workers",
                                      "1",
                                      "-o",
                                      run};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

/// Members of a class map: value 0 is of class "a", `last` the class of all others.
std::string all_values(const std::string& last) {
  std::string members = R"("0":"a")";
  for (int value = 1; value < 256; ++value) {
    members += ",\"" + std::to_string(value) + "\":\"" + last + "\"";
  }
  return members;
}

/// A set of the same pictures and categories without an instance. Its file.
std::string with_categories_only(const Scenes& scenes, const TempDir& folder) {
  Report report;
  Dataset dataset = read_coco(scenes.coco(), {}, report);
  dataset.instances.clear();
  write_coco(dataset, folder / "empty.json");
  return (folder / "empty.json").string();
}

TEST(CliTrain, ANetworkLearnsAndPredicts) {
  const Scenes train(48);
  const Scenes fresh(16, 1000);
  const TempDir folder;
  const std::string run = (folder / "run").string();
  const Finished trained = labelloom(train_command(train,
                                                   run,
                                                   {"--val",
                                                    fresh.coco(),
                                                    "--val-images",
                                                    fresh.images(),
                                                    "--epochs",
                                                    "20",
                                                    "--lr",
                                                    "5e-3",
                                                    "--pipeline",
                                                    "none",
                                                    "--validate-every",
                                                    "20"}));
  ASSERT_TRUE(ended_with(trained, 0)) << trained.err;
  const model::Curves curves = model::read_curves(fs::path(run) / "curves.csv");
  const std::size_t loss = curves.column("loss");
  ASSERT_GE(curves.rows.size(), 2U);
  EXPECT_LT(*curves.rows.back()[loss], 0.8 * *curves.rows.front()[loss]);
  // A network that guesses finds next to nothing.
  EXPECT_GT(*curves.rows.back()[curves.column("mAP50")], 0.1);

  const std::string page = read_file(fs::path(run) / "report.html");
  EXPECT_THAT(page, HasSubstr("data:image/jpeg;base64,/9j/"));
  EXPECT_THAT(page, HasSubstr("scene_001015.jpg"));
  EXPECT_THAT(page, HasSubstr("<span>mAP50</span>"));
  EXPECT_THAT(page, HasSubstr("aria-label=\"Loss of segmentation\""));

  const std::string output = (folder / "predictions").string();
  const Finished predicted = labelloom({"predict",
                                        "--model",
                                        run,
                                        "--images",
                                        fresh.coco(),
                                        "--images-dir",
                                        fresh.images(),
                                        "--device",
                                        "cpu",
                                        "--min-score",
                                        "0.05",
                                        "-o",
                                        output});
  ASSERT_TRUE(ended_with(predicted, 0)) << predicted.err;
  Report report;
  EXPECT_EQ(read_coco(fs::path(output) / "coco.json", {}, report).images.size(), 16U);
  EXPECT_FALSE(read_coco_results(fs::path(output) / "results.json").detections.empty());
  EXPECT_EQ(files_below(fs::path(output) / "segmentation").size(), 16U);
}

// The run of tests/bench/train_scenes.py in little: a quarter of a minute. It reached mAP50
// 0.68 and mIoU 0.61.
TEST(SlowCliTrain, ANetworkLearnsBoxesAndPixelsOfFreshScenes) {
  const Scenes train(200);
  const Scenes fresh(60, 100000);
  const TempDir folder;
  const std::string run = (folder / "run").string();
  const Finished trained = labelloom(train_command(train,
                                                   run,
                                                   {"--val",
                                                    fresh.coco(),
                                                    "--val-images",
                                                    fresh.images(),
                                                    "--epochs",
                                                    "10",
                                                    "--lr",
                                                    "5e-3",
                                                    "--pipeline",
                                                    "none",
                                                    "--validate-every",
                                                    "10"}));
  ASSERT_TRUE(ended_with(trained, 0)) << trained.err;
  const model::Curves curves = model::read_curves(fs::path(run) / "curves.csv");
  EXPECT_GT(*curves.rows.back()[curves.column("mAP50")], 0.4);
  EXPECT_GT(*curves.rows.back()[curves.column("mIoU")], 0.4);
}

TEST(CliTrain, ADryRunWritesNothing) {
  const Scenes train(4);
  const TempDir folder;
  const Finished run = labelloom(train_command(train, (folder / "run").string(), {"--dry-run"}));
  EXPECT_TRUE(ended_with(run, 0)) << run.err;
  EXPECT_THAT(run.err, HasSubstr("4 images"));
  EXPECT_TRUE(files_below(folder.path()).empty());
}

TEST(CliTrain, AMissingPictureIsNamedBeforeAnythingIsWritten) {
  const Scenes train(4);
  const TempDir folder;
  fs::remove(fs::path(train.images()) / "scene_000002.jpg");
  const Finished run = labelloom(train_command(train, (folder / "run").string()));
  EXPECT_TRUE(refused(run, "scene_000002.jpg"));
  EXPECT_TRUE(files_below(folder.path()).empty());
}

TEST(CliTrain, LabelIdsOutsideTheMapAreNamed) {
  const Scenes train(4);
  const TempDir folder;
  const std::string map = folder.write("map.json", R"({"classes":["bench"]})").string();
  const Finished run = labelloom(train_command(
      train, (folder / "run").string(), {"--seg", train.labels(), "--seg-classes", map}));
  EXPECT_TRUE(refused(run, "scene_"));
  EXPECT_THAT(run.err, HasSubstr("which is not in the class map"));
  EXPECT_FALSE(fs::exists(folder / "run"));
}

TEST(CliTrain, OtherClassesInTheValidationSetAreNamed) {
  const Scenes train(4);
  const TempDir folder;
  std::string other = read_file(train.coco());
  for (std::size_t at = other.find("\"Bolt\""); at != std::string::npos;
       at = other.find("\"Bolt\"")) {
    other.replace(at, 6, "\"Nail\"");
  }
  const std::string file = folder.write("val.json", other).string();
  const Finished run = labelloom(train_command(train, (folder / "run").string(), {"--val", file}));
  EXPECT_TRUE(refused(run, "val.json"));
  EXPECT_THAT(run.err, HasSubstr("category \"Nail\" is not one of the model's classes"));
}

TEST(CliTrain, AValidationSetThatMeasuresNothingIsRefusedBeforeTraining) {
  const Scenes train(4);
  const TempDir folder;
  const std::string run = (folder / "run").string();
  // A category is missing that the pictures of this set happen not to show.
  const std::string few = folder
                              .write("few.json",
                                     R"({"images":[{"id":1,"file_name":"scene_000001.jpg",)"
                                     R"("width":64,"height":64}],"annotations":[],)"
                                     R"("categories":[{"id":1,"name":"Bench"}]})")
                              .string();
  const Finished classes = labelloom(train_command(train, run, {"--val", few, "--quiet"}));
  EXPECT_TRUE(refused(classes, "few.json: the model's class "));
  const Finished truth = labelloom(train_command(
      train, run, {"--val", with_categories_only(train, folder), "--heads", "boxes", "--quiet"}));
  EXPECT_TRUE(refused(truth, "empty.json: nothing in it is labelled"));
  EXPECT_FALSE(fs::exists(run));
}

TEST(CliTrain, OptionsThatWouldDoNothingAreRefused) {
  const Scenes train(1);
  const TempDir folder;
  const auto with = [&](const std::vector<std::string>& more) {
    return labelloom(train_command(train, (folder / "run").string(), more));
  };
  EXPECT_TRUE(ended_with(with({"--val-images", train.images()}), 2));
  EXPECT_TRUE(ended_with(with({"--val", train.coco(), "--val-seg", train.labels()}), 2));
  EXPECT_TRUE(ended_with(with({"--seg", train.labels(), "--val-seg", train.labels()}), 2));
  EXPECT_TRUE(refused(
      with({"--val", train.coco(), "--seg", "polygons", "--val-seg", train.labels(), "--quiet"}),
      "--val-seg is for label maps"));
}

TEST(CliTrain, AnEmptySetIsRefused) {
  const Scenes train(1);
  const TempDir folder;
  const std::string empty =
      folder.write("empty.json", R"({"images":[],"annotations":[],"categories":[]})").string();
  const Finished run = labelloom({"train",
                                  "--train",
                                  empty,
                                  "--images",
                                  train.images(),
                                  "--device",
                                  "cpu",
                                  "-o",
                                  (folder / "run").string()});
  EXPECT_TRUE(refused(run, "empty.json"));
  EXPECT_THAT(run.err, HasSubstr("there is no image in it"));
}

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
  std::vector<std::string> results;
  for (const char* workers : {"1", "5"}) {
    std::vector<std::string> more = command(run(), scenes().coco());
    more.insert(more.end(), {"--workers", workers, "--batch", "2"});
    ASSERT_TRUE(ended_with(labelloom(more), 0));
    results.push_back(read_file(output() / "coco.json"));
  }
  EXPECT_THAT(results[0], HasSubstr("\"score\""));
  EXPECT_EQ(results[0], results[1]);
}

/// The same as `labelloom`, with so much address space.
Finished with_memory(int megabytes, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"/bin/sh",
                                      "-c",
                                      "ulimit -v \"$0\" && exec \"$@\"",
                                      std::to_string(megabytes * 1024),
                                      LABELLOOM_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command);
}

TEST_F(CliPredict, MemoryThatIsOutIsSaidInOneLine) {
  const fs::path run = copied_run();
  const std::string config = read_file(run / "model.json");
  std::ofstream(run / "model.json") << with_all(config, ": 64", ": 2048");
  const Finished refusal = with_memory(kLittleMemory, command(run.string(), scenes().images()));
  EXPECT_TRUE(refused(refusal, "out of memory"));
  EXPECT_FALSE(fs::exists(output() / "coco.json"));
}

TEST_F(CliPredict, MemoryThatIsOutEndsATrainingInOneLine) {
  std::vector<std::string> train =
      train_command(scenes(), (folder() / "large").string(), {"--quiet"});
  *std::ranges::find(train, "64x64") = "2048x2048";
  const Finished refusal = with_memory(kLittleMemory, train);
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

TEST(CliTrain, ResumingSaysThatThereIsNothingToResume) {
  const Scenes train(4);
  const TempDir folder;
  const std::string run = (folder / "run").string();
  const std::vector<std::string> command =
      train_command(train, run, {"--epochs", "1", "--pipeline", "none", "--resume"});
  const Finished first = labelloom(command);
  EXPECT_TRUE(ended_with(first, 0)) << first.err;
  EXPECT_THAT(first.err, HasSubstr("nothing to resume; the training begins anew"));
  const Finished again = labelloom(command);
  EXPECT_TRUE(ended_with(again, 0)) << again.err;
  EXPECT_THAT(again.err, Not(HasSubstr("begins anew")));
}

TEST(CliTrain, ARunGoesOnOnlyWithItsOwnSetsAndClassMapAndKeepsItsReport) {
  const Scenes train(4);
  const TempDir folder;
  const std::string run = (folder / "run").string();
  const auto map = [&](const std::string& last) {
    return folder.write("map.json", R"({"classes":["a","b"],"map":{)" + all_values(last) + "}}")
        .string();
  };
  const auto command = [&](const std::string& validation, const char* every) {
    return labelloom(train_command(train,
                                   run,
                                   {"--epochs",
                                    "2",
                                    "--pipeline",
                                    "none",
                                    "--val",
                                    validation,
                                    "--validate-every",
                                    every,
                                    "--seg",
                                    train.labels(),
                                    "--seg-classes",
                                    (folder / "map.json").string(),
                                    "--resume",
                                    "--quiet"}));
  };
  map("a");
  ASSERT_TRUE(ended_with(command(train.coco(), "2"), 0));
  const std::string report = read_file(fs::path(run) / "report.html");
  EXPECT_THAT(report, HasSubstr("data:image/jpeg;base64,/9j/"));
  EXPECT_TRUE(ended_with(command(train.coco(), "2"), 0));
  // Nothing was left to do, and no validation to take pictures of.
  EXPECT_EQ(read_file(fs::path(run) / "report.html"), report);
  EXPECT_TRUE(refused(command(with_categories_only(train, folder), "2"), "validation set was"));
  EXPECT_TRUE(refused(command(train.coco(), "1"), "epochs between validations was \"2\""));
  map("b");
  EXPECT_TRUE(refused(command(train.coco(), "2"), "labels of pixels was \"maps "));
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
