// What has to be known of a pool's images for which strategy, and what a model can say.

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_set>

#include <fmt/format.h>
#include <torch/torch.h>

#include "apps/pool_scorer.h"
#include "apps/score_rows.h"
#include "formats/error.h"
#include "formats/fingerprint.h"
#include "select/strategy.h"

namespace labelloom::apps {
namespace {

ScoreColumns columns_of(const select::Strategy& strategy) {
  ScoreColumns columns;
  columns.boxmask = !strategy.terms.empty();
  const auto add = [&](std::string_view name) {
    columns.uncertainty |= name.starts_with("entropy.") || name.starts_with("margin.") ||
                           name.starts_with("least_confidence.");
    columns.cald |= name == select::column::kCald || name == select::vector_column::kCaldClasses;
    columns.equal |= name.starts_with("equal.");
    columns.ll4al |= name.starts_with(select::column::kLossPrefix);
    columns.cdal |= name.starts_with("cdal.");
    columns.embedding |= name == select::vector_column::kEmbedding;
  };
  for (const std::string_view name : strategy.columns) add(name);
  for (const std::string_view name : strategy.vectors) add(name);
  return columns;
}

/// What the model lacks of predicted losses: of those that are named all are needed.
std::optional<std::string> lacking_loss(const select::Strategy& strategy,
                                        const ModelAbilities& model) {
  for (const std::string_view name : strategy.columns) {
    if (!name.starts_with(select::column::kLossPrefix)) continue;
    if (model.losses.empty()) return "an output for predicted losses";
    const bool is_there = name == select::column::kLossPrefix ||
                          std::ranges::find(model.losses, name) != model.losses.end();
    if (is_there) continue;
    return name == select::column::kLossBoxes ? "a predicted loss of the boxes"
                                              : "a predicted loss of the segmentation";
  }
  return std::nullopt;
}

/// What the model lacks for that; nothing if it can do it.
std::optional<std::string> lacking(const select::Strategy& strategy,
                                   const ScoreColumns& columns,
                                   const ModelAbilities& model) {
  if ((columns.boxmask || columns.cdal) && !(model.boxes && model.segmentation))
    return model.boxes ? "a segmentation" : "boxes";
  if (columns.uncertainty && !model.boxes && !model.segmentation) return "boxes or a segmentation";
  if (columns.cald && !model.boxes) return "boxes";
  if (columns.equal && !model.segmentation) return "a segmentation";
  if (columns.embedding && !model.embedding) return "an embedding";
  return lacking_loss(strategy, model);
}

void join(ScoreColumns& all, const ScoreColumns& more) {
  all.boxmask |= more.boxmask;
  all.uncertainty |= more.uncertainty;
  all.cald |= more.cald;
  all.equal |= more.equal;
  all.ll4al |= more.ll4al;
  all.cdal |= more.cdal;
  all.embedding |= more.embedding;
}

/// All options that a row depends on.
std::string options_text(const PoolScoringOptions& o) {
  const ScoreColumns& c = o.columns;
  return fmt::format(
      "columns {:d}{:d}{:d}{:d}{:d}{:d}{:d} {} "
      "decode {} {} {} {} cald {} {} shapes {:d} ids {:d} precision {}",
      c.boxmask,
      c.uncertainty,
      c.cald,
      c.equal,
      c.ll4al,
      c.cdal,
      c.embedding,
      select::options_text(o.window, o.scoring),
      o.decode.min_score,
      o.decode.nms_iou,
      o.decode.max_detections,
      o.decode.min_keypoint_score,
      o.cald_min_score,
      o.seed,
      o.shapes,
      o.has_ids,
      static_cast<int>(o.precision));
}

std::vector<std::string> keys_of(const Dataset& pool) {
  std::vector<std::string> keys;
  std::unordered_set<std::string_view> known;
  for (const Image& image : pool.images) {
    if (!known.insert(image.file_name).second) {
      throw Error(Errc::kInvalidData,
                  {},
                  fmt::format("{} is in the pool twice", labelloom::quoted(image.file_name)));
    }
    keys.push_back(image.file_name);
  }
  return keys;
}

}  // namespace

ModelAbilities abilities_of(model::Predictor& predictor) {
  const model::ModelConfig& config = predictor.config();
  const torch::Tensor nothing =
      torch::zeros({1, 3, config.input.height, config.input.width}).to(predictor.device());
  const model::NamedOutputs outputs = predictor.outputs(nothing);
  ModelAbilities abilities;
  abilities.boxes = config.heads.boxes;
  abilities.segmentation = config.heads.segmentation;
  const auto loss = outputs.find("loss");
  if (loss != outputs.end() && loss->second.dim() == 2)
    abilities.loss_tasks = static_cast<std::size_t>(loss->second.size(1));
  for (const auto& [task, name] : loss_columns(config.heads, abilities.loss_tasks))
    abilities.losses.push_back(name);
  const auto embedding = outputs.find("embedding");
  abilities.embedding = embedding != outputs.end() && embedding->second.dim() == 2;
  return abilities;
}

ScoreColumns columns_for(std::span<const std::string> names,
                         const ModelAbilities& abilities,
                         std::vector<LeftOut>& left_out) {
  ScoreColumns all;
  all.loss_tasks = abilities.loss_tasks;
  for (const std::string& name : names) {
    bool is_known = name == "all";
    for (const select::Strategy& strategy : select::strategies()) {
      if (name != "all" && name != strategy.name) continue;
      is_known = true;
      const ScoreColumns columns = columns_of(strategy);
      const std::optional<std::string> lacks = lacking(strategy, columns, abilities);
      if (lacks && name != "all") {
        throw Error(
            Errc::kArgument,
            {},
            fmt::format("strategy {} needs {}, which the model does not have", name, *lacks));
      }
      if (lacks) {
        left_out.push_back({std::string(strategy.name), *lacks});
      } else {
        join(all, columns);
      }
    }
    if (is_known) continue;
    std::string known;
    for (const select::Strategy& strategy : select::strategies())
      known += fmt::format(", {}", strategy.name);
    throw Error(Errc::kArgument,
                {},
                fmt::format("unknown strategy {}; known: all{}", labelloom::quoted(name), known));
  }
  return all;
}

select::ScoreHeader score_header(const model::Predictor& predictor,
                                 const std::string& model_name,
                                 const Dataset& pool,
                                 const PoolScoringOptions& options) {
  const model::ModelConfig& config = predictor.config();
  const std::vector<std::string> keys = keys_of(pool);
  select::ScoreHeader header;
  header.config = fingerprint(options_text(options)).substr(0, 16);
  header.model = predictor.fingerprint();
  header.model_name = model_name;
  header.pool = select::pool_hash(keys);
  header.images = keys.size();
  header.epsilon = options.scoring.epsilon;
  if (config.heads.segmentation) header.seg_classes = config.seg_classes;
  for (std::size_t k = 0; k < config.classes.size(); ++k) {
    select::ScoreClass& own = header.classes.emplace_back();
    own.name = config.classes[k];
    own.seg_class = config.heads.segmentation ? config.seg_of_class[k] : -1;
  }
  for (const model::KeypointSlot& slot : config.keypoints)
    header.classes[static_cast<std::size_t>(slot.class_index)].keypoints.push_back(slot.name);
  return header;
}

}  // namespace labelloom::apps
