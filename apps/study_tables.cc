#include "apps/study_tables.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "apps/study_chart.h"
#include "formats/csv_field.h"
#include "formats/error.h"
#include "formats/json_text.h"

namespace labelloom::apps {
namespace {

using evaluate::CurvePoint;
using evaluate::MeanAndSpread;

constexpr double kPart = 0.95;
constexpr const char* kRandom = "random";

using References = std::vector<std::pair<std::string, double>>;

/// By seed and round.
using CellTable = std::map<std::uint64_t, std::map<int, const StudyCell*>>;

CellTable cells_of(const StudyResults& results, const std::string& strategy) {
  CellTable table;
  for (const StudyCell& cell : results.cells) {
    if (cell.strategy == strategy) table[cell.seed][cell.round] = &cell;
  }
  return table;
}

std::optional<MeanAndSpread> spread_of(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return evaluate::mean_and_spread(values);
}

References references_of(const StudyResults& results) {
  if (results.references.empty()) {
    throw Error(
        Errc::kInvalidData, {}, "mDSQ: no model that was trained on everything is there yet");
  }
  References references;
  for (const std::string& task : results.tasks) {
    std::vector<double> values;
    for (const StudyCell& cell : results.references) {
      if (const auto value = cell.metric(task)) values.push_back(*value);
    }
    references.emplace_back(task, values.empty() ? 0 : evaluate::mean_and_spread(values).mean);
  }
  return references;
}

double share_of(const StudyCell& cell, std::size_t images) {
  return static_cast<double>(cell.images) / static_cast<double>(images);
}

std::vector<RoundScore> rounds_of(const CellTable& table, const References& references) {
  struct Values {
    std::size_t images = 0;
    std::vector<double> mdsq;
    std::vector<double> rare;
    std::vector<double> duplicates;
  };
  std::map<int, Values> values;
  for (const auto& [seed, rounds] : table) {
    for (const auto& [round, cell] : rounds) {
      Values& here = values[round];
      here.images = cell->images;
      here.mdsq.push_back(mdsq_of(*cell, references));
      if (!cell->pool) continue;
      here.rare.push_back(cell->pool->rare);
      here.duplicates.push_back(cell->pool->duplicates);
    }
  }
  std::vector<RoundScore> scores;
  scores.reserve(values.size());
  for (const auto& [round, here] : values) {
    scores.push_back({round,
                      here.images,
                      here.mdsq.size(),
                      evaluate::mean_and_spread(here.mdsq),
                      spread_of(here.rare),
                      spread_of(here.duplicates)});
  }
  return scores;
}

/// Curves by seed, of seeds that have all rounds.
std::map<std::uint64_t, std::vector<CurvePoint>> curves_of(const CellTable& table,
                                                           std::size_t rounds,
                                                           const StudyResults& results,
                                                           const References& references) {
  std::map<std::uint64_t, std::vector<CurvePoint>> curves;
  for (const auto& [seed, cells] : table) {
    if (cells.size() != rounds) continue;
    for (const auto& [round, cell] : cells) {
      curves[seed].push_back({share_of(*cell, results.images), mdsq_of(*cell, references)});
    }
  }
  return curves;
}

std::string plus_minus(const MeanAndSpread& value, double factor, std::size_t count) {
  const std::string mean = fmt::format("{:.1f}", factor * value.mean);
  return count < 2 ? mean : fmt::format("{} +- {:.1f}", mean, factor * value.deviation);
}

/// A Markdown table of one number a strategy and round.
template <typename Text>
std::string round_table(const StudySummary& summary, const Text& text) {
  std::map<int, std::size_t> rounds;
  for (const StrategySummary& one : summary.strategies) {
    for (const RoundScore& round : one.rounds) rounds[round.round] = round.images;
  }
  std::string out = "| labelled images |";
  std::string rule = "|---|";
  for (const auto& [round, images] : rounds) {
    out += fmt::format(" {} |", images);
    rule += "---|";
  }
  out += '\n' + rule + '\n';
  for (const StrategySummary& one : summary.strategies) {
    if (one.rounds.empty()) continue;
    out += fmt::format("| {} |", one.strategy);
    for (const auto& [round, images] : rounds) {
      const auto found = std::ranges::find(one.rounds, round, &RoundScore::round);
      out += found == one.rounds.end() ? " |" : fmt::format(" {} |", text(*found));
    }
    out += '\n';
  }
  return out;
}

std::string totals_table(const StudySummary& summary) {
  std::string out =
      "| strategy | whole seeds | labels to 95 %, share of the set | mean mDSQ | above random |\n"
      "|---|---|---|---|---|\n";
  for (const StrategySummary& one : summary.strategies) {
    if (one.whole_seeds == 0) continue;
    std::string labels =
        one.reached == 0 ? "not reached" : plus_minus(*one.labels95, 100, one.reached) + " %";
    if (one.reached > 0 && one.reached < one.whole_seeds) {
      labels += fmt::format(" ({} of {} seeds)", one.reached, one.whole_seeds);
    }
    out += fmt::format("| {} | {} | {} | {} | {} |\n",
                       one.strategy,
                       one.whole_seeds,
                       labels,
                       plus_minus(*one.mean_mdsq, 100, one.whole_seeds),
                       one.above_random && one.strategy != kRandom
                           ? plus_minus(*one.above_random, 100, one.compared_seeds)
                           : "");
  }
  return out;
}

void append_spread(std::string& out, const char* name, const std::optional<MeanAndSpread>& value) {
  if (!value) return;
  out += fmt::format(",\"{}\":{{\"mean\":", name);
  json::append_number(out, value->mean);
  out += ",\"deviation\":";
  json::append_number(out, value->deviation);
  out += '}';
}

std::string round_json(const RoundScore& round) {
  std::string out =
      fmt::format(R"({{"round":{},"images":{},"seeds":{})", round.round, round.images, round.seeds);
  append_spread(out, "mdsq", round.mdsq);
  append_spread(out, "rare", round.rare);
  append_spread(out, "duplicates", round.duplicates);
  return out + '}';
}

}  // namespace

double mdsq_of(const StudyCell& cell, const References& references) {
  std::vector<evaluate::TaskScore> tasks;
  for (const auto& [name, reference] : references) {
    const auto score = cell.metric(name);
    if (!score) {
      throw Error(Errc::kInvalidData,
                  {},
                  fmt::format("mDSQ: round {} of {}, seed {}, has no {}",
                              cell.round,
                              cell.strategy,
                              cell.seed,
                              name));
    }
    tasks.push_back({name, *score, reference});
  }
  return evaluate::mean_dsq(tasks);
}

StudySummary summarise(const StudyResults& results) {
  StudySummary summary;
  summary.references = references_of(results);
  std::set<int> rounds;
  for (const StudyCell& cell : results.cells) rounds.insert(cell.round);
  const auto random =
      curves_of(cells_of(results, kRandom), rounds.size(), results, summary.references);
  for (const std::string& strategy : results.strategies) {
    const CellTable table = cells_of(results, strategy);
    StrategySummary& one = summary.strategies.emplace_back();
    one.strategy = strategy;
    one.rounds = rounds_of(table, summary.references);
    std::vector<double> labels;
    std::vector<double> heights;
    std::vector<double> above;
    const auto curves = curves_of(table, rounds.size(), results, summary.references);
    for (const auto& [seed, curve] : curves) {
      heights.push_back(evaluate::mean_height(curve));
      if (const auto reached = evaluate::labels_to_reach(curve, kPart)) labels.push_back(*reached);
      const auto other = random.find(seed);
      if (other != random.end()) {
        above.push_back(heights.back() - evaluate::mean_height(other->second));
      }
    }
    one.whole_seeds = heights.size();
    one.reached = labels.size();
    one.labels95 = spread_of(labels);
    one.mean_mdsq = spread_of(heights);
    one.compared_seeds = above.size();
    one.above_random = spread_of(above);
  }
  return summary;
}

std::string curves_csv(const StudyResults& results, const StudySummary& summary) {
  std::vector<std::string> metrics;
  bool pool = false;
  for (const StudyCell& cell : results.cells) {
    pool = pool || cell.pool.has_value();
    for (const auto& [name, value] : cell.metrics) {
      if (std::ranges::find(metrics, name) == metrics.end()) metrics.push_back(name);
    }
  }
  std::string out = "strategy,seed,round,images";
  for (const std::string& name : metrics) out += ',' + csv_field(name);
  out += pool ? ",mDSQ,rare_labelled,duplicates_labelled\n" : ",mDSQ\n";
  const auto add = [&](const StudyCell& cell) {
    out += fmt::format("{},{},{},{}", csv_field(cell.strategy), cell.seed, cell.round, cell.images);
    for (const std::string& name : metrics) {
      out += ',';
      if (const auto value = cell.metric(name)) json::append_number(out, *value);
    }
    out += ',';
    json::append_number(out, mdsq_of(cell, summary.references));
    if (pool) {
      out += ',';
      if (cell.pool) json::append_number(out, cell.pool->rare);
      out += ',';
      if (cell.pool) json::append_number(out, cell.pool->duplicates);
    }
    out += '\n';
  };
  for (const StudyCell& cell : results.references) add(cell);
  for (const std::string& strategy : results.strategies) {
    for (const auto& [seed, rounds] : cells_of(results, strategy)) {
      for (const auto& [round, cell] : rounds) add(*cell);
    }
  }
  return out;
}

std::string curves_chart(const StudyResults& results, const StudySummary& summary) {
  CurveChart chart{
      "What is reached with how many labels", "labelled, % of the set", "mDSQ x 100", {}};
  for (const StrategySummary& one : summary.strategies) {
    Curve& curve = chart.curves.emplace_back();
    curve.name = one.strategy;
    for (const RoundScore& round : one.rounds) {
      curve.values.push_back(
          {100 * static_cast<double>(round.images) / static_cast<double>(results.images),
           100 * round.mdsq.mean,
           100 * round.mdsq.deviation});
    }
  }
  return curves_svg(chart);
}

std::string summary_markdown(const StudyResults& results, const StudySummary& summary) {
  std::string out = "# A study of selection\n\n";
  out += fmt::format("{} images. All labelled:", results.images);
  for (const auto& [name, value] : summary.references)
    out += fmt::format(" {} {:.4f},", name, value);
  out.back() = ' ';
  out += fmt::format("(mean over seeds: {} done).\n\n", results.references.size());
  out += "mDSQ x 100, mean and standard deviation over seeds:\n\n";
  out += round_table(summary, [](const RoundScore& r) { return plus_minus(r.mdsq, 100, r.seeds); });
  out += "\nOver the whole curve; \"above random\" is the difference of the same seeds:\n\n";
  out += totals_table(summary);
  const bool pool = std::ranges::any_of(
      results.cells, [](const StudyCell& cell) { return cell.pool.has_value(); });
  if (pool) {
    out += "\nObjects of the rare class that are labelled, %:\n\n";
    out += round_table(summary, [](const RoundScore& r) {
      return r.rare ? plus_minus(*r.rare, 100, r.seeds) : std::string();
    });
    out += "\nLabelled images that nearly repeat another labelled one, %:\n\n";
    out += round_table(summary, [](const RoundScore& r) {
      return r.duplicates ? plus_minus(*r.duplicates, 100, r.seeds) : std::string();
    });
  }
  return out;
}

std::string summary_json(const StudyResults& results, const StudySummary& summary) {
  std::string out = fmt::format("{{\"images\":{},\n\"references\":{{", results.images);
  for (const auto& [name, value] : summary.references) {
    if (out.back() != '{') out += ',';
    json::append_string(out, name);
    out += ':';
    json::append_number(out, value);
  }
  out += "},\n\"strategies\":[";
  for (const StrategySummary& one : summary.strategies) {
    out += out.back() == '[' ? "\n" : ",\n";
    out += "{\"strategy\":";
    json::append_string(out, one.strategy);
    out += fmt::format(R"(,"whole_seeds":{},"reached_95":{})", one.whole_seeds, one.reached);
    append_spread(out, "labels_95", one.labels95);
    append_spread(out, "mean_mdsq", one.mean_mdsq);
    append_spread(out, "above_random", one.above_random);
    out += ",\"rounds\":[";
    for (std::size_t i = 0; i < one.rounds.size(); ++i) {
      out += (i > 0 ? "," : "") + round_json(one.rounds[i]);
    }
    out += "]}";
  }
  return out + "\n]}\n";
}

}  // namespace labelloom::apps
