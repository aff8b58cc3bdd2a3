#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace labelloom::apps {

/// A line of a chart, by rising x. Points that are not finite or beyond 1e12 are left out.
struct ChartSeries {
  std::string name;
  std::vector<std::pair<double, double>> points;
};

struct LineChart {
  std::string title;
  std::string x_name;
  std::vector<ChartSeries> series;
  bool logarithmic = false;  ///< of y; points at 0 and below are left out
  bool from_zero = false;    ///< the y axis begins at 0
};

/// The chart as an SVG element that can stand inside a page; lines have the classes line0, line1,
/// ..., which the page colours. Long lines are drawn with the means of neighbouring points. A chart
/// without points says so.
[[nodiscard]] std::string svg(const LineChart& chart);

/// Text that can stand in HTML, also in an attribute's quotes. Bytes that are not UTF-8 are
/// replaced.
[[nodiscard]] std::string html_text(std::string_view text);

/// A number for people: four digits.
[[nodiscard]] std::string short_number(double value);

}  // namespace labelloom::apps
