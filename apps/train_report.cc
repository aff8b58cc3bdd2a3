#include "apps/train_report.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "apps/line_chart.h"
#include "embedded/train_report_css.h"
#include "embedded/train_report_html.h"
#include "formats/file_io.h"
#include "model/train_options.h"

namespace labelloom::apps {
namespace {

/// Empty when the run has no such column.
ChartSeries series_of(const model::Curves& curves, const std::string& name) {
  ChartSeries series{.name = name, .points = {}};
  const auto found = std::find(curves.columns.begin(), curves.columns.end(), name);
  if (found == curves.columns.end() || curves.rows.empty()) return series;
  const auto column = static_cast<std::size_t>(found - curves.columns.begin());
  const std::size_t step = curves.column(model::kStepColumn);
  for (const auto& row : curves.rows) {
    if (row[step] && row[column]) series.points.emplace_back(*row[step], *row[column]);
  }
  return series;
}

std::string figure(const LineChart& chart) {
  std::string caption = fmt::format("<b>{}</b>", html_text(chart.title));
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const ChartSeries& series = chart.series[i];
    if (series.points.empty()) continue;
    caption += fmt::format("<i class=\"key key{}\">{}{}</i>",
                           i,
                           chart.series.size() > 1 ? html_text(series.name) + " " : "",
                           short_number(series.points.back().second));
  }
  return fmt::format("<figure><figcaption>{}</figcaption>{}</figure>\n", caption, svg(chart));
}

std::string charts(const TrainReport& report) {
  const model::Curves& curves = report.curves;
  const auto single = [&](const char* title, const char* column) {
    return LineChart{.title = title, .x_name = "step", .series = {series_of(curves, column)}};
  };
  std::string out;
  LineChart metrics{.title = "Validation", .x_name = "step", .series = {}, .from_zero = true};
  for (const std::string& name : report.metrics) metrics.series.push_back(series_of(curves, name));
  if (!metrics.series.empty()) out += figure(metrics);
  constexpr std::array<const char*, model::kLossNames.size()> kTitles = {
      "Loss",
      "Loss of boxes",
      "Loss of segmentation",
      "Loss of key points",
      "Loss of predicted losses"};
  for (std::size_t i = 0; i < kTitles.size(); ++i) {
    LineChart chart = single(kTitles[i], model::kLossNames[i]);
    const auto& points = chart.series[0].points;
    // A head the network does not have.
    if (std::all_of(points.begin(), points.end(), [](auto& p) { return p.second == 0; })) continue;
    const auto [low, high] = std::minmax_element(
        points.begin(), points.end(), [](auto& p, auto& q) { return p.second < q.second; });
    constexpr double kWorthALogarithm = 5;
    chart.logarithmic =
        !points.empty() && low->second > 0 && high->second > kWorthALogarithm * low->second;
    chart.from_zero = !chart.logarithmic;
    out += figure(chart);
  }
  out += figure(single("Learning rate", "learning_rate"));
  LineChart rate = single("Images a second", "images_per_second");
  rate.from_zero = true;
  return out + figure(rate);
}

std::string results(const TrainReport& report) {
  if (report.results.empty()) return {};
  std::string out = "<ul class=\"results\">";
  for (const auto& [name, value] : report.results) {
    out += fmt::format("<li><b>{}</b><span>{}</span></li>", html_text(value), html_text(name));
  }
  return out + "</ul>";
}

std::string facts(const TrainReport& report) {
  if (report.facts.empty()) return {};
  std::string out = "<section><h2>Settings</h2><table>";
  for (const auto& [name, value] : report.facts) {
    out += fmt::format("<tr><th>{}</th><td>{}</td></tr>", html_text(name), html_text(value));
  }
  return out + "</table></section>";
}

std::string examples(const TrainReport& report) {
  if (report.examples.empty()) return {};
  std::string out =
      "<section><h2>Labels (left) and predictions (right)</h2><div class=\"examples\">";
  for (const ReportExample& example : report.examples) {
    out += fmt::format(
        "<figure><img src=\"{}\" alt=\"\" loading=\"lazy\"><figcaption>{}</figcaption></figure>\n",
        html_text(example.picture),
        html_text(example.caption));
  }
  return out + "</div></section>";
}

}  // namespace

std::string train_report_html(const TrainReport& report) {
  const std::pair<std::string_view, std::string> parts[] = {
      {"title", html_text(report.title)},
      {"style", std::string(embedded::train_report_css())},
      {"results", results(report)},
      {"charts", charts(report)},
      {"examples", examples(report)},
      {"facts", facts(report)},
  };
  // One pass: what was put in is never looked at again.
  std::string_view page = embedded::train_report_html();
  std::string out;
  while (true) {
    const std::size_t open = page.find("{{");
    out += page.substr(0, open);
    if (open == std::string_view::npos) return out;
    page.remove_prefix(open + 2);
    const std::size_t close = page.find("}}");
    const std::string_view name = page.substr(0, close);
    const auto* found = std::find_if(
        std::begin(parts), std::end(parts), [&](const auto& part) { return part.first == name; });
    if (found != std::end(parts)) out += found->second;
    page.remove_prefix(close + 2);
  }
}

void write_train_report(const TrainReport& report, const std::filesystem::path& file) {
  write_file(file, train_report_html(report));
}

std::string jpeg_url(std::span<const unsigned char> jpeg) {
  // Base 64, RFC 4648 section 4.
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = "data:image/jpeg;base64,";
  out.reserve(out.size() + jpeg.size() / 3 * 4 + 4);
  for (std::size_t i = 0; i < jpeg.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = (bits << 8U) | (i + j < jpeg.size() ? jpeg[i + j] : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool there = i + j <= jpeg.size();
      out += there ? kDigits[(bits >> (18U - 6U * j)) & 63U] : '=';
    }
  }
  return out;
}

}  // namespace labelloom::apps
