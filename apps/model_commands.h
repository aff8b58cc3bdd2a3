#pragma once

#include <CLI/CLI.hpp>

namespace labelloom::apps {

// Subcommands about models.

void add_check_model(CLI::App& app);
void add_score(CLI::App& app);

}  // namespace labelloom::apps
