// A run that is killed at any moment goes on from a checkpoint that is whole.

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "model/run_folder.h"
#include "model/trainer.h"
#include "model/weights.h"
#include "tests/model/small_training.h"
#include "tests/support/subprocess.h"
#include "tests/support/temp_dir.h"

namespace labelloom::model {
namespace {

constexpr const char* kFolder = "LABELLOOM_KILLED_TRAINING";

NamedTensors train_in(const std::filesystem::path& run) {
  TrainOptions options;
  options.run = run;
  options.epochs = 10;
  options.batch = 4;
  options.log_steps = 3;
  options.checkpoint_seconds = 0;
  options.resume = true;
  torch::manual_seed(5);
  Network network(test_support::squares_config());
  test_support::Squares source(12);
  const auto validate = [](Network& averaged, std::size_t /*epoch*/) {
    return Validation{.metrics = {}, .score = averaged->parameters()[0].sum().item<double>()};
  };
  train(network, source, options, {.validate = validate});
  return weights_of(*network);
}

// Started by the test below, in a process of its own.
TEST(KilledTraining, DISABLED_TrainsUntilKilled) {
  const char* folder = std::getenv(kFolder);
  ASSERT_NE(folder, nullptr);
  train_in(folder);
}

TEST(KilledTraining, GoesOnToTheSameWeights) {
  const test::TempDir folder;
  const NamedTensors whole = train_in(folder / "whole");
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  bool killed = false;
  for (int attempt = 0; attempt < 6; ++attempt) {
    const auto done =
        test::run_program({program,
                           "--gtest_filter=KilledTraining.DISABLED_TrainsUntilKilled",
                           "--gtest_also_run_disabled_tests"},
                          {.environment = {{kFolder, (folder / "killed").string()}},
                           .kill_after = std::chrono::milliseconds(900 + 170 * attempt)});
    killed = killed || done.signal != 0;
    if (done.signal == 0) {
      ASSERT_EQ(done.status, 0) << done.out;
    }
  }
  EXPECT_TRUE(killed);
  const NamedTensors rest = train_in(folder / "killed");
  for (const auto& [name, tensor] : whole) EXPECT_TRUE(torch::equal(tensor, rest.at(name))) << name;
  EXPECT_EQ(test::read_file(RunFolder{folder / "whole"}.best()),
            test::read_file(RunFolder{folder / "killed"}.best()));
}

}  // namespace
}  // namespace labelloom::model
