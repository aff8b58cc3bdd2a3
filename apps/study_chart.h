#pragma once

// Charts as SVG files that stand by themselves.

#include <string>
#include <utility>
#include <vector>

namespace labelloom::apps {

struct CurveValue {
  double x = 0;
  double mean = 0;
  double deviation = 0;
};

/// A line, and a band of one standard deviation on each side of it.
struct Curve {
  std::string name;
  std::vector<CurveValue> values;  ///< by ascending x
};

struct CurveChart {
  std::string title;
  std::string x_name;
  std::string y_name;
  std::vector<Curve> curves;
};

/// With a legend in the order of the curves. Without values it says so.
[[nodiscard]] std::string curves_svg(const CurveChart& chart);

struct Scatter {
  std::string title;
  std::vector<std::pair<double, double>> points;
};

struct ScatterSheet {
  std::string title;
  std::vector<std::string> columns;            ///< names over the columns
  std::vector<std::string> rows;               ///< names beside the rows
  std::vector<std::vector<Scatter>> scatters;  ///< [rows][columns]
};

/// Small charts in rows and columns, each on axes of its own from the least to the greatest value.
[[nodiscard]] std::string scatters_svg(const ScatterSheet& sheet);

}  // namespace labelloom::apps
