#pragma once

#include <span>

#include <CLI/CLI.hpp>

namespace labelloom::apps {

/// Executables the subcommands are spread over, so that each loads only the libraries it needs:
/// OpenCV's codecs alone take 90 ms to load, LibTorch half a second.
enum class Program { kMain, kImages, kTorch };

/// A subcommand as every program lists it.
struct Entry {
  const char* name;
  const char* summary;
  Program program;
};

/// What a program can do itself. `add` declares the subcommand's options and sets its callback; the
/// callback throws Error for what the user must know.
struct Implementation {
  const char* name;
  void (*add)(CLI::App& app);
};

/// Parses the command line, runs the subcommand and returns the exit status: 0, 1 after an error
/// (one line on stderr), 2 for wrong usage, 70 for a fault of the program itself, 128 and the
/// signal's number for what was interrupted and stopped in order. Subcommands of another program
/// are handed over to it: it lies in the same folder.
int run(int argc, char** argv, Program self, std::span<const Implementation> implementations);

}  // namespace labelloom::apps
