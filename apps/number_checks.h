#pragma once

// What numbers on the command line may be. CLI11's own checks compare alone, which "nan" passes.

#include <CLI/CLI.hpp>

namespace labelloom::apps {

/// least <= x <= most.
[[nodiscard]] CLI::Validator in_range(double least, double most);
/// least <= x < most.
[[nodiscard]] CLI::Validator in_range_below(double least, double most);
/// x >= 0. Unsigned options need it, too: "-1" would be their greatest number.
[[nodiscard]] CLI::Validator not_negative();
/// x > 0.
[[nodiscard]] CLI::Validator positive();

}  // namespace labelloom::apps
