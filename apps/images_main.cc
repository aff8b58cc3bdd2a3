// The program `labelloom-images`: subcommands that decode or encode pictures.

#include <array>

#include "apps/command.h"
#include "apps/view.h"

int main(int argc, char** argv) {
  using labelloom::apps::Implementation;
  constexpr std::array kCommands = {Implementation{"view", labelloom::apps::add_view}};
  return labelloom::apps::run(argc, argv, labelloom::apps::Program::kImages, kCommands);
}
