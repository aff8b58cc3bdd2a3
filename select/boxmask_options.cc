#include "select/boxmask_options.h"

#include <cmath>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::select {
namespace {

void require(bool condition, std::string_view option, double value, std::string_view expected) {
  if (condition) return;
  throw Error(Errc::kArgument,
              {.path = std::string(option)},
              fmt::format("expected {}, got {}", expected, value));
}

/// At least `low`; false for NaN and infinity.
bool at_least(double value, double low) { return std::isfinite(value) && value >= low; }

}  // namespace

BoxMaskOptions boxmask_preset(std::string_view name) {
  BoxMaskOptions options;
  if (name == "paper") return options;
  if (name == "robust") {
    options.combine.divergence = Divergence::kJensenShannon;
    options.combine.outside = Outside::kProbability;
    options.combine.combination = Combination::kRankMean;
    return options;
  }
  throw Error(
      Errc::kArgument, {}, fmt::format("unknown preset {}; known: paper, robust", quoted(name)));
}

CombineOptions combine_preset(std::string_view name) {
  if (name != "rank") return boxmask_preset(name).combine;
  CombineOptions options;
  options.combination = Combination::kRankMean;
  return options;
}

std::string options_text(const WindowOptions& window, const ScoringOptions& scoring) {
  // 1 was a window that stood for an empty BoxMask as a whole.
  const int domain = scoring.domain == Domain::kWindow ? 2 : 0;
  return fmt::format("window {} {} {} {} {} scoring {} {} {} {} {} {:d} {}",
                     window.margin,
                     window.min_size,
                     static_cast<int>(window.border),
                     window.crop_size,
                     window.max_zoom,
                     scoring.tau,
                     scoring.epsilon,
                     static_cast<int>(scoring.background),
                     domain,
                     static_cast<int>(scoring.grid),
                     scoring.jensen_shannon,
                     scoring.keypoint_dilation);
}

void validate(const BoxMaskOptions& options) {
  const WindowOptions& window = options.window;
  require(at_least(window.margin, 0) && window.margin <= 100, "margin", window.margin, "0 to 100");
  require(window.min_size >= 1, "min_size", window.min_size, "at least 1");
  require(window.alignment >= 1, "alignment", window.alignment, "at least 1");
  require(window.crop_size >= 0, "crop_size", window.crop_size, "0 or a number of pixels");
  require(at_least(window.max_zoom, 1), "max_zoom", window.max_zoom, "at least 1");

  const ScoringOptions& scoring = options.scoring;
  require(at_least(scoring.tau, 0) && scoring.tau < 1, "tau", scoring.tau, "0 to below 1");
  require(scoring.epsilon >= 1e-12 && scoring.epsilon <= 0.1,
          "epsilon",
          scoring.epsilon,
          "1e-12 to 0.1");
  require(scoring.keypoint_dilation >= 0 && scoring.keypoint_dilation <= 64,
          "keypoint_dilation",
          scoring.keypoint_dilation,
          "0 to 64");

  const CombineOptions& combine = options.combine;
  require(combine.log_base == 0 || (at_least(combine.log_base, 0) && combine.log_base > 1),
          "log_base",
          combine.log_base,
          "0 for nats or a number above 1");
  require(combine.top_boxes >= 1, "top_boxes", combine.top_boxes, "at least 1");
  require(at_least(combine.location_weight, 0),
          "location_weight",
          combine.location_weight,
          "0 or more");
  require(at_least(combine.class_weight, 0), "class_weight", combine.class_weight, "0 or more");
  require(at_least(combine.keypoint_weight, 0),
          "keypoint_weight",
          combine.keypoint_weight,
          "0 or more");
  require(at_least(combine.segmentation_weight, 0),
          "segmentation_weight",
          combine.segmentation_weight,
          "0 or more");
}

}  // namespace labelloom::select
