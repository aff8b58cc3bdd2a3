#pragma once

#include <filesystem>
#include <optional>

namespace labelloom::test {

/// The project's own folder.
[[nodiscard]] std::filesystem::path source_dir();
/// A file or folder of the real data beside the checkout (../shared/data), if it is there. Its
/// licences keep it out of the project; tests that use it skip without it.
[[nodiscard]] std::optional<std::filesystem::path> shared_data(const std::filesystem::path& name);

}  // namespace labelloom::test
