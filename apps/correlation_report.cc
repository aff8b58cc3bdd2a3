#include "apps/correlation_report.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

#include <fmt/format.h>

#include "apps/study_chart.h"
#include "formats/csv_field.h"
#include "formats/json_text.h"

namespace labelloom::apps {
namespace {

void append_value(std::string& out, std::optional<double> value) {
  out += ',';
  if (value && std::isfinite(*value)) json::append_number(out, *value);
}

std::string cell(const evaluate::RankCorrelation& value) {
  if (!value.rho) return "";
  if (!value.low) return fmt::format("{:.2f}", *value.rho);
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", *value.rho, *value.low, *value.high);
}

/// Ranks of the pairs that are finite on both sides.
std::vector<std::pair<double, double>> rank_pairs(const std::vector<double>& scores,
                                                  const std::vector<double>& losses) {
  std::vector<double> x;
  std::vector<double> y;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!std::isfinite(scores[i]) || !std::isfinite(losses[i])) continue;
    x.push_back(scores[i]);
    y.push_back(losses[i]);
  }
  const std::vector<double> rank_x = evaluate::average_ranks(x);
  const std::vector<double> rank_y = evaluate::average_ranks(y);
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t i = 0; i < x.size(); ++i) pairs.emplace_back(rank_x[i], rank_y[i]);
  return pairs;
}

}  // namespace

std::vector<NamedValues> with_sum(std::vector<NamedValues> losses,
                                  std::span<const double> weights) {
  std::vector<NamedValues> there;
  NamedValues all{"all", {}};
  for (std::size_t task = 0; task < losses.size(); ++task) {
    const std::vector<double>& values = losses[task].second;
    all.second.resize(values.size(), 0);
    if (std::ranges::all_of(values, [](double v) { return std::isnan(v); })) continue;
    for (std::size_t i = 0; i < values.size(); ++i) all.second[i] += weights[task] * values[i];
    there.push_back(std::move(losses[task]));
  }
  there.push_back(std::move(all));
  return there;
}

std::vector<CorrelationRow> correlations(const CorrelationInput& input,
                                         const evaluate::CorrelationOptions& options) {
  std::vector<CorrelationRow> rows;
  for (const auto& [name, values] : input.scores) {
    CorrelationRow& row = rows.emplace_back();
    row.score = name;
    for (const auto& [loss_name, losses] : input.losses) {
      row.losses.push_back(evaluate::rank_correlation(values, losses, options));
    }
  }
  return rows;
}

std::string correlation_csv(const CorrelationInput& input,
                            const std::vector<CorrelationRow>& rows) {
  std::string out = "score,loss,images,rho,low,high\n";
  for (const CorrelationRow& row : rows) {
    for (std::size_t i = 0; i < row.losses.size(); ++i) {
      const evaluate::RankCorrelation& value = row.losses[i];
      out += fmt::format(
          "{},{},{}", csv_field(row.score), csv_field(input.losses[i].first), value.pairs);
      append_value(out, value.rho);
      append_value(out, value.low);
      append_value(out, value.high);
      out += '\n';
    }
  }
  return out;
}

std::string image_csv(const CorrelationInput& input) {
  std::string out = "image";
  for (const auto& [name, values] : input.losses) out += ',' + csv_field("loss " + name);
  for (const auto& [name, values] : input.scores) out += ',' + csv_field(name);
  out += '\n';
  for (std::size_t i = 0; i < input.keys.size(); ++i) {
    out += csv_field(input.keys[i]);
    for (const auto& [name, values] : input.losses) append_value(out, values[i]);
    for (const auto& [name, values] : input.scores) append_value(out, values[i]);
    out += '\n';
  }
  return out;
}

std::string correlation_markdown(const CorrelationInput& input,
                                 const std::vector<CorrelationRow>& rows) {
  std::string out = fmt::format(
      "# Scores and true losses\n\nSpearman's rank correlation over {} images, with the "
      "bootstrap's "
      "95 % interval.\n\n| score |",
      input.keys.size());
  std::string rule = "|---|";
  for (const auto& [name, values] : input.losses) {
    out += fmt::format(" {} |", name);
    rule += "---|";
  }
  out += '\n' + rule + '\n';
  for (const CorrelationRow& row : rows) {
    out += fmt::format("| {} |", row.score);
    for (const evaluate::RankCorrelation& value : row.losses) {
      out += fmt::format(" {} |", cell(value));
    }
    out += '\n';
  }
  return out;
}

std::string correlation_chart(const CorrelationInput& input,
                              const std::vector<CorrelationRow>& rows) {
  ScatterSheet sheet{"Rank of the score (across) and of the true loss (up)", {}, {}, {}};
  for (const auto& [name, values] : input.losses) sheet.columns.push_back(name);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    sheet.rows.push_back(rows[r].score);
    std::vector<Scatter>& line = sheet.scatters.emplace_back();
    for (std::size_t i = 0; i < input.losses.size(); ++i) {
      const std::optional<double>& rho = rows[r].losses[i].rho;
      line.push_back({rho ? fmt::format("{:.2f}", *rho) : std::string("none"),
                      rank_pairs(input.scores[r].second, input.losses[i].second)});
    }
  }
  return scatters_svg(sheet);
}

}  // namespace labelloom::apps
