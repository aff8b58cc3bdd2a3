#pragma once

#include <CLI/CLI.hpp>

namespace labelloom::apps {

// Subcommands that read COCO files and count, check, divide, join or measure them.

void add_validate(CLI::App& app);
void add_stats(CLI::App& app);
void add_split(CLI::App& app);
void add_merge(CLI::App& app);
void add_measure(CLI::App& app);

}  // namespace labelloom::apps
