#include "model/trainer.h"

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "formats/error.h"
#include "model/batch_loader.h"
#include "model/curves.h"
#include "model/input_batch.h"
#include "model/master_weights.h"
#include "model/replicas.h"
#include "model/run_folder.h"
#include "model/targets.h"
#include "model/weights.h"
#include "tests/model/small_training.h"
#include "tests/support/temp_dir.h"

namespace labelloom::model {
namespace {

using test_support::Squares;
using test_support::squares_config;
using ::testing::HasSubstr;

TrainOptions quick(const std::filesystem::path& run) {
  TrainOptions options;
  options.run = run;
  options.epochs = 4;
  options.batch = 4;
  options.seed = 3;
  options.log_steps = 1;
  return options;
}

Network fresh_network(int side = 64) {
  torch::manual_seed(5);
  return Network(squares_config(side));
}

struct Trained {
  TrainResult result;
  NamedTensors weights;
};

Trained trained(const TrainOptions& options,
                const TrainHooks& hooks = {},
                std::size_t count = 12,
                int side = 64) {
  Network network = fresh_network(side);
  Squares source(count, side);
  Trained out;
  out.result = train(network, source, options, hooks);
  out.weights = weights_of(*network);
  return out;
}

bool same(const NamedTensors& a, const NamedTensors& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](auto& x, auto& y) {
           return x.first == y.first && torch::equal(x.second, y.second);
         });
}

std::string message_of(const TrainOptions& options, SampleSource& source, int side = 64) {
  Network network = fresh_network(side);
  try {
    train(network, source, options, {});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Curves without what depends on the clock.
std::vector<std::vector<std::optional<double>>> repeatable_rows(const std::filesystem::path& run) {
  Curves curves = read_curves(RunFolder{run}.curves());
  for (const char* name : {"images_per_second", "waited_share", "seconds"}) {
    for (auto& row : curves.rows) row[curves.column(name)].reset();
  }
  return curves.rows;
}

TEST(Trainer, LearnsAFewPicturesByHeart) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "run");
  options.epochs = 60;
  options.log_steps = 10;
  Network network = fresh_network();
  Squares source(4, 64, /*moving=*/false);
  train(network, source, options, {});
  const Curves curves = read_curves(RunFolder{options.run}.curves());
  ASSERT_EQ(curves.rows.size(), 6);
  for (const char* name : {"loss", "boxes", "segmentation", "keypoints"}) {
    const std::size_t column = curves.column(name);
    EXPECT_LT(*curves.rows.back()[column], 0.4 * *curves.rows.front()[column]) << name;
  }
}

TEST(Trainer, MakesTheSameWeightsAgainWithAnyNumberOfWorkers) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "a");
  const Trained first = trained(options);
  options.run = folder / "b";
  options.workers = 0;
  const Trained alone = trained(options);
  options.run = folder / "c";
  options.workers = 5;
  options.batches_ahead = 9;
  const Trained many = trained(options);
  EXPECT_TRUE(same(first.weights, alone.weights));
  EXPECT_TRUE(same(first.weights, many.weights));
  EXPECT_EQ(repeatable_rows(folder / "a"), repeatable_rows(folder / "c"));

  options.run = folder / "d";
  options.seed = 4;
  EXPECT_FALSE(same(first.weights, trained(options).weights));
}

TEST(Trainer, AnInterruptedRunGoesOnToTheSameWeightsAndCurves) {
  for (const bool learn_task_weights : {false, true}) {
    const test::TempDir folder;
    TrainOptions options = quick(folder / "whole");
    options.learn_task_weights = learn_task_weights;
    options.log_steps = 2;
    const Trained whole = trained(options);
    EXPECT_EQ(whole.result.steps, 12);

    options.run = folder / "parts";
    options.resume = true;
    // Stops in the middle of an epoch and of a row's interval.
    std::size_t asked = 0;
    const auto stop = [&asked] { return ++asked == 5; };
    const Trained part = trained(options, {.stop = stop});
    EXPECT_TRUE(part.result.interrupted);
    EXPECT_EQ(part.result.steps, 5);
    const Trained rest = trained(options);
    EXPECT_FALSE(rest.result.interrupted);
    EXPECT_EQ(rest.result.steps, 12);
    EXPECT_TRUE(same(whole.weights, rest.weights));
    EXPECT_EQ(repeatable_rows(folder / "whole"), repeatable_rows(folder / "parts"));
    EXPECT_TRUE(same(read_tensors(RunFolder{folder / "whole"}.last()),
                     read_tensors(RunFolder{folder / "parts"}.last())));
  }
}

