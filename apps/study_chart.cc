#include "apps/study_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "apps/line_chart.h"

namespace labelloom::apps {
namespace {

constexpr double kWidth = 640;
constexpr double kHeight = 400;
constexpr double kLeft = 60;
constexpr double kTop = 34;
constexpr double kBottom = 44;
constexpr double kLegend = 170;
constexpr double kLegendLine = 18;
constexpr std::size_t kMostBands = 6;

constexpr std::array<std::string_view, 12> kColours = {"#0b6bcb",
                                                       "#c2410c",
                                                       "#15803d",
                                                       "#7e22ce",
                                                       "#a16207",
                                                       "#be185d",
                                                       "#0e7490",
                                                       "#52525b",
                                                       "#4d7c0f",
                                                       "#1e3a8a",
                                                       "#b91c1c",
                                                       "#9d8189"};

constexpr std::string_view kStyle =
    "<style>text{font:12px system-ui,sans-serif;fill:#3b424c}.title{font-weight:600;fill:#1c2128}"
    ".end{text-anchor:end}.mid{text-anchor:middle}.grid{stroke:#d9dde3}"
    ".line{fill:none;stroke-width:2;stroke-linejoin:round}.band{opacity:.12}"
    ".frame{fill:none;stroke:#d9dde3}.dot{fill:#0b6bcb;opacity:.45}</style>";

std::string head(double width, double height, const std::string& title) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" "
      "role=\"img\" aria-label=\"{}\">{}<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
      "<text class=\"title\" x=\"12\" y=\"20\">{}</text>\n",
      width,
      height,
      width,
      height,
      html_text(title),
      kStyle,
      html_text(title));
}

struct Span {
  double low = 0;
  double high = 0;
  bool empty = true;

  void include(double value) {
    low = empty ? value : std::min(low, value);
    high = empty ? value : std::max(high, value);
    empty = false;
  }
  void widen(double share) {
    const double margin = high > low ? share * (high - low) : std::max(0.5, 0.1 * std::abs(high));
    low -= margin;
    high += margin;
  }
  [[nodiscard]] double share(double value) const { return (value - low) / (high - low); }
};

/// Round numbers in between: steps of 1, 2 or 5 times a power of ten.
std::vector<double> ticks(const Span& span) {
  const double rough = (span.high - span.low) / 6;
  const double decade = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * decade;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * decade >= rough) step = factor * decade;
  }
  std::vector<double> out;
  for (double i = std::ceil(span.low / step); i * step <= span.high + 1e-9 * step; ++i) {
    out.push_back(i * step + 0.0);  // no negative zero
  }
  return out;
}

class CurvePlot {
 public:
  explicit CurvePlot(const CurveChart& chart)
      : chart_(chart),
        height_(std::max(kHeight,
                         kTop + kBottom + kLegendLine * static_cast<double>(chart.curves.size()))) {
    for (const Curve& curve : chart.curves) {
      for (const CurveValue& value : curve.values) {
        x_.include(value.x);
        const double spread = has_bands() ? value.deviation : 0;
        y_.include(value.mean - spread);
        y_.include(value.mean + spread);
      }
    }
  }

  [[nodiscard]] std::string text() {
    out_ = head(kWidth + kLegend, height_, chart_.title);
    if (x_.empty) {
      return out_ + fmt::format("<text x=\"{}\" y=\"{}\">nothing was measured</text></svg>\n",
                                kLeft,
                                height_ / 2);
    }
    x_.widen(0.03);
    y_.widen(0.05);
    draw_axes();
    if (has_bands()) {
      for (std::size_t i = 0; i < chart_.curves.size(); ++i) draw_band(i);
    }
    for (std::size_t i = 0; i < chart_.curves.size(); ++i) draw_line(i);
    return out_ + "</svg>\n";
  }

 private:
  [[nodiscard]] double at_x(double x) const { return kLeft + x_.share(x) * (kWidth - kLeft - 10); }
  [[nodiscard]] double at_y(double y) const {
    return height_ - kBottom - y_.share(y) * (height_ - kTop - kBottom);
  }
  static std::string_view colour(std::size_t index) { return kColours[index % kColours.size()]; }
  /// Curves beyond the colours are dashed.
  static std::string dashes(std::size_t index) {
    const std::size_t round = index / kColours.size();
    if (round == 0) return {};
    return fmt::format(" stroke-dasharray=\"{} 3\"", round == 1 ? 6 : 2);
  }
  /// Many bands on top of each other show nothing.
  [[nodiscard]] bool has_bands() const { return chart_.curves.size() <= kMostBands; }

  void draw_axes() {
    const auto to = std::back_inserter(out_);
    for (const double tick : ticks(y_)) {
      fmt::format_to(to,
                     "<path class=\"grid\" d=\"M{} {:.1f}H{}\"/><text class=\"end\" x=\"{}\" "
                     "y=\"{:.1f}\">{}</text>\n",
                     kLeft,
                     at_y(tick),
                     kWidth - 10,
                     kLeft - 6,
                     at_y(tick) + 4,
                     short_number(tick));
    }
    for (const double tick : ticks(x_)) {
      fmt::format_to(to,
                     "<text class=\"mid\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                     at_x(tick),
                     height_ - kBottom + 17,
                     short_number(tick));
    }
    fmt::format_to(to,
                   "<text class=\"mid\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>"
                   "<text class=\"mid\" transform=\"translate(14 {:.1f}) rotate(-90)\">{}</text>\n",
                   (kLeft + kWidth - 10) / 2,
                   height_ - 8,
                   html_text(chart_.x_name),
                   (kTop + height_ - kBottom) / 2,
                   html_text(chart_.y_name));
  }

