#pragma once

#include <CLI/CLI.hpp>

namespace labelloom::apps {

// Subcommands that study selection on sets whose labels are known.

void add_simulate(CLI::App& app);
void add_correlate(CLI::App& app);
void add_threshold(CLI::App& app);

}  // namespace labelloom::apps