TEST(Trainer, AFinishedRunIsNotTrainedAgain) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "run");
  const Trained first = trained(options);
  options.resume = true;
  Network network = fresh_network();
  Squares source(12);
  EXPECT_EQ(train(network, source, options, {}).steps, 12);
  EXPECT_EQ(source.loaded.load(), 0);
  EXPECT_TRUE(same(first.weights, weights_of(*network)));
}

TEST(Trainer, WhatStandsForClassesInLabelMapsIsNoSettingOfARun) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "run");
  static_cast<void>(trained(options));
  options.resume = true;
  ModelConfig config = squares_config();
  config.seg_values = {0, 10, 20};  // runs of before they were kept have none
  Network network(config);
  Squares source(12);
  EXPECT_EQ(train(network, source, options, {}).steps, 12);
}

TEST(Trainer, KeepsTheWeightsThatValidatedBest) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "run");
  options.metrics = {"mIoU", "mAP50"};
  std::vector<NamedTensors> seen;
  const auto validate = [&seen](Network& network, std::size_t epoch) {
    EXPECT_FALSE(network->is_training());
    NamedTensors copies;
    for (const auto& [name, tensor] : weights_of(*network)) copies[name] = tensor.clone();
    seen.push_back(copies);
    const double score = epoch == 2 ? 0.75 : 0.25;
    return Validation{.metrics = {{"mIoU", score}}, .score = score};
  };
  const Trained run = trained(options, {.validate = validate});
  ASSERT_EQ(seen.size(), 4);
  EXPECT_EQ(run.result.best_score, 0.75);
  EXPECT_EQ(run.result.best_epoch, 2);
  EXPECT_TRUE(same(read_tensors(RunFolder{options.run}.best()), seen[2]));
  EXPECT_TRUE(same(read_tensors(RunFolder{options.run}.last()), seen[3]));
  Network reread = fresh_network();
  read_weights(RunFolder{options.run}.best(), reread);
  EXPECT_EQ(read_model_config(RunFolder{options.run}.config()), squares_config());
  const Curves curves = read_curves(RunFolder{options.run}.curves());
  EXPECT_EQ(curves.rows[8][curves.column("mIoU")], 0.75);
  EXPECT_FALSE(curves.rows[8][curves.column("mAP50")].has_value());
  EXPECT_FALSE(curves.rows[7][curves.column("mIoU")].has_value());
}

TEST(Trainer, RefusesAFolderThatHasARunAndSettingsThatChanged) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "run");
  options.facts = {{"training set", "a.json"}};
  static_cast<void>(trained(options));
  const std::string before = test::read_file(RunFolder{options.run}.state());
  Squares source(12);
  EXPECT_THAT(message_of(options, source), HasSubstr("has a training run already"));
  options.resume = true;
  options.batch = 3;
  EXPECT_THAT(message_of(options, source), HasSubstr("batch was \"4\", is \"3\" now"));
  options.batch = 4;
  options.facts["training set"] = "b.json";
  EXPECT_THAT(message_of(options, source), HasSubstr("training set was \"a.json\", is \"b.json\""));
  options.facts["training set"] = "a.json";
  ModelConfig other = squares_config();
  other.classes[1] = "green";
  Network network(other);
  try {
    train(network, source, options, {});
    FAIL() << "other classes were taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("classes was \"red, blue\", is \"red, green\" now"));
  }
  EXPECT_EQ(test::read_file(RunFolder{options.run}.state()), before);
}

TEST(Trainer, ReplacesNoRunOfWhichOnlyTheWeightsWereKept) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "run");
  options.epochs = 1;
  static_cast<void>(trained(options));
  const RunFolder run{options.run};
  std::filesystem::remove(run.state());
  const std::string config = test::read_file(run.config());
  const std::string curves = test::read_file(run.curves());
  Squares source(8);
  EXPECT_THAT(message_of(options, source), HasSubstr("the weights of a run, last.safetensors"));
  std::filesystem::rename(run.last(), run.best());
  EXPECT_THAT(message_of(options, source), HasSubstr("the weights of a run, best.safetensors"));
  EXPECT_EQ(test::read_file(run.config()), config);
  EXPECT_EQ(test::read_file(run.curves()), curves);
  // So does a run look that was killed while its first checkpoint was written.
  options.resume = true;
  EXPECT_EQ(trained(options).result.steps, 3U);
}

