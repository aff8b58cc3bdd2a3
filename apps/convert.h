#pragma once

#include <CLI/CLI.hpp>

namespace labelloom::apps {

/// `labelloom convert`: an export becomes one combined COCO file and a report.
void add_convert(CLI::App& app);

}  // namespace labelloom::apps