  void draw_band(std::size_t index) {
    const std::vector<CurveValue>& values = chart_.curves[index].values;
    const bool spread =
        std::ranges::any_of(values, [](const CurveValue& v) { return v.deviation > 0; });
    if (!spread) return;
    const auto to = std::back_inserter(out_);
    fmt::format_to(to, "<path class=\"band\" fill=\"{}\" d=\"", colour(index));
    char command = 'M';
    for (const CurveValue& v : values) {
      fmt::format_to(to, "{}{:.1f} {:.1f}", command, at_x(v.x), at_y(v.mean + v.deviation));
      command = 'L';
    }
    for (auto v = values.rbegin(); v != values.rend(); ++v) {
      fmt::format_to(to, "L{:.1f} {:.1f}", at_x(v->x), at_y(v->mean - v->deviation));
    }
    out_ += "Z\"/>\n";
  }

  void draw_line(std::size_t index) {
    const Curve& curve = chart_.curves[index];
    const auto to = std::back_inserter(out_);
    const double y = kTop + kLegendLine * (static_cast<double>(index) + 0.5);
    fmt::format_to(to,
                   "<path stroke=\"{0}\"{6} stroke-width=\"2\" d=\"M{1} {2:.1f}h16\"/>"
                   "<text x=\"{3}\" y=\"{4:.1f}\">{5}</text>\n",
                   colour(index),
                   kWidth + 4,
                   y,
                   kWidth + 26,
                   y + 4,
                   html_text(curve.name),
                   dashes(index));
    if (curve.values.empty()) return;
    fmt::format_to(to, "<path class=\"line\" stroke=\"{}\"{} d=\"", colour(index), dashes(index));
    char command = 'M';
    for (const CurveValue& v : curve.values) {
      fmt::format_to(to, "{}{:.1f} {:.1f}", command, at_x(v.x), at_y(v.mean));
      command = 'L';
    }
    fmt::format_to(to, "\"><title>{}</title></path>", html_text(curve.name));
    for (const CurveValue& v : curve.values) {
      fmt::format_to(to,
                     "<circle fill=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>{}: {} +- {} "
                     "at {}</title></circle>",
                     colour(index),
                     at_x(v.x),
                     at_y(v.mean),
                     html_text(curve.name),
                     short_number(v.mean),
                     short_number(v.deviation),
                     short_number(v.x));
    }
    out_ += '\n';
  }

  const CurveChart& chart_;
  double height_;
  Span x_;
  Span y_;
  std::string out_;
};

constexpr double kTile = 130;
constexpr double kTileStep = 150;
constexpr double kRowNames = 150;
constexpr double kColumnNames = 54;

void draw_scatter(const Scatter& scatter, double left, double top, std::string& out) {
  const auto to = std::back_inserter(out);
  fmt::format_to(to,
                 "<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                 left,
                 top,
                 kTile,
                 kTile);
  Span x;
  Span y;
  for (const auto& [px, py] : scatter.points) {
    if (!std::isfinite(px) || !std::isfinite(py)) continue;
    x.include(px);
    y.include(py);
  }
  if (!x.empty) {
    x.widen(0.05);
    y.widen(0.05);
  }
  for (const auto& [px, py] : scatter.points) {
    if (!std::isfinite(px) || !std::isfinite(py)) continue;
    fmt::format_to(to,
                   "<circle class=\"dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"1.6\"/>",
                   left + x.share(px) * kTile,
                   top + kTile - y.share(py) * kTile);
  }
  fmt::format_to(to,
                 "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                 left + 4,
                 top + 13,
                 html_text(scatter.title));
}

}  // namespace

std::string curves_svg(const CurveChart& chart) { return CurvePlot(chart).text(); }

std::string scatters_svg(const ScatterSheet& sheet) {
  const double width = kRowNames + kTileStep * static_cast<double>(sheet.columns.size()) + 10;
  const double height = kColumnNames + kTileStep * static_cast<double>(sheet.rows.size()) + 10;
  std::string out = head(width, height, sheet.title);
  const auto to = std::back_inserter(out);
  for (std::size_t c = 0; c < sheet.columns.size(); ++c) {
    fmt::format_to(to,
                   "<text class=\"mid\" x=\"{:.1f}\" y=\"{}\">{}</text>\n",
                   kRowNames + kTileStep * static_cast<double>(c) + kTile / 2,
                   kColumnNames - 8,
                   html_text(sheet.columns[c]));
  }
  for (std::size_t r = 0; r < sheet.scatters.size(); ++r) {
    const double top = kColumnNames + kTileStep * static_cast<double>(r);
    fmt::format_to(to,
                   "<text class=\"end\" x=\"{}\" y=\"{:.1f}\">{}</text>\n",
                   kRowNames - 8,
                   top + kTile / 2,
                   html_text(sheet.rows[r]));
    for (std::size_t c = 0; c < sheet.scatters[r].size(); ++c) {
      draw_scatter(sheet.scatters[r][c], kRowNames + kTileStep * static_cast<double>(c), top, out);
    }
  }
  return out + "</svg>\n";
}

}  // namespace labelloom::apps
