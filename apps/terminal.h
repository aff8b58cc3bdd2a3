#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include <CLI/CLI.hpp>

namespace labelloom::apps {

/// Adds --quiet and --json-log, which every subcommand has.
void add_terminal_options(CLI::App& app);

/// Whether the user wants results only.
[[nodiscard]] bool is_quiet();

/// A remark for people on stderr: one line, as JSON with --json-log, nothing with --quiet.
void log_info(const std::string& message);
void log_warning(const std::string& message);

/// "4:07", "1:02:30".
[[nodiscard]] std::string duration(double seconds);

/// Progress of a long job on stderr: a bar with rate and time left on a terminal, a line a minute
/// when piped, nothing with --quiet.
class Progress {
 public:
  /// `unit` is what is counted ("MB", "images"); `scale` divides the counts for showing.
  explicit Progress(std::string what, std::string unit, double scale = 1);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::size_t done, std::size_t total);
  /// The same with other words; `done_share` in [0, 1] fills the bar.
  void show(double done_share, const std::string& text);
  /// Takes the bar away, so that a line can be printed.
  void clear();
  /// `update` as a callback; the Progress must outlive it.
  [[nodiscard]] std::function<void(std::size_t, std::size_t)> callback();

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] bool is_due();
  void draw(double share, const std::string& text);

  std::string what_;
  std::string unit_;
  double scale_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

}  // namespace labelloom::apps
