#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/apps/cli_support.h"
#include "tests/support/subprocess.h"
#include "tests/support/temp_dir.h"

namespace labelloom::test {

/// Small scenes to train on, 64 x 64.
class Scenes {
 public:
  explicit Scenes(int count, int first = 0, const std::vector<std::string>& more = {}) {
    std::vector<std::string> command = {LABELLOOM_MAKE_SCENES,
                                        "-o",
                                        folder_.path().string(),
                                        "--scenes",
                                        std::to_string(count),
                                        "--first",
                                        std::to_string(first),
                                        "--size",
                                        "64x64"};
    command.insert(command.end(), more.begin(), more.end());
    const Finished made = run_program(command);
    EXPECT_EQ(made.status, 0) << made.err;
  }

  [[nodiscard]] std::string coco() const { return (folder_ / "coco.json").string(); }
  [[nodiscard]] std::string images() const { return (folder_ / "images").string(); }
  [[nodiscard]] std::string labels() const { return (folder_ / "labels").string(); }
  [[nodiscard]] const TempDir& folder() const { return folder_; }

 private:
  TempDir folder_;
};

}  // namespace labelloom::test
