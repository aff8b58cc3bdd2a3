// `labelloom train` and `labelloom predict`, from files to files.

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/coco.h"
#include "formats/coco_results.h"
#include "model/curves.h"
#include "tests/apps/cli_support.h"
#include "tests/apps/scenes.h"

namespace labelloom::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

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

TEST(CliPredict, AFileThatIsNoTorchScriptIsRefused) {
  const Scenes scenes(2);
  const TempDir folder;
  const std::string file = folder.write("model.pt", "this is no model").string();
  const Finished run = labelloom({"predict",
                                  "--model",
                                  file,
                                  "--images",
                                  scenes.images(),
                                  "--device",
                                  "cpu",
                                  "-o",
                                  (folder / "out").string()});
  EXPECT_TRUE(refused(run, "model"));
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST(CliPredict, ATruncatedCheckpointIsRefused) {
  const Scenes train(8);
  const TempDir folder;
  const std::string run = (folder / "run").string();
  const Finished trained = labelloom(train_command(train, run, {"--epochs", "1"}));
  ASSERT_TRUE(ended_with(trained, 0)) << trained.err;
  const fs::path weights = fs::path(run) / "last.safetensors";
  fs::resize_file(weights, fs::file_size(weights) / 2);
  const Finished predicted = labelloom({"predict",
                                        "--model",
                                        weights.string(),
                                        "--images",
                                        train.images(),
                                        "--device",
                                        "cpu",
                                        "-o",
                                        (folder / "out").string()});
  EXPECT_TRUE(refused(predicted, "last.safetensors"));
  EXPECT_FALSE(fs::exists(folder / "out"));
}

}  // namespace
}  // namespace labelloom::test
