// `labelloom train`, from files to files.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/coco.h"
#include "formats/coco_results.h"
#include "model/curves.h"
#include "tests/apps/cli_support.h"
#include "tests/apps/scenes.h"
#include "tests/apps/train_command.h"

namespace labelloom::test {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::Not;
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
  const Finished truth = labelloom(
      train_command(train, run, {"--val", with_categories_only(train, folder), "--quiet"}));
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

TEST(CliTrain, ARunThatIsInterruptedWritesACheckpointAndSaysSoByItsStatus) {
  const Scenes train(4);
  const TempDir folder;
  for (const auto& [signal, status] : {std::pair{"INT", 130}, std::pair{"TERM", 143}}) {
    const fs::path run = folder / signal;
    const Finished stopped = interrupted_labelloom(
        signal,
        run / "model.json",
        train_command(train, run.string(), {"--epochs", "100000", "--pipeline", "none"}));
    EXPECT_TRUE(ended_with(stopped, status)) << stopped.err;
    EXPECT_THAT(stopped.err, HasSubstr("the same command with --resume goes on there"));
    EXPECT_TRUE(fs::exists(run / "last.state.safetensors"));
  }
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

}  // namespace
}  // namespace labelloom::test
