#pragma once

#include <CLI/CLI.hpp>

namespace labelloom::apps {

/// `labelloom select`: from scores to the batch to label next.
void add_select(CLI::App& app);
/// `labelloom merge-scores`: one file of all shards.
void add_merge_scores(CLI::App& app);

}  // namespace labelloom::apps
