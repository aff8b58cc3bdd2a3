#pragma once

#include <CLI/CLI.hpp>

namespace labelloom::apps {

void add_train(CLI::App& app);

}  // namespace labelloom::apps
