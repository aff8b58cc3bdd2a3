#include "apps/study_model.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <torch/torch.h>

#include "apps/image_source.h"
#include "apps/pool_scorer.h"
#include "formats/error.h"
#include "formats/fingerprint.h"
#include "model/network.h"
#include "model/predictor.h"
#include "model/run_folder.h"
#include "model/trainer.h"
#include "model/weights.h"
#include "select/batch.h"
#include "select/batch_files.h"
#include "select/score_pool.h"
#include "select/score_shard.h"
#include "select/strategy.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;
using model::Network;

std::vector<std::size_t> others(std::size_t count, std::span<const std::size_t> labelled) {
  std::vector<bool> taken(count);
  for (const std::size_t index : labelled) taken[index] = true;
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < count; ++i) {
    if (!taken[i]) rest.push_back(i);
  }
  return rest;
}

const select::Strategy& strategy_of(const std::string& name) {
  return *std::ranges::find(select::strategies(), name, &select::Strategy::name);
}

bool needs_scores(const select::Strategy& strategy) {
  return !strategy.terms.empty() || !strategy.columns.empty() || !strategy.vectors.empty();
}

/// Whether distances to what is labelled count, so that labelled images must be scored as well.
bool needs_labelled(const select::Strategy& strategy) {
  return strategy.rank == select::rank_coreset || strategy.rank == select::rank_cdal;
}

/// A pool of which nothing is known but names.
select::PoolTable bare_table(const Dataset& pool) {
  select::PoolTable table;
  for (const Image& image : pool.images) {
    select::PoolImage& row = table.images.emplace_back();
    row.key = image.file_name;
    row.source = image.file_name;
  }
  std::ranges::sort(table.images, {}, &select::PoolImage::key);
  return table;
}

}  // namespace

StudyModel::StudyModel(const TrainSettings& settings, const select::BoxMaskOptions& boxmask)
    : settings_(settings), boxmask_(boxmask), sets_(read_training_sets(settings)) {
  validate(boxmask);
  if (!sets_->validation) {
    throw Error(Errc::kArgument, {}, "--val is needed: without it nothing can be measured");
  }
  std::unordered_map<std::string, int> seen;
  for (const Image& image : sets_->train.dataset.images) {
    keys_.push_back(image.file_name);
    if (++seen[image.file_name] > 1) {
      throw Error(Errc::kInvalidData,
                  {.file = settings.train},
                  fmt::format("{} is there twice", labelloom::quoted(image.file_name)));
    }
  }
}

std::vector<std::string> StudyModel::metrics() const {
  const model::Heads& heads = sets_->config.heads;
  std::vector<std::string> names;
  if (heads.boxes) names.insert(names.end(), {"mAP", "mAP50"});
  if (heads.segmentation) names.emplace_back("mIoU");
  if (heads.keypoints) names.emplace_back("OKS-AP50");
  return names;
}

Dataset StudyModel::subset(std::span<const std::size_t> images) const {
  std::vector<std::string> keys;
  keys.reserve(images.size());
  for (const std::size_t index : images) keys.push_back(keys_[index]);
  return select::subset_of(sets_->train.dataset, keys);
}

fs::path StudyModel::train(const StudyTraining& training, const Step& step) const {
  const Dataset labelled = subset(training.labelled);
  TrainingSourceOptions source = source_options(settings_, *sets_, false);
  source.seed = training.seed;
  TrainingSource samples(labelled, sets_->config, std::move(source));

  model::TrainOptions options;
  options.run = training.run;
  options.batch = settings_.batch;
  const std::size_t steps_an_epoch =
      std::max<std::size_t>(1, labelled.images.size() / settings_.batch);
  options.epochs = std::max<std::size_t>(1, (training.steps + steps_an_epoch / 2) / steps_an_epoch);
  options.seed = training.seed;
  options.learning_rate = settings_.learning_rate;
  options.bfloat16 = settings_.precision == "bf16";
  options.workers = worker_count(settings_);
  options.batches_ahead = 2 + options.workers;
  options.validate_epochs = options.epochs;
  options.resume = true;
  std::string keys;
  for (const std::size_t index : training.labelled) keys += keys_[index] + '\n';
  options.facts["labelled"] = fingerprint(keys);
  options.facts["init"] = training.init.empty() ? "random" : "the round before";

  torch::manual_seed(training.seed);
  Network network(sets_->config);
  if (!training.init.empty()) read_weights(training.init, network);
  const torch::Device device = model::parse_device(settings_.device);
  network->to(device);
  options.channels_last = true;
  if (device.is_cpu()) options.replicas = replica_count(settings_);
  bool stop = false;
  model::TrainHooks hooks;
  hooks.progress = [&](const model::TrainProgress& now) { stop = step(now.step, now.steps); };
  hooks.stop = [&] { return stop; };
  if (model::train(network, samples, options, hooks).interrupted) throw StudyStopped{};
  return model::RunFolder{training.run}.last();
}

