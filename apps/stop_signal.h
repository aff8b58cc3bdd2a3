#pragma once

namespace labelloom::apps {

/// While it exists, the first SIGINT (Ctrl-C) or SIGTERM asks for a stop and the second ends the
/// program as ever. One at a time.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  [[nodiscard]] static bool requested();
  /// What a shell says of a program that was ended by the signal that asked: 128 and its number.
  /// Commands that have stopped in order exit with it, too.
  [[nodiscard]] static int exit_status();
};

}  // namespace labelloom::apps
