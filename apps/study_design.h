#pragma once

// The protocol of a study of selection: who is labelled when, as far as that does not depend on a
// model.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace labelloom::apps {

/// Shares of the whole set: `start` is labelled before round 0, `step` more before every next one.
/// The defaults are BoxMask's.
struct StudyDesign {
  double start = 0.4;
  double step = 0.1;
  int rounds = 6;  ///< after round 0
};

/// How many of `images` are labelled in rounds 0, 1, ... `rounds`; shares are rounded.
/// @throws Error(kArgument) if shares are not in (0, 1], more than the whole set is asked for, or a
/// round would add nothing.
[[nodiscard]] std::vector<std::size_t> labelled_counts(const StudyDesign& design,
                                                       std::size_t images);

/// `count` of the keys at random, as indexes in ascending order: which they are depends on the keys
/// and the seed, not on the keys' order. @throws Error(kArgument) for more than there are.
[[nodiscard]] std::vector<std::size_t> random_start(std::span<const std::string> keys,
                                                    std::size_t count,
                                                    std::uint64_t seed);

/// A strategy and how BoxMask's terms become one number: "boxmask", "boxmask:robust".
struct StudyStrategy {
  std::string name;     ///< of select/strategy.h
  std::string combine;  ///< see select::combine_preset
  std::string label;    ///< as it was given

  friend bool operator==(const StudyStrategy&, const StudyStrategy&) = default;
};

/// @throws Error(kArgument) for an unknown strategy, an unknown way to combine, or one for a
/// strategy that does not know BoxMask's terms.
[[nodiscard]] StudyStrategy parse_study_strategy(const std::string& text);

/// The strategies of a study that has a name: "ablation" (BoxMask's terms alone and together, Table
/// 1 of its paper) or "ll4al" (predicted losses of one task, the other, in turn and both, Fig. 7).
/// @throws Error(kArgument) for another name.
[[nodiscard]] std::vector<std::string> named_study(const std::string& name);

}  // namespace labelloom::apps
