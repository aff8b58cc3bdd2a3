// The program `labelloom-torch`: subcommands that train or run models.

#include <span>

#include <opencv2/core/utils/logger.hpp>

#include "apps/command.h"

int main(int argc, char** argv) {
  // What is wrong with a picture is said in our own words.
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  return labelloom::apps::run(argc, argv, labelloom::apps::Program::kTorch, {});
}
