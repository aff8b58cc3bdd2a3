#pragma once

// What users can say of BoxMask: the same arguments for every command that scores.

#include <CLI/CLI.hpp>

#include "select/boxmask_options.h"

namespace labelloom::apps {

/// --tau.
void add_tau_argument(CLI::App& app, select::BoxMaskOptions& options);

/// --margin, --min-window, --crop-size, --max-zoom, --border, --bm-domain, --grid and --epsilon.
void add_boxmask_arguments(CLI::App& app, select::BoxMaskOptions& options);

}  // namespace labelloom::apps
