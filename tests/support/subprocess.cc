#include "tests/support/subprocess.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace labelloom::test {
namespace {

constexpr int kCannotStart = 127;

struct Pipe {
  int read_end = -1;
  int write_end = -1;

  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

/// Runs between fork and exec.
[[noreturn]] void become(const std::vector<char*>& arguments,
                         const RunOptions& options,
                         int out,
                         int err) {
  constexpr unsigned kLongest = 600;  // seconds
  if (!options.folder.empty() && chdir(options.folder.c_str()) != 0) _exit(kCannotStart);
  if (!options.stdout_file.empty())
    out = open(options.stdout_file.c_str(), O_WRONLY | O_CREAT, 0666);
  const int nothing = open("/dev/null", O_RDONLY);
  if (dup2(nothing, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
      dup2(err, STDERR_FILENO) < 0) {
    _exit(kCannotStart);
  }
  if (options.file_limit) {
    const rlimit limit{*options.file_limit, *options.file_limit};
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN);  // stays ignored after exec: writes fail with EFBIG
  }
  for (const auto& [name, value] : options.environment) setenv(name.c_str(), value.c_str(), 1);
  constexpr unsigned kNobody = 65534;
  if (options.unprivileged && geteuid() == 0 &&
      (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0)) {
    _exit(kCannotStart);
  }
  alarm(kLongest);
  execv(arguments[0], arguments.data());
  _exit(kCannotStart);
}

/// Reads both pipes until the program has closed them.
void collect(Pipe& out, Pipe& err, Finished& result) {
  std::array<char, 65536> buffer{};
  while (out.read_end >= 0 || err.read_end >= 0) {
    std::array<pollfd, 2> ends = {{{out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}}};
    if (poll(ends.data(), ends.size(), -1) < 0) continue;
    const auto take = [&](const pollfd& end, Pipe& pipe, std::string& text) {
      if (end.revents == 0) return;
      const ssize_t got = read(end.fd, buffer.data(), buffer.size());
      if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
      if (got == 0 || (got < 0 && errno != EINTR)) Pipe::close_end(pipe.read_end);
    };
    take(ends[0], out, result.out);
    take(ends[1], err, result.err);
  }
}

}  // namespace

Finished run_program(const std::vector<std::string>& command, const RunOptions& options) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  Pipe out;
  Pipe err;
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) become(arguments, options, out.write_end, err.write_end);
  Pipe::close_end(out.write_end);
  Pipe::close_end(err.write_end);
  if (options.kill_after) {
    std::this_thread::sleep_for(*options.kill_after);
    kill(child, SIGKILL);  // not yet waited for, so the number cannot be another's
  }
  Finished result;
  collect(out, err, result);
  int state = 0;
  while (waitpid(child, &state, 0) < 0) {
    if (errno != EINTR) throw std::runtime_error("waitpid failed");
  }
  if (WIFSIGNALED(state)) result.signal = WTERMSIG(state);
  if (WIFEXITED(state)) result.status = WEXITSTATUS(state);
  if (result.status == kCannotStart) throw std::runtime_error("cannot start " + command.at(0));
  return result;
}

}  // namespace labelloom::test
