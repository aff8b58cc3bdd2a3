#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace labelloom::test {

/// How a program ended and what it printed.
struct Finished {
  int status = -1;  ///< exit status; -1 when a signal ended it
  int signal = 0;   ///< the signal that ended it, or 0
  std::string out = {};
  std::string err = {};
};

struct RunOptions {
  std::filesystem::path folder = {};  ///< to start in; the current one when empty
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< added to this process's
  std::filesystem::path stdout_file = {};                             ///< instead of Finished::out
  bool unprivileged = false;                     ///< as "nobody" if this process is root's
  std::optional<std::uint64_t> file_limit = {};  ///< bytes a file may have (EFBIG beyond)
  std::optional<std::chrono::microseconds> kill_after = {};  ///< SIGKILL after this time
};

/// Starts a program, without a shell, and waits for its end. A program that still runs after a
/// minute is killed (SIGALRM). Throws std::runtime_error when it cannot be started.
[[nodiscard]] Finished run_program(const std::vector<std::string>& command,
                                   const RunOptions& options = {});

}  // namespace labelloom::test