ValidationScores StudyModel::measure(const fs::path& weights) const {
  Network network(sets_->config);
  read_weights(weights, network);
  network->to(model::parse_device(settings_.device));
  network->eval();
  ValidationOptions options;
  options.batch = std::min(options.batch, settings_.batch);
  options.workers = worker_count(settings_);
  return validate_model(network, sets_->validation->dataset, *sets_->validation->source, options);
}

std::vector<std::size_t> StudyModel::choose(const StudyChoice& choice,
                                            const std::function<bool()>& stop) const {
  const select::Strategy& strategy = strategy_of(choice.strategy.name);
  const Dataset labelled = subset(choice.labelled);
  std::vector<std::size_t> wanted = others(keys_.size(), choice.labelled);
  if (needs_labelled(strategy)) {
    wanted.insert(wanted.end(), choice.labelled.begin(), choice.labelled.end());
    std::ranges::sort(wanted);
  }
  const Dataset pool = subset(wanted);

  select::TableOptions table_options =
      select::table_options(strategy.name, select::combine_preset(choice.strategy.combine));
  table_options.by_source = false;  // every image of the set has labels of its own
  select::PoolTable table;
  if (needs_scores(strategy)) {
    const auto predictor = model::open_model(choice.weights, model::parse_device(settings_.device));
    FolderSource source(pool.images, settings_.images, predictor->config());
    PoolScoringOptions options;
    std::vector<LeftOut> left_out;
    const std::vector<std::string> names{std::string(strategy.name)};
    options.columns = columns_for(names, abilities_of(*predictor), left_out);
    options.window = boxmask_.window;
    options.scoring = boxmask_.scoring;
    options.seed = choice.seed;
    options.shapes = false;
    options.batch = settings_.batch;
    options.workers = worker_count(settings_);
    select::ScoreShardWriter writer(choice.scores,
                                    score_header(*predictor, "study", pool, options));
    if (!writer.finished()) {
      score_pool(
          *predictor,
          pool,
          source,
          options,
          [&](const std::string& key) { return !writer.has(key); },
          [&](const select::ScoreRow& row) {
            if (stop()) throw StudyStopped{};
            writer.add(row);
          });
      writer.finish();
    }
    table = read_table(select::ScorePool(choice.scores), table_options, &labelled);
  } else {
    table = bare_table(pool);
  }
  select::RankOptions rank_options;
  rank_options.combine = table_options.combine;
  rank_options.seed = choice.seed;
  rank_options.cycle = choice.round;
  rank_options.budget = choice.budget;
  select::BatchOptions batch_options;
  batch_options.budget.amount = choice.budget;
  const select::Batch batch =
      build_batch(table, rank(strategy.name, table, rank_options), batch_options);
  fs::remove_all(choice.scores);
  const std::size_t open = keys_.size() - choice.labelled.size();
  if (batch.images.size() != std::min(choice.budget, open)) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("{} has chosen {} images of {}; {} were wanted",
                            choice.strategy.label,
                            batch.images.size(),
                            open,
                            choice.budget));
  }

  std::unordered_map<std::string, std::size_t> index_of;
  for (std::size_t i = 0; i < keys_.size(); ++i) index_of.emplace(keys_[i], i);
  std::vector<std::size_t> chosen;
  for (const select::Chosen& one : batch.images) {
    chosen.push_back(index_of.at(table.images[one.image].key));
  }
  return chosen;
}

}  // namespace labelloom::apps
