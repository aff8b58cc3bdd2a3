#pragma once

#include <span>

#include <CLI/CLI.hpp>

namespace labelloom::apps {

/// Executables the subcommands are spread over, so that each loads only the libraries it needs:
/// OpenCV's codecs alone take 90 ms to load.
enum class Program { kMain, kImages };

/// One subcommand. `add` declares its options on its own CLI11 app and sets its callback; the
/// callback throws Error for what the user must know.
struct Command {
  const char* name;
  const char* summary;
  Program program;
  void (*add)(CLI::App& app);  ///< null where another program has it
};

/// Parses the command line, runs the subcommand and returns the exit status: 0, 1 after an error
/// (one line on stderr), 2 for wrong usage. Subcommands of the other program are handed over to it.
int run(int argc, char** argv, Program self, std::span<const Command> commands);

}  // namespace labelloom::apps
