#pragma once

#include <CLI/CLI.hpp>

namespace labelloom::apps {

void add_predict(CLI::App& app);

}  // namespace labelloom::apps
