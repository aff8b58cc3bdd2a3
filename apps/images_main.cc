// The program `labelloom-images`: subcommands that decode or encode pictures.

#include <array>

#include <opencv2/core/utils/logger.hpp>

#include "apps/augment.h"
#include "apps/command.h"
#include "apps/view.h"

int main(int argc, char** argv) {
  using labelloom::apps::Implementation;
  constexpr std::array kCommands = {Implementation{"augment", labelloom::apps::add_augment},
                                    Implementation{"view", labelloom::apps::add_view}};
  // What is wrong with a picture is said in our own words.
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  return labelloom::apps::run(argc, argv, labelloom::apps::Program::kImages, kCommands);
}
