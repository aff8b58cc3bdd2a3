#include "tests/support/shared_data.h"

namespace labelloom::test {

std::filesystem::path source_dir() { return LABELLOOM_SOURCE_DIR; }

std::optional<std::filesystem::path> shared_data(const std::filesystem::path& name) {
  const std::filesystem::path file = source_dir() / ".." / "shared" / "data" / name;
  if (!std::filesystem::exists(file)) return std::nullopt;
  return std::filesystem::canonical(file);
}

}  // namespace labelloom::test
