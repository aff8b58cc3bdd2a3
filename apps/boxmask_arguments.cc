#include "apps/boxmask_arguments.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "apps/number_checks.h"

namespace labelloom::apps {
namespace {

/// An option with names for its values; the first is what it is if nothing is said.
template <typename Enum>
void add_choice(CLI::App& app,
                const std::string& name,
                Enum& value,
                const std::vector<std::pair<std::string, Enum>>& choices,
                const std::string& help) {
  std::vector<std::string> names;
  std::string type;
  for (const auto& [choice, _] : choices) {
    names.push_back(choice);
    type.append(type.empty() ? "" : "|").append(choice);
  }
  const std::map<std::string, Enum> value_of(choices.begin(), choices.end());
  app.add_option_function<std::string>(
         name, [&value, value_of](const std::string& choice) { value = value_of.at(choice); }, help)
      ->check(CLI::IsMember(names))
      ->type_name(type)
      ->default_str(names.front());
}

}  // namespace

void add_tau_argument(CLI::App& app, select::BoxMaskOptions& options) {
  app.add_option("--tau", options.scoring.tau, "A cell is in the BoxMask above this probability")
      ->check(in_range_below(0, 1))
      ->type_name("P")
      ->capture_default_str();
}

void add_boxmask_arguments(CLI::App& app, select::BoxMaskOptions& options) {
  app.add_option("--margin", options.window.margin, "Of windows, in box sizes on each side")
      ->check(in_range(0, 100))
      ->type_name("SHARE")
      ->capture_default_str();
  app.add_option("--min-window", options.window.min_size, "Least side of a window in pixels")
      ->check(CLI::Range(1, 65536))
      ->type_name("PX")
      ->capture_default_str();
  app.add_option(
         "--crop-size", options.window.crop_size, "Stretch every window to a square of this side")
      ->check(CLI::Range(1, 65536))
      ->type_name("PX");
  app.add_option("--max-zoom", options.window.max_zoom, "Enlarge small windows up to this factor")
      ->check(in_range(1, 64))
      ->type_name("FACTOR")
      ->capture_default_str();
  add_choice<select::WindowBorder>(app,
                                   "--border",
                                   options.window.border,
                                   {{"shift", select::WindowBorder::kShift},
                                    {"clip", select::WindowBorder::kClip},
                                    {"pad", select::WindowBorder::kPad}},
                                   "What windows do at the picture's border");
  add_choice<select::Domain>(app,
                             "--bm-domain",
                             options.scoring.domain,
                             {{"box", select::Domain::kBox}, {"window", select::Domain::kWindow}},
                             "Cells a BoxMask may have");
  add_choice<select::Grid>(app,
                           "--grid",
                           options.scoring.grid,
                           {{"logits", select::Grid::kLogits}, {"pixels", select::Grid::kPixels}},
                           "What sums run over");
  app.add_option("--epsilon",
                 options.scoring.epsilon,
                 "Probability of a class the detector says nothing about")
      ->type_name("P")
      ->capture_default_str();
}

}  // namespace labelloom::apps
