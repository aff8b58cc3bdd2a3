#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

namespace labelloom::fuzz {

/// A file in memory that readers can open by path.
class File {
 public:
  explicit File(std::string_view content) : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
    if (descriptor_ < 0) std::abort();
    while (!content.empty()) {
      const ssize_t done = write(descriptor_, content.data(), content.size());
      if (done <= 0) std::abort();
      content.remove_prefix(static_cast<std::size_t>(done));
    }
  }
  ~File() { close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] std::filesystem::path path() const {
    return "/proc/self/fd/" + std::to_string(descriptor_);
  }

 private:
  int descriptor_;
};

/// A name to write to, one a process, in memory where the system has such a folder.
inline std::filesystem::path scratch_file() {
  std::error_code code;
  const std::filesystem::path shm = "/dev/shm";
  const std::filesystem::path dir =
      std::filesystem::is_directory(shm, code) ? shm : std::filesystem::temp_directory_path();
  return dir / ("labelloom-fuzz-" + std::to_string(getpid()) + ".json");
}

}  // namespace labelloom::fuzz
