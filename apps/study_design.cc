#include "apps/study_design.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include <fmt/format.h>

#include "formats/error.h"
#include "select/boxmask_options.h"
#include "select/score_row.h"
#include "select/strategy.h"

namespace labelloom::apps {
namespace {

[[noreturn]] void refuse(const std::string& message) { throw Error(Errc::kArgument, {}, message); }

void check_share(const char* option, double share) {
  if (share > 0 && share <= 1) return;
  refuse(fmt::format("{} {}: expected a share of the set in (0, 1]", option, share));
}

}  // namespace

std::vector<std::size_t> labelled_counts(const StudyDesign& design, std::size_t images) {
  check_share("--start", design.start);
  check_share("--step", design.step);
  if (design.rounds < 0) refuse(fmt::format("--rounds {}: expected 0 or more", design.rounds));
  std::vector<std::size_t> counts;
  for (int round = 0; round <= design.rounds; ++round) {
    const double share = design.start + round * design.step;
    if (share > 1 + 1e-9) {
      refuse(fmt::format("--start {} and {} rounds of --step {} are more than the whole set",
                         design.start,
                         design.rounds,
                         design.step));
    }
    const double count = std::round(share * static_cast<double>(images));
    counts.push_back(std::min(images, static_cast<std::size_t>(count)));
    const std::size_t before = round == 0 ? 0 : counts[counts.size() - 2];
    if (counts.back() <= before) {
      refuse(fmt::format("of {} images, round {} would label none", images, round));
    }
  }
  return counts;
}

std::vector<std::size_t> random_start(std::span<const std::string> keys,
                                      std::size_t count,
                                      std::uint64_t seed) {
  if (count > keys.size()) {
    refuse(fmt::format("{} images cannot be chosen of {}", count, keys.size()));
  }
  // Not the draw that the strategy "random" makes of the same seed.
  constexpr std::uint64_t kPurpose = 0x5741525430000000U;
  std::vector<std::uint64_t> draws;
  for (const std::string& key : keys) draws.push_back(select::hash64(key, seed ^ kPurpose));
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return draws[a] != draws[b] ? draws[a] < draws[b] : keys[a] < keys[b];
  });
  order.resize(count);
  std::ranges::sort(order);
  return order;
}

StudyStrategy parse_study_strategy(const std::string& text) {
  const std::size_t colon = text.find(':');
  StudyStrategy strategy{text.substr(0, colon), "paper", text};
  const auto found =
      std::ranges::find(select::strategies(), strategy.name, &select::Strategy::name);
  if (found == select::strategies().end()) {
    std::string known;
    for (const select::Strategy& one : select::strategies()) {
      known += fmt::format("{}{}", known.empty() ? "" : ", ", one.name);
    }
    refuse(fmt::format("unknown strategy {}; known: {}", labelloom::quoted(strategy.name), known));
  }
  if (colon == std::string::npos) return strategy;
  strategy.combine = text.substr(colon + 1);
  if (found->terms.empty()) {
    refuse(fmt::format("strategy {}: only strategies of BoxMask's terms can be combined otherwise",
                       labelloom::quoted(text)));
  }
  if (std::ranges::find(select::kCombinePresets, strategy.combine) ==
      select::kCombinePresets.end()) {
    refuse(fmt::format("strategy {}: expected paper, robust or rank after the colon",
                       labelloom::quoted(text)));
  }
  return strategy;
}

std::vector<std::string> named_study(const std::string& name) {
  if (name == "ablation") {
    return {"random",
            "boxmask-loc",
            "boxmask-cls",
            "boxmask-seg",
            "boxmask-loc+cls",
            "boxmask-cls+seg",
            "boxmask-loc+seg",
            "boxmask"};
  }
  if (name == "ll4al") return {"random", "ll4al-det", "ll4al-seg", "ll4al-turns", "ll4al"};
  refuse(fmt::format("unknown study {}; known: ablation, ll4al", labelloom::quoted(name)));
}

}  // namespace labelloom::apps
