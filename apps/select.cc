#include "apps/select.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apps/combine_flags.h"
#include "apps/dataset_io.h"
#include "apps/number_checks.h"
#include "apps/select_report.h"
#include "apps/terminal.h"
#include "apps/text_table.h"
#include "formats/coco.h"
#include "formats/error.h"
#include "formats/file_io.h"
#include "select/batch.h"
#include "select/batch_files.h"
#include "select/label_tasks.h"
#include "select/predicted_shapes.h"
#include "select/score_pool.h"
#include "select/strategy.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;
using select::Batch;
using select::PoolTable;
using select::Ranking;

/// More make a page that browsers are slow to open.
constexpr std::size_t kReportImages = 1000;

struct Options {
  std::string scores;
  std::string output;
  std::string budget = "100";
  std::string strategy = "boxmask";
  CombineFlags combine;
  std::vector<std::string> quotas;
  std::string labelled;
  std::string pool;
  std::string images;
  std::string shapes = "polygons";
  select::TaskOptions tasks;
  select::RankOptions rank;
  select::BatchOptions batch;
  bool no_brushes = false;
  bool list = false;
  bool dry_run = false;
  bool json = false;
};

std::optional<Dataset> read_optional(const std::string& path, bool picture_list) {
  if (path.empty()) return std::nullopt;
  Report report;
  Dataset dataset = read_coco_file(path, true, report, picture_list);
  log_remarks(report);
  return dataset;
}

