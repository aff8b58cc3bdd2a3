#pragma once

#include <CLI/CLI.hpp>

namespace labelloom::apps {

/// `labelloom view`: pictures with their annotations and a gallery page to look through.
void add_view(CLI::App& app);

}  // namespace labelloom::apps
