#pragma once

#include <CLI/CLI.hpp>

namespace labelloom::apps {

/// `labelloom augment`: variants of a set's pictures with everything that is marked in them.
void add_augment(CLI::App& app);

}  // namespace labelloom::apps
