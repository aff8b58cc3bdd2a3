#include "apps/combine_flags.h"

#include <fmt/format.h>

namespace labelloom::apps {

void add_combine_flags(CLI::App& app, CombineFlags& flags) {
  app.add_option("--combine",
                 flags.preset,
                 "How BoxMask's terms become one score; `score --preset` if not given")
      ->check(CLI::IsMember({"paper", "robust", "rank"}))
      ->type_name("paper|robust|rank");
  app.add_option("--log-base", flags.log_base, "Of the divergence in S_cls; nats if not given")
      ->type_name("N");
  app.add_option("--no-det",
                 flags.no_detections,
                 "Images without detections: by S_seg alone (zero), or before all others (top)")
      ->check(CLI::IsMember({"zero", "top"}))
      ->type_name("zero|top");
  app.add_option("--empty-mask",
                 flags.empty_mask,
                 "Boxes whose BoxMask is empty: the whole box, no term, or the greatest")
      ->check(CLI::IsMember({"box", "skip", "max"}))
      ->type_name("box|skip|max");
  app.add_option(
         "--aggregate", flags.aggregation, "Over an image's boxes; top: mean of the greatest")
      ->check(CLI::IsMember({"max", "mean", "sum", "top"}))
      ->type_name("max|mean|sum|top");
  app.add_option("--top-boxes", flags.top_boxes, "Of --aggregate top (3)")->type_name("N");
}

select::CombineOptions combine_options(const CombineFlags& flags) {
  select::BoxMaskOptions all;
  select::CombineOptions& combine = all.combine;
  combine = select::combine_preset(flags.preset);
  if (flags.log_base) combine.log_base = *flags.log_base;
  if (flags.no_detections == "zero") combine.no_detections = select::NoDetections::kZero;
  if (flags.no_detections == "top") combine.no_detections = select::NoDetections::kTop;
  if (flags.empty_mask == "box") combine.empty_mask = select::EmptyMask::kWholeBox;
  if (flags.empty_mask == "skip") combine.empty_mask = select::EmptyMask::kSkip;
  if (flags.empty_mask == "max") combine.empty_mask = select::EmptyMask::kMaximum;
  if (flags.aggregation == "max") combine.aggregation = select::Aggregation::kMaximum;
  if (flags.aggregation == "mean") combine.aggregation = select::Aggregation::kMean;
  if (flags.aggregation == "sum") combine.aggregation = select::Aggregation::kSum;
  if (flags.aggregation == "top") combine.aggregation = select::Aggregation::kTopMean;
  if (flags.top_boxes) combine.top_boxes = *flags.top_boxes;
  select::validate(all);
  return combine;
}

std::string description(const CombineFlags& flags) {
  std::string text = flags.preset;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += fmt::format(", {}: {}", name, value);
  };
  add("log base", flags.log_base ? fmt::format("{}", *flags.log_base) : "");
  add("no detections", flags.no_detections);
  add("empty masks", flags.empty_mask);
  add("boxes", flags.aggregation);
  add("of these", flags.top_boxes ? fmt::format("{}", *flags.top_boxes) : "");
  return text;
}

}  // namespace labelloom::apps
