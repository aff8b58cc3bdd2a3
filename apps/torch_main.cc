// The program `labelloom-torch`: subcommands that train or run models.

#include <array>

#include <malloc.h>
#include <opencv2/core/utils/logger.hpp>

#include "apps/command.h"
#include "apps/model_commands.h"
#include "apps/predict.h"
#include "apps/study_commands.h"
#include "apps/train.h"

namespace {

/// A batch's tensors are large, and each forward pass frees and takes the same ones. glibc gives
/// such memory back at once, and the system clears it anew for the next.
void keep_freed_memory() {
  constexpr int kLargest = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, kLargest);
}

}  // namespace

int main(int argc, char** argv) {
  using labelloom::apps::Implementation;
  constexpr std::array kImplementations = {
      Implementation{"train", labelloom::apps::add_train},
      Implementation{"predict", labelloom::apps::add_predict},
      Implementation{"score", labelloom::apps::add_score},
      Implementation{"simulate", labelloom::apps::add_simulate},
      Implementation{"correlate", labelloom::apps::add_correlate},
      Implementation{"threshold", labelloom::apps::add_threshold},
      Implementation{"check-model", labelloom::apps::add_check_model},
  };
  keep_freed_memory();
  // What is wrong with a picture is said in our own words.
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  return labelloom::apps::run(argc, argv, labelloom::apps::Program::kTorch, kImplementations);
}
