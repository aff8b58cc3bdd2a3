#include "apps/terminal.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "formats/json_text.h"

namespace labelloom::apps {
namespace {

struct TerminalOptions {
  bool quiet = false;
  bool json_log = false;
};

TerminalOptions& options() {
  static TerminalOptions instance;
  return instance;
}

/// Where remarks go. The message is a JSON string already when the log is JSON.
spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("labelloom",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern(
        options().json_log ? R"({"time":"%Y-%m-%dT%H:%M:%S%z","level":"%l","message":%v})" : "%v");
    return made;
  }();
  return *instance;
}

std::string as_message(const std::string& message) {
  if (!options().json_log) return message;
  std::string text;
  json::append_string(text, message);
  return text;
}

}  // namespace

std::string duration(double seconds) {
  const long s = std::lround(seconds);
  if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

void add_terminal_options(CLI::App& app) {
  app.add_flag("-q,--quiet", options().quiet, "Print results and errors only");
  app.add_flag("--json-log", options().json_log, "Write remarks as one JSON object a line");
}

bool is_quiet() { return options().quiet; }

void log_info(const std::string& message) {
  if (!options().quiet) logger().info(as_message(message));
}

void log_warning(const std::string& message) {
  if (!options().quiet) {
    logger().warn(as_message(options().json_log ? message : "warning: " + message));
  }
}

Progress::Progress(std::string what, std::string unit, double scale)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      scale_(scale),
      terminal_(isatty(STDERR_FILENO) == 1 && !options().json_log) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (shown_ && terminal_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

bool Progress::is_due() {
  const Clock::time_point now = Clock::now();
  const auto pause = terminal_ ? std::chrono::milliseconds(100) : std::chrono::minutes(1);
  if (options().quiet || now - last_ < pause) return false;
  last_ = now;
  return true;
}

void Progress::draw(double share, const std::string& text) {
  shown_ = true;
  if (!terminal_) return log_info(text);
  constexpr std::size_t kWidth = 24;
  const auto filled = std::min(kWidth, static_cast<std::size_t>(share * kWidth));
  fmt::print(stderr,
             "\r[{}{}] {}\033[K",
             std::string(filled, '='),
             std::string(kWidth - filled, ' '),
             text);
}

void Progress::show(double done_share, const std::string& text) {
  if (is_due()) draw(std::clamp(done_share, 0.0, 1.0), text);
}

void Progress::update(std::size_t done, std::size_t total) {
  if (total == 0 || !is_due()) return;
  const double elapsed = std::chrono::duration<double>(last_ - start_).count();
  const double share = static_cast<double>(done) / static_cast<double>(total);
  const double rate = static_cast<double>(done) / elapsed;
  const double left = rate > 0 ? static_cast<double>(total - done) / rate : 0;
  draw(share,
       fmt::format("{} {:.0f} of {:.0f} {}, {:.0f} {}/s, {} left",
                   what_,
                   static_cast<double>(done) / scale_,
                   static_cast<double>(total) / scale_,
                   unit_,
                   rate / scale_,
                   unit_,
                   duration(left)));
}

std::function<void(std::size_t, std::size_t)> Progress::callback() {
  return [this](std::size_t done, std::size_t total) { update(done, total); };
}

}  // namespace labelloom::apps
