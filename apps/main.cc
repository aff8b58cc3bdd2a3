// The program `labelloom`: everything that needs neither pixels nor tensors.

#include <array>

#include "apps/command.h"
#include "apps/convert.h"
#include "apps/dataset_commands.h"
#include "apps/evaluate.h"
#include "apps/label_config.h"
#include "apps/select.h"

int main(int argc, char** argv) {
  using namespace labelloom::apps;  // NOLINT(google-build-using-namespace): only here
  constexpr std::array kCommands = {Implementation{"convert", add_convert},
                                    Implementation{"validate", add_validate},
                                    Implementation{"stats", add_stats},
                                    Implementation{"split", add_split},
                                    Implementation{"merge", add_merge},
                                    Implementation{"measure", add_measure},
                                    Implementation{"evaluate", add_evaluate},
                                    Implementation{"label-config", add_label_config},
                                    Implementation{"select", add_select},
                                    Implementation{"merge-scores", add_merge_scores}};
  return run(argc, argv, Program::kMain, kCommands);
}
