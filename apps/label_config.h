#pragma once

#include <CLI/CLI.hpp>

namespace labelloom::apps {

/// `labelloom label-config`: writes the labelling interface for a set of classes and key points.
void add_label_config(CLI::App& app);

}  // namespace labelloom::apps
