#include "apps/command.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "apps/terminal.h"
#include "formats/error.h"

namespace labelloom::apps {
namespace {

constexpr std::array kEntries = {
    Entry{"convert", "Turn an export into one combined COCO file", Program::kMain},
    Entry{"validate", "Say what training tools would choke on", Program::kMain},
    Entry{"stats", "Count classes, annotation types, sizes and key points", Program::kMain},
    Entry{"split", "Divide a set into training, validation and test files", Program::kMain},
    Entry{"merge", "Join several COCO files into one", Program::kMain},
    Entry{"measure", "Say how objects lie: axis, outer side, depth", Program::kMain},
    Entry{"evaluate", "Hold a model's results against the ground truth", Program::kMain},
    Entry{"label-config", "Write a Label Studio labelling interface", Program::kMain},
    Entry{"augment", "Make many variants of every image, annotations and all", Program::kImages},
    Entry{"score", "Score pictures for what should be labelled next", Program::kTorch},
    Entry{"select", "Choose the images to label next from their scores", Program::kMain},
    Entry{"merge-scores", "Join the shards of a pool's scores into one file", Program::kMain},
    Entry{"view", "Draw overlays and a gallery page", Program::kImages},
    Entry{"train", "Train a network for boxes, segmentation and key points", Program::kTorch},
    Entry{"predict", "Run a model over pictures", Program::kTorch},
    Entry{"simulate", "Compare strategies of selection on a set that has labels", Program::kTorch},
    Entry{"correlate", "Say which score tells which true loss", Program::kTorch},
    Entry{"threshold", "Hold BoxMasks against true masks", Program::kTorch},
    Entry{"check-model", "Say what of a model does not fit its manifest", Program::kTorch},
};

const char* file_name(Program program) {
  switch (program) {
    case Program::kImages:
      return "labelloom-images";
    case Program::kTorch:
      return "labelloom-torch";
    case Program::kMain:
      break;
  }
  return "labelloom";
}

void print_error(std::string_view message) {
  std::string line(message);
  std::ranges::replace(line, '\n', ' ');
  fmt::print(stderr, "labelloom: error: {}\n", line);
}

/// OpenMP's threads wait for each other at the end of every loop: a millisecond or more awake,
/// which takes the processors from the threads that load and write pictures. They shall soon sleep.
/// libgomp reads this when it is loaded, before any main().
void let_compute_threads_sleep() {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  constexpr int kKeepTheUsers = 0;
  setenv("GOMP_SPINCOUNT", "10000", kKeepTheUsers);
  // OpenBLAS has threads of its own, which wait awake whatever LibTorch's are told: up to half of
  // a run's processor time. Its products are small here, and computed by several threads anyway.
  setenv("OPENBLAS_NUM_THREADS", "1", kKeepTheUsers);
}

/// Replaces this process by the program that has the subcommand.
int hand_over(char** argv, Program program) {
  if (program == Program::kTorch) let_compute_threads_sleep();
  std::error_code code;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", code);
  const std::filesystem::path other = self.parent_path() / file_name(program);
  execv(other.c_str(), argv);
  print_error(fmt::format(
      "{}: cannot be started; it belongs beside {}", other.string(), self.filename().string()));
  return 1;
}

const Entry* find_entry(std::string_view name) {
  const auto found =
      std::ranges::find_if(kEntries, [&](const Entry& entry) { return name == entry.name; });
  return found == kEntries.end() ? nullptr : &*found;
}

int parse_and_run(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::RuntimeError& error) {  // a verdict of the subcommand, already printed
    return error.get_exit_code();
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return 2;
  } catch (const Error& error) {
    print_error(error.what());
    return 1;
  } catch (const std::bad_alloc&) {
    print_error("out of memory");
    return 1;
  } catch (const std::system_error& error) {
    if (std::ferror(stdout) == 0) print_error(error.what());  // else check_printed says it
    return 1;
  } catch (const std::exception& error) {
    print_error(fmt::format("this is a fault of labelloom itself: {}", error.what()));
    return 70;
  }
}

/// What was printed may still wait in a buffer; that the disk is full shows only when it leaves.
int check_printed(int status) {
  if (std::fflush(stdout) != 0) {
    print_error(
        fmt::format("standard output: cannot write: {}", std::generic_category().message(errno)));
    return 1;
  }
  if (std::ferror(stdout) != 0) {
    print_error("standard output: cannot write");
    return 1;
  }
  return status;
}

}  // namespace

int run(int argc, char** argv, Program self, std::span<const Implementation> implementations) {
  if (argc > 1) {
    const Entry* entry = find_entry(argv[1]);
    if (entry != nullptr && entry->program != self) return hand_over(argv, entry->program);
  }
  CLI::App app(
      "LabelLoom: from labelled photographs to sets that multi-task vision models are trained on.",
      "labelloom");
  app.set_version_flag("--version", "labelloom " LABELLOOM_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Example:\n  labelloom convert export.json --images photos -o coco.json\n"
      "See `labelloom COMMAND --help` for the options of each.");
  app.get_formatter()->column_width(34);
  for (const Entry& entry : kEntries) {
    CLI::App* subcommand = app.add_subcommand(entry.name, entry.summary);
    const auto found = std::ranges::find_if(implementations, [&](const Implementation& i) {
      return std::string_view(i.name) == entry.name;
    });
    if (found == implementations.end()) continue;
    add_terminal_options(*subcommand);
    found->add(*subcommand);
  }
  return check_printed(parse_and_run(app, argc, argv));
}

}  // namespace labelloom::apps