/// A name as it can be printed in a line.
std::string printable(const std::string& name) {
  const bool plain = std::ranges::none_of(name, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
  return plain ? name : labelloom::quoted(name, name.size());
}

/// About how many images the budget is for.
std::size_t budget_in_images(const select::Budget& budget, const PoolTable& table) {
  if (budget.unit == select::Budget::Unit::kImages) {
    return std::min(budget.amount, table.images.size());
  }
  std::size_t objects = 0;
  for (const select::PoolImage& image : table.images) objects += std::max(image.boxes, 1U);
  // No more than there are, or the product might not fit.
  return objects == 0 ? 0 : std::min(budget.amount, objects) * table.images.size() / objects;
}

void print_strategies() {
  for (const select::Strategy& strategy : select::strategies()) {
    fmt::print("  {:<18} {}\n", strategy.name, strategy.summary);
  }
}

void print_json(const PoolTable& table,
                const Ranking& ranking,
                const Batch& batch,
                const Options& options) {
  JsonText json;
  json().StartObject();
  json.member("strategy", options.strategy);
  json.member("combine", description(options.combine));
  json.member("pool", std::uint64_t{table.images.size()});
  json.member("labelled", std::uint64_t{batch.labelled});
  json.member("unreadable", std::uint64_t{batch.unreadable});
  json.member("same_source", std::uint64_t{batch.same_source});
  json.member("too_near", std::uint64_t{batch.too_near});
  json.member("not_finite", std::uint64_t{ranking.not_finite});
  json.member("objects", std::uint64_t{batch.objects});
  if (batch.radius) json.member("radius", static_cast<double>(*batch.radius));
  json.key("images");
  json().StartArray();
  for (const select::Chosen& chosen : batch.images) {
    json().StartObject();
    json.member("key", table.images[chosen.image].key);
    if (std::isfinite(ranking.scores[chosen.image]))
      json.member("score", ranking.scores[chosen.image]);
    json.member("reason", chosen.reason);
    json().EndObject();
  }
  json().EndArray();
  json().EndObject();
  json.print();
}

std::string left_out(const Batch& batch) {
  std::string text;
  const auto add = [&](std::size_t count, const char* why) {
    if (count > 0) text += fmt::format("; left out: {} {}", counted(count, "image"), why);
  };
  add(batch.labelled, "labelled already");
  add(batch.unreadable, "that cannot be read");
  add(batch.same_source, "of a source that is in the batch");
  add(batch.too_near, "too near to another frame");
  return text;
}

void print_summary(const PoolTable& table,
                   const Ranking& ranking,
                   const Batch& batch,
                   const Options& options) {
  fmt::print("{} of {} by {}, {} predicted in them{}\n",
             counted(batch.images.size(), "image"),
             table.images.size(),
             options.strategy,
             counted(batch.objects, "object"),
             left_out(batch));
  constexpr std::size_t kShown = 10;
  TextTable lines({"", "score", "reason"});
  for (std::size_t i = 0; i < std::min(kShown, batch.images.size()); ++i) {
    const select::Chosen& chosen = batch.images[i];
    lines.add({printable(table.images[chosen.image].key),
               fmt::format("{:.4g}", ranking.scores[chosen.image]),
               printable(chosen.reason)});
  }
  if (!batch.images.empty()) fmt::print("{}", lines.text());
  if (batch.images.size() > kShown) fmt::print("  ... {} more\n", batch.images.size() - kShown);
}

void warn(const PoolTable& table, const Ranking& ranking, const Batch& batch) {
  if (table.images.empty()) log_warning("the pool has no images");
  if (ranking.not_finite > 0) {
    log_warning(fmt::format("{} without a finite score: they come last",
                            counted(ranking.not_finite, "image")));
  }
  for (const std::string& warning : batch.warnings) log_warning(warning);
  if (batch.pool_used_up && !table.images.empty()) {
    log_warning(
        fmt::format("the budget is larger than the pool: all {} that the rules allow are taken",
                    counted(batch.images.size(), "image")));
  }
}

std::vector<std::pair<std::string, double>> components_of(const PoolTable& table,
                                                          std::size_t index) {
  std::vector<std::pair<std::string, double>> components;
  const select::PoolImage& image = table.images[index];
  if (table.has_boxmask && image.terms.finite) {
    components.emplace_back("S_seg", image.terms.segmentation);
    components.emplace_back("S_box", image.terms.boxes);
    if (image.blamed_box >= 0) {
      components.emplace_back("S_loc", image.blamed.location);
      components.emplace_back("S_cls", image.blamed.classes);
    }
  }
  for (const auto& [name, values] : table.columns) components.emplace_back(name, values[index]);
  components.emplace_back("boxes", image.boxes);
  return components;
}

/// Whether there are cells of classes that boxes do not have.
bool has_stuff(const select::ScoreRow& row, const select::ScoreHeader& header) {
  if (!row.segmentation) return false;
  const std::vector<int> classes = select::stuff_classes(header);
  return std::ranges::any_of(row.segmentation->labels, [&](const select::LabelRun& run) {
    return std::ranges::find(classes, run.label) != classes.end();
  });
}

void write_batch(const select::ScorePool& pool,
                 const PoolTable& table,
                 const Ranking& ranking,
                 const Batch& batch,
                 const select::CombineOptions& combine,
                 const Options& options) {
  const fs::path folder = options.output;
  const select::ScoreHeader& header = pool.header();
  std::vector<std::string> keys;
  for (const select::Chosen& chosen : batch.images) keys.push_back(table.images[chosen.image].key);
  std::optional<Dataset> subset;  // of a pool that is known, or of what was predicted
  if (const auto coco = read_optional(options.pool, /*picture_list=*/true))
    subset = select::subset_of(*coco, keys);
  select::TaskFiles tasks(folder, options.tasks);
  SelectReport::Head head;
  head.title = fmt::format("LabelLoom selection: {}", options.tasks.batch);
  head.subtitle = fmt::format("{} of {}, by {} ({}), model {}",
                              counted(batch.images.size(), "image"),
                              table.images.size(),
                              options.strategy,
                              description(options.combine),
                              header.model_name);
  head.total = batch.images.size();
  if (!options.images.empty()) head.images = options.images;
  SelectReport report(folder / "report" / "index.html", head, header);
  std::vector<select::ScoreRow> rows;
  bool has_brushes = false;
  for (std::size_t i = 0; i < batch.images.size(); ++i) {
    const select::Chosen& chosen = batch.images[i];
    select::ScoreRow row = pool.row(chosen.image);
    has_brushes |= options.tasks.brushes && has_stuff(row, header);
    const double score = ranking.scores[chosen.image];
    tasks.add(
        select::task_text(row,
                          header,
                          {i + 1, batch.images.size(), score, chosen.reason, options.strategy},
                          options.tasks));
    row.vectors.clear();
    if (i < kReportImages) {
      ReportNote note{i + 1, score, chosen.reason, components_of(table, chosen.image), {}};
      if (row.boxmask) note.terms = terms_of(*row.boxmask, combine, header.epsilon);
      report.add(row, note);
    }
    if (!subset) rows.push_back(std::move(row));
  }
  const std::vector<std::string> files = tasks.finish();
  report.finish();
  write_file(folder / "label_config.xml", select::task_config(header, options.tasks));
  write_ranked_csv(table, ranking, batch, folder / "ranked.csv");
  write_coco(subset ? std::move(*subset) : select::predicted_dataset(rows, header),
             folder / "subset.json");
  log_info(fmt::format(
      "wrote {}: ranked.csv, {}, label_config.xml, subset.json, report/index.html",
      folder.string(),
      files.size() == 1 ? files.front() : fmt::format("tasks-1.json to {}", files.back())));
  if (has_brushes) {
    log_info(
        "the tasks have masks of classes without boxes: `labelloom convert` will make objects of "
        "them; --no-brushes leaves them out");
  }
}

void run_select(Options options) {
  if (options.list) {
    print_strategies();
    return;
  }
  if (options.scores.empty()) throw CLI::RequiredError("scores");
  if (options.output.empty() && !options.dry_run) throw CLI::RequiredError("--output");
  options.batch.budget = select::parse_budget(options.budget);
  if (options.shapes == "boxes") options.tasks.shapes = select::ObjectShapes::kBoxes;
  if (options.shapes == "both") options.tasks.shapes = select::ObjectShapes::kBoth;
  options.tasks.brushes = !options.no_brushes;
  if (options.tasks.batch.empty() && !options.output.empty()) {
    // The last part is empty.
    const fs::path folder = (fs::absolute(options.output) / "").lexically_normal();
    options.tasks.batch = folder.parent_path().filename().string();
  }
  (void)select::image_address(options.tasks.image_url, {});
  std::error_code code;
  if (!options.images.empty() && !fs::is_directory(options.images, code))
    throw Error(Errc::kIo, {.file = options.images}, "there is no such folder of images");

  const select::ScorePool pool(options.scores);
  if (options.combine.preset.empty()) options.combine.preset = pool.header().combine;
  for (const std::string& quota : options.quotas) {
    options.batch.quotas.push_back(select::parse_quota(quota, pool.header().classes));
  }
  const std::optional<Dataset> labelled = read_optional(options.labelled, /*picture_list=*/false);
  select::TableOptions table_options =
      select::table_options(options.strategy, combine_options(options.combine));
  if (options.batch.diverse) table_options.vectors.emplace_back(select::vector_column::kEmbedding);
  const PoolTable table = read_table(pool, table_options, labelled ? &*labelled : nullptr);
  options.rank.combine = table_options.combine;
  options.rank.budget = budget_in_images(options.batch.budget, table);
  const Ranking ranking = rank(options.strategy, table, options.rank);
  const Batch batch = build_batch(table, ranking, options.batch);
  warn(table, ranking, batch);
  if (options.json) {
    print_json(table, ranking, batch, options);
  } else {
    print_summary(table, ranking, batch, options);
  }
  if (!options.dry_run) write_batch(pool, table, ranking, batch, table_options.combine, options);
}

void add_rules(CLI::App& app, Options& options) {
  app.add_flag("--diverse",
               options.batch.diverse,
               "Of the best, those least alike (k-centre over embeddings)");
  app.add_option(
         "--among", options.batch.diverse_among, "With --diverse: how many budgets of the best")
      ->type_name("N")
      ->check(in_range(1, 1e9))
      ->capture_default_str();
  app.add_flag(
      "--one-per-source", options.batch.one_per_source, "One image of those made from one source");
  app.add_option("--quota",
                 options.quotas,
                 "At least so many images in which the class is predicted; may be repeated")
      ->type_name("CLASS=N");
  app.add_option("--min-gap",
                 options.batch.min_gap,
                 "Least distance of frame numbers in names of one sequence")
      ->type_name("N")
      ->check(not_negative());
  app.add_option("--labelled",
                 options.labelled,
                 "What is labelled already, and what was made from it, is left out")
      ->type_name("COCO.json");
}

void add_outputs(CLI::App& app, Options& options) {
  app.add_option("--pool",
                 options.pool,
                 "The pool's COCO file: subset.json is a part of it, not of predictions")
      ->type_name("COCO.json");
  app.add_option("--images", options.images, "Folder of the images, for the report")
      ->type_name("DIR");
  app.add_option("--image-url", options.tasks.image_url, "Address of an image in Label Studio")
      ->type_name("TEMPLATE")
      ->capture_default_str();
  app.add_option(
         "--shapes",
         options.shapes,
         "Objects in the tasks: polygons (boxes where there is no mask), boxes, or both to look "
         "at: `labelloom convert` reads two objects then")
      ->check(CLI::IsMember({"polygons", "boxes", "both"}))
      ->type_name("KIND")
      ->capture_default_str();
  app.add_flag("--no-brushes",
               options.no_brushes,
               "No masks of classes that boxes do not have, of which `labelloom convert` makes "
               "objects");
  app.add_option("--keypoint-score",
                 options.tasks.keypoint_score,
                 "Key points below it are left out of the tasks")
      ->check(in_range(0, 1))
      ->type_name("SCORE")
      ->capture_default_str();
  app.add_option("--name", options.tasks.batch, "Name of the batch; the output folder's without it")
      ->type_name("TEXT");
  app.add_flag("--dry-run", options.dry_run, "Print what would be chosen, but write nothing");
  app.add_flag("--json", options.json, "Print what is chosen as JSON");
}

}  // namespace

