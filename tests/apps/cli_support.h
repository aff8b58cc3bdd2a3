#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/shared_data.h"
#include "tests/support/subprocess.h"
#include "tests/support/temp_dir.h"

namespace labelloom::test {

/// Runs `labelloom` with these arguments.
[[nodiscard]] Finished labelloom(std::vector<std::string> arguments,
                                 const RunOptions& options = {});

/// The same, with so much address space. Not for builds with sanitizers, which take terabytes.
[[nodiscard]] Finished labelloom_with_memory(int megabytes,
                                             const std::vector<std::string>& arguments);

/// The same, with a signal ("INT", "TERM") as soon as there is such a file. The exit status is what
/// a shell sees: 128 and the signal's number if the signal ended it.
[[nodiscard]] Finished interrupted_labelloom(const std::string& signal,
                                             const std::filesystem::path& file,
                                             const std::vector<std::string>& arguments);

/// Whether `RunOptions::unprivileged` can work here.
[[nodiscard]] bool anybody_may_start_labelloom();

/// A file or folder of samples/engine_parts.
[[nodiscard]] std::string sample(const std::string& name);

/// A small full export, a JSON-min export and a COCO file that hold every kind of region.
[[nodiscard]] std::string small_full_export();
[[nodiscard]] std::string small_min_export();
[[nodiscard]] std::string small_coco();
/// A COCO file of so many images with four objects each, a polygon of 40 points in each of them.
[[nodiscard]] std::string large_coco(int images);

/// Everything below a folder, sorted, as paths relative to it.
[[nodiscard]] std::vector<std::string> files_below(const std::filesystem::path& folder);

/// Ended by itself with this status, and not with one that says "fault of labelloom".
[[nodiscard]] ::testing::AssertionResult ended_with(const Finished& run, int status);
/// Exit status 1 and exactly one line on stderr: "labelloom: error: ", naming `file`.
[[nodiscard]] ::testing::AssertionResult refused(const Finished& run, const std::string& file);
/// Exit status 0, or as `refused`.
[[nodiscard]] ::testing::AssertionResult done_or_refused(const Finished& run,
                                                         const std::string& file);

}  // namespace labelloom::test
