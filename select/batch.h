#pragma once

// Which images to label next, of an order: rules that batches people label have to obey.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "select/strategy.h"

namespace labelloom::select {

/// How much may be taken.
struct Budget {
  enum class Unit : std::uint8_t { kImages, kObjects };
  Unit unit = Unit::kImages;
  std::size_t amount = 100;
};

/// "100", "100images" or "500objects". @throws Error(kArgument)
[[nodiscard]] Budget parse_budget(const std::string& text);

/// At least `images` images in which the class is predicted.
struct Quota {
  int class_index = 0;
  std::size_t images = 0;
};

/// "bolt=20". @throws Error(kArgument) for a class that is not there.
[[nodiscard]] Quota parse_quota(const std::string& text, const std::vector<ScoreClass>& classes);

struct BatchOptions {
  Budget budget;
  /// The best `diverse_among` x budget images, and of these the ones least alike: k-centre over
  /// embeddings, seeded with what is labelled.
  bool diverse = false;
  double diverse_among = 5;
  bool one_per_source = false;
  std::vector<Quota> quotas = {};
  /// Least distance of the numbers in two names of one sequence; 0: none. Names of a sequence
  /// differ in their last number only; an image made from another has that one's name. What is
  /// labelled counts, too, whether it is in the scores or not.
  std::uint64_t min_gap = 0;
};

struct Chosen {
  std::size_t image = 0;  ///< in the table
  bool for_quota = false;
  std::string reason;
};

struct Batch {
  /// The first to be labelled first: by the ranking, or in the order of picking if there is
  /// k-centre.
  std::vector<Chosen> images;
  std::size_t labelled = 0;     ///< left out, as they are labelled
  std::size_t unreadable = 0;   ///< left out, as they cannot be read
  std::size_t same_source = 0;  ///< left out by one_per_source
  std::size_t too_near = 0;     ///< left out by min_gap
  std::size_t objects = 0;      ///< predicted in what was chosen
  bool pool_used_up = false;    ///< the budget is larger than what is left of the pool
  std::optional<float> radius;  ///< of the k-centre
  std::vector<std::string> warnings;
};

/// Takes the first of the order that obey all rules. Quotas come first: the best of a class, till
/// there are enough; then the best of all. An image costs as many objects as are predicted in it,
/// one at least; one that does not fit into what is left of the budget is passed over.
/// @throws Error(kInvalidData) if `diverse` is wanted and there are no embeddings.
[[nodiscard]] Batch build_batch(const PoolTable& table,
                                const Ranking& ranking,
                                const BatchOptions& options);

/// The name's source_stem() without its last number, and that number; nothing if there is none.
struct FrameName {
  std::string sequence;
  std::uint64_t number = 0;
};
[[nodiscard]] std::optional<FrameName> frame_of(std::string_view name);

}  // namespace labelloom::select