TEST(Trainer, NamesADamagedCheckpoint) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "run");
  options.epochs = 1;
  static_cast<void>(trained(options));
  options.resume = true;
  const auto path = RunFolder{options.run}.state();
  const std::string whole = test::read_file(path);
  Squares source(12);
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{5}, whole.size() / 2, whole.size() - 1}) {
    folder.write("run/last.state.safetensors", whole.substr(0, length));
    EXPECT_THAT(message_of(options, source), HasSubstr("last.state.safetensors")) << length;
  }
  write_weights(path, fresh_network());
  EXPECT_THAT(message_of(options, source), HasSubstr("not a checkpoint of training"));
}

TEST(Trainer, ALossThatIsNoNumberEndsTheRunAndKeepsTheCheckpoint) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "run");
  options.checkpoint_seconds = 1e9;  // after validations only: of step 3
  const auto validate = [](Network&, std::size_t) { return Validation{}; };
  Network network = fresh_network();
  Squares source(12);
  const auto spoil = [&network](const TrainProgress& progress) {
    if (progress.step != 5) return;
    const torch::NoGradGuard no_gradient;
    network->named_parameters()["segmentation.bias"].fill_(std::numeric_limits<float>::quiet_NaN());
  };
  try {
    train(network, source, options, {.validate = validate, .progress = spoil});
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("step 6: the loss \"segmentation\" became nan"));
    EXPECT_THAT(error.what(), HasSubstr("learning rate"));
    EXPECT_THAT(error.what(), HasSubstr("square"));
  }
  for (const auto& [name, tensor] : read_tensors(RunFolder{options.run}.state())) {
    if (tensor.is_floating_point()) {
      EXPECT_TRUE(torch::isfinite(tensor).all().item<bool>()) << name;
    }
  }
  options.resume = true;
  EXPECT_EQ(trained(options, {.validate = validate}).result.steps, 12);
}

TEST(Trainer, AFailingSampleEndsTheRunWithItsOwnError) {
  const test::TempDir folder;
  Squares source(12);
  source.spoil = [](Sample& sample, std::size_t index) {
    if (index == 7) throw Error(Errc::kIo, {.file = sample.image.name}, "cannot open");
  };
  EXPECT_THAT(message_of(quick(folder / "run"), source), HasSubstr("square7.png: cannot open"));
  source.spoil = [](Sample& sample, std::size_t index) {
    if (index == 7) sample.image.size.width = 32;
  };
  EXPECT_THAT(message_of(quick(folder / "other"), source), HasSubstr("square7.png"));
}

TEST(Trainer, TakesSetsThatAreSmallerThanABatchAndTasksWithoutLabels) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "run");
  options.batch = 16;
  EXPECT_EQ(trained(options, {}, 3).result.steps, 4);

  options.run = folder / "unlabelled";
  Network network = fresh_network();
  Squares source(6);
  source.spoil = [](Sample& sample, std::size_t) {
    sample.has_boxes = sample.has_keypoints = sample.has_segmentation = false;
    sample.labels.clear();
  };
  train(network, source, options, {});
  EXPECT_EQ(read_curves(RunFolder{options.run}.curves()).rows.back()[3], 0);
}

TEST(Trainer, RefusesWhatCannotBeTrained) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "run");
  Squares none(0);
  EXPECT_THAT(message_of(options, none), HasSubstr("no sample"));
  Squares source(4, 32);
  options.batch = 1;
  EXPECT_THAT(message_of(options, source, 32), HasSubstr("batch norm"));
  options.batch = 2;
  options.epochs = 0;
  EXPECT_THAT(message_of(options, source, 32), HasSubstr("epoch"));
  EXPECT_FALSE(std::filesystem::exists(options.run));
}

