#include "apps/line_chart.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "formats/json_text.h"

namespace labelloom::apps {
namespace {

// Of the drawing, in its own units.
constexpr double kWidth = 460;
constexpr double kHeight = 250;
constexpr double kLeft = 54;
constexpr double kRight = 20;  // half a label of the x axis
constexpr double kTop = 12;
constexpr double kBottom = 34;
constexpr std::size_t kMostPoints = 400;
// What is beyond is no measurement, and its differences could not be told.
constexpr double kLargest = 1e12;
constexpr double kSmallestLogarithmic = 1e-12;

using Points = std::vector<std::pair<double, double>>;

Points drawable(const Points& points, bool logarithmic) {
  Points kept;
  std::copy_if(points.begin(), points.end(), std::back_inserter(kept), [&](const auto& point) {
    // Not-a-number fails every comparison.
    return std::abs(point.first) <= kLargest && std::abs(point.second) <= kLargest &&
           (!logarithmic || point.second >= kSmallestLogarithmic);
  });
  if (kept.size() <= kMostPoints) return kept;
  Points means;
  const std::size_t group = (kept.size() + kMostPoints - 1) / kMostPoints;
  for (std::size_t first = 0; first < kept.size(); first += group) {
    const std::size_t end = std::min(first + group, kept.size());
    double y = 0;
    for (std::size_t i = first; i < end; ++i) y += kept[i].second;
    means.emplace_back(kept[end - 1].first, y / static_cast<double>(end - first));
  }
  return means;
}

/// Values of an axis and how they become places on it.
struct Axis {
  double low = 0;
  double high = 1;
  bool logarithmic = false;

  [[nodiscard]] double share(double value) const {
    if (logarithmic) return std::log(value / low) / std::log(high / low);
    return (value - low) / (high - low);
  }

  /// Round numbers between low and high: 1, 2 or 5 times a power of ten.
  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> out;
    if (logarithmic) {
      const double decades = std::log10(high / low);
      const bool few = decades > 2;  // powers of ten alone
      const double factor_between = std::pow(10, std::max(1.0, std::ceil(decades / 6)));
      for (double decade = std::pow(10, std::floor(std::log10(low))); decade <= high;
           decade *= factor_between) {
        for (const double factor : {1.0, 2.0, 5.0}) {
          const double value = decade * factor;
          if ((factor < 2 || !few) && value >= low && value <= high) out.push_back(value);
        }
      }
      return out;
    }
    const double rough = (high - low) / 5;
    const double decade = std::pow(10, std::floor(std::log10(rough)));
    double step = 10 * decade;
    for (const double factor : {5.0, 2.0, 1.0}) {
      if (factor * decade >= rough) step = factor * decade;
    }
    for (double i = std::ceil(low / step); i * step <= high + 1e-9 * step; ++i) {
      out.push_back(i * step);
    }
    return out;
  }
};

void include(Axis& axis, double value, bool& first) {
  axis.low = first ? value : std::min(axis.low, value);
  axis.high = first ? value : std::max(axis.high, value);
  first = false;
}

/// Room above and below; never of no length.
void widen(Axis& axis) {
  if (axis.logarithmic) {
    axis.low /= 1.1;
    axis.high *= 1.1;
    return;
  }
  double margin = 0.05 * (axis.high - axis.low);
  if (margin <= 0) margin = axis.high != 0 ? 0.1 * std::abs(axis.high) : 1;
  if (axis.low != 0) axis.low -= margin;
  axis.high += margin;
}

}  // namespace

std::string short_number(double value) {
  if (!std::isfinite(value)) return "-";
  return fmt::format("{:.4g}", value);
}

std::string html_text(std::string_view text) {
  std::string out;
  const bool utf8 = json::is_utf8(text);
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += utf8 || static_cast<unsigned char>(c) < 0x80 ? c : '?';
    }
  }
  return out;
}

std::string svg(const LineChart& chart) {
  Axis x;
  Axis y;
  y.logarithmic = chart.logarithmic;
  bool no_x = true;
  bool no_y = true;
  std::vector<Points> lines;
  for (const ChartSeries& series : chart.series) {
    lines.push_back(drawable(series.points, chart.logarithmic));
    for (const auto& [px, py] : lines.back()) {
      include(x, px, no_x);
      include(y, py, no_y);
    }
  }
  std::string out = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
                                kWidth,
                                kHeight,
                                html_text(chart.title));
  if (no_x) {
    return out +
           fmt::format("<text class=\"none\" x=\"{}\" y=\"{}\">nothing was measured</text>",
                       kWidth / 2,
                       kHeight / 2) +
           "</svg>";
  }
  if (chart.from_zero && !chart.logarithmic) include(y, 0, no_y);
  if (x.high <= x.low) x.low = x.high - 1;
  widen(y);
  const auto at_x = [&](double v) { return kLeft + x.share(v) * (kWidth - kLeft - kRight); };
  const auto at_y = [&](double v) {
    return kHeight - kBottom - y.share(v) * (kHeight - kTop - kBottom);
  };
  auto to = std::back_inserter(out);
  for (const double tick : y.ticks()) {
    fmt::format_to(to,
                   "<path class=\"grid\" d=\"M{} {:.1f}H{}\"/><text class=\"y\" x=\"{}\" "
                   "y=\"{:.1f}\">{}</text>",
                   kLeft,
                   at_y(tick),
                   kWidth - kRight,
                   kLeft - 6,
                   at_y(tick) + 4,
                   short_number(tick));
  }
  for (const double tick : x.ticks()) {
    if (std::abs(tick - std::round(tick)) > 1e-6) continue;  // steps are whole numbers
    fmt::format_to(to,
                   "<text class=\"x\" x=\"{:.1f}\" y=\"{}\">{:.0f}</text>",
                   at_x(tick),
                   kHeight - kBottom + 15,
                   tick);
  }
  fmt::format_to(to,
                 "<text class=\"x name\" x=\"{}\" y=\"{}\">{}</text>",
                 (kLeft + kWidth - kRight) / 2,
                 kHeight - 4,
                 html_text(chart.x_name));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    fmt::format_to(to, "<path class=\"line line{}\" d=\"", i);
    char command = 'M';
    for (const auto& [px, py] : lines[i]) {
      fmt::format_to(to, "{}{:.1f} {:.1f}", command, at_x(px), at_y(py));
      command = 'L';
    }
    const auto& [last_x, last_y] = lines[i].back();
    fmt::format_to(to,
                   "\"><title>{}</title></path><circle class=\"line{}\" cx=\"{:.1f}\" "
                   "cy=\"{:.1f}\" r=\"3\"><title>{}: {} at {:.0f}</title></circle>",
                   html_text(chart.series[i].name),
                   i,
                   at_x(last_x),
                   at_y(last_y),
                   html_text(chart.series[i].name),
                   short_number(last_y),
                   last_x);
  }
  return out + "</svg>";
}

}  // namespace labelloom::apps
