#pragma once

// A small training by the command line, that tests of several commands begin with.

#include <string>
#include <vector>

#include "tests/apps/scenes.h"

namespace labelloom::test {

inline std::vector<std::string> train_command(const Scenes& train,
                                              const std::string& run,
                                              const std::vector<std::string>& more = {}) {
  std::vector<std::string> command = {"train",
                                      "--train",
                                      train.coco(),
                                      "--images",
                                      train.images(),
                                      "--input",
                                      "64x64",
                                      "--device",
                                      "cpu",
                                      "--threads",  // more wait for each other on a busy machine
                                      "1",
                                      "--workers",
                                      "1",
                                      "-o",
                                      run};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

}  // namespace labelloom::test