/// Pictures 0, 1, 0, 1, ... of a world of squares.
Batch twins(std::size_t pairs) {
  Squares source(2, 64, /*moving=*/false);
  std::vector<Sample> samples;
  std::vector<Targets> targets;
  std::vector<const InputImage*> images;
  samples.reserve(2 * pairs);
  for (std::size_t i = 0; i < 2 * pairs; ++i) {
    const Sample& sample = samples.emplace_back(source.load(i % 2, 0));
    targets.push_back(make_targets(sample, squares_config()));
    images.push_back(&sample.image);
  }
  return {byte_batch(images, false), stack(targets, squares_config()), {}};
}

TEST(Replicas, GiveTheGradientsAndStatisticsOfTheBatchWhenItsPartsAreAlike) {
  const Batch batch = twins(8);
  std::vector<NamedTensors> weights;
  std::vector<std::vector<torch::Tensor>> gradients(2);
  for (const unsigned count : {1U, 2U}) {
    Network network = fresh_network();
    network->train();
    Criterion criterion(network->config(), LossOptions{});
    const MasterWeights masters(*network, /*bfloat16=*/false);
    Replicas replicas(network, criterion, LossOptions{}, count);
    ASSERT_EQ(replicas.count(), count);
    replicas.run(count, [&](Network& one, Criterion& losses, unsigned part) {
      const std::int64_t size = 16 / count;
      const torch::Tensor images =
          normalised(batch.images.narrow(0, part * size, size), one->config(), torch::kCPU);
      losses
          ->forward(one->forward(images),
                    batch.targets.part(part * size, size),
                    {batch.targets.has.sum(0), 1.0 / count})
          .total.backward();
    });
    gradients[count - 1] = masters.gradients();
    weights.push_back(weights_of(*network));
  }
  for (std::size_t i = 0; i < gradients[0].size(); ++i) {
    EXPECT_TRUE(torch::allclose(gradients[0][i], gradients[1][i], 1e-3, 1e-4)) << i;
  }
  for (const auto& [name, tensor] : weights[0]) {
    // A running variance is that of a sample: half as many numbers make it a little larger.
    const double tolerance = name.ends_with("running_var") ? 0.02 : 1e-4;
    EXPECT_TRUE(torch::allclose(tensor, weights[1].at(name), tolerance, 1e-5)) << name;
  }
}

TEST(Replicas, HandOnWhatAPartThrows) {
  Network network = fresh_network();
  Criterion criterion(network->config(), LossOptions{});
  const MasterWeights masters(*network, /*bfloat16=*/false);
  Replicas replicas(network, criterion, LossOptions{}, 3);
  EXPECT_THROW(replicas.run(3,
                            [](Network&, Criterion&, unsigned part) {
                              if (part == 1) throw std::runtime_error("a part");
                            }),
               std::runtime_error);
  unsigned done = 0;
  replicas.run(1, [&](Network&, Criterion&, unsigned) { ++done; });
  EXPECT_EQ(done, 1U);
}

TEST(Trainer, DividesNoBatchIntoSinglePictures) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "run");
  options.replicas = 2;
  // Parts of one picture of 32x32 have one number a channel, of which there is no deviation.
  EXPECT_EQ(trained(options, {}, /*count=*/2, /*side=*/32).result.steps, 4);
}

TEST(Trainer, WithReplicasAnInterruptedRunGoesOnToTheSameWeights) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "whole");
  options.replicas = 2;
  const Trained whole = trained(options);
  options.run = folder / "parts";
  std::size_t steps = 0;
  TrainHooks hooks;
  hooks.progress = [&](const TrainProgress& progress) { steps = progress.step; };
  hooks.stop = [&] { return steps == 5; };
  EXPECT_TRUE(trained(options, hooks).result.interrupted);
  options.resume = true;
  EXPECT_TRUE(same(trained(options).weights, whole.weights));
}

TEST(Trainer, TrainsInBfloat16AndWithChannelsLast) {
  const test::TempDir folder;
  TrainOptions options = quick(folder / "run");
  options.epochs = 12;
  options.bfloat16 = true;
  options.channels_last = true;
  Network network = fresh_network();
  Squares source(4, 64, /*moving=*/false);
  train(network, source, options, {});
  const Curves curves = read_curves(RunFolder{options.run}.curves());
  EXPECT_LT(*curves.rows.back()[3], 0.8 * *curves.rows.front()[3]);
  Network reread = fresh_network();
  read_weights(RunFolder{options.run}.last(), reread);
}

}  // namespace
}  // namespace labelloom::model
