// The program `labelloom`: everything that needs neither pixels nor tensors.

#include <array>
#include <limits>

#include <malloc.h>

#include "apps/command.h"
#include "apps/convert.h"
#include "apps/dataset_commands.h"
#include "apps/label_config.h"

namespace {

/// Data sets are read once and kept to the end: memory is taken from the system in large steps and
/// never handed back in between. That is a tenth of the time of reading a large file.
void expect_large_data() {
#ifdef __GLIBC__
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  expect_large_data();
  using namespace labelloom::apps;  // NOLINT(google-build-using-namespace): only here
  constexpr std::array kCommands = {Implementation{"convert", add_convert},
                                    Implementation{"validate", add_validate},
                                    Implementation{"stats", add_stats},
                                    Implementation{"split", add_split},
                                    Implementation{"merge", add_merge},
                                    Implementation{"label-config", add_label_config}};
  return run(argc, argv, Program::kMain, kCommands);
}
