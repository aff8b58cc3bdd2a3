#include "apps/stop_signal.h"

#include <csignal>

namespace labelloom::apps {
namespace {

volatile std::sig_atomic_t stop_requested = 0;  // the signal

void request_stop(int signal) { stop_requested = signal; }

}  // namespace

StopSignal::StopSignal() {
  stop_requested = 0;
  struct sigaction action = {};
  action.sa_handler = request_stop;
  sigemptyset(&action.sa_mask);
  // SA_RESETHAND: the second one ends the program.
  action.sa_flags = static_cast<int>(SA_RESETHAND | static_cast<unsigned>(SA_RESTART));
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

StopSignal::~StopSignal() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool StopSignal::requested() { return stop_requested != 0; }

int StopSignal::exit_status() { return 128 + stop_requested; }

}  // namespace labelloom::apps