void add_select(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option(
         "scores", options->scores, "Folder with all shards of `labelloom score`, or a merged file")
      ->type_name("SCORES");
  app.add_option("-o,--output", options->output, "Folder for the batch")->type_name("DIR");
  app.add_option("--budget", options->budget, "Images, or predicted objects: 100, 500objects")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--strategy",
                 options->strategy,
                 "What orders the images, see --list; or a column of the scores")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_flag("--list", options->list, "List the strategies");
  add_combine_flags(app, options->combine);
  app.add_option("--seed", options->rank.seed, "Of the strategy random")
      ->check(not_negative())
      ->type_name("N")
      ->capture_default_str();
  app.add_option(
         "--cycle", options->rank.cycle, "Round of labelling, from 0: strategies that take turns")
      ->check(not_negative())
      ->type_name("N")
      ->capture_default_str();
  add_rules(app, *options);
  add_outputs(app, *options);
  app.footer(
      "Writes ranked.csv (the whole pool), tasks.json with the predictions for Label Studio,\n"
      "label_config.xml, subset.json and report/index.html.\n"
      "Examples:\n  labelloom select scores --budget 100 --images photos -o batch\n"
      "  labelloom select scores --budget 500objects --combine robust --diverse --one-per-source "
      "\\\n"
      "      --quota bolt=20 --min-gap 10 --labelled coco.json -o batch\n"
      "  labelloom select scores --strategy entropy --dry-run");
  app.callback([options] { run_select(*options); });
}

void add_merge_scores(CLI::App& app) {
  struct Files {
    std::string scores;
    std::string output;
  };
  auto files = std::make_shared<Files>();
  app.add_option("scores", files->scores, "Folder with all shards of `labelloom score`")
      ->required()
      ->type_name("SCORES");
  app.add_option("-o,--output", files->output, "File to write")
      ->required()
      ->type_name("FILE.jsonl");
  app.footer(
      "The rows come in the order of the images' names: the same bytes however many shards there\n"
      "were. `labelloom select` takes the folder as well.\n"
      "Example:\n  labelloom merge-scores scores -o scores.jsonl");
  app.callback([files] {
    const select::ScorePool pool(files->scores);
    pool.write_merged(files->output);
    log_info(fmt::format("wrote {}: {}", files->output, counted(pool.size(), "image")));
  });
}

}  // namespace labelloom::apps
