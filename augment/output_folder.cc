#include "augment/output_folder.h"

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::augment {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifest = "manifest.json";
constexpr std::array kFolders = {"images", "parts"};

/// What OutputFile leaves when it is killed.
bool is_temporary(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.front() == '.' && name.find(".tmp-") != std::string::npos;
}

}  // namespace

OutputFolder::OutputFolder(fs::path path, const Manifest& manifest) : path_(std::move(path)) {
  try {
    fs::create_directories(path_);
    lock();
    if (fs::exists(path_ / kManifest)) {
      manifest.check_same(path_ / kManifest);
    } else {
      refuse_foreign();
      write_file(path_ / kManifest, manifest.text());
    }
    for (const char* folder : kFolders) {
      // Files are written and removed below: only here, never where a link leads.
      if (fs::is_symlink(path_ / folder)) {
        throw Error(Errc::kArgument, {.file = (path_ / folder).string()}, "is a symbolic link");
      }
      fs::create_directories(path_ / folder);
    }
    remove_temporaries();
  } catch (const fs::filesystem_error& error) {
    throw Error(Errc::kIo, {.file = path_.string()}, error.code().message());
  }
}

bool OutputFolder::is_begun(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path / kManifest, ignored);
}

OutputFolder::~OutputFolder() {
  if (descriptor_ >= 0) close(descriptor_);
}

void OutputFolder::lock() {
  descriptor_ = open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0) {
    throw Error(Errc::kIo, {.file = path_.string()}, std::generic_category().message(errno));
  }
  // Some network file systems have no locks: then users look after themselves.
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  close(descriptor_);
  descriptor_ = -1;
  throw Error(Errc::kArgument, {.file = path_.string()}, "another job is writing into this folder");
}

void OutputFolder::refuse_foreign() const {
  for (const auto& entry : fs::directory_iterator(path_)) {
    const std::string name = entry.path().filename().string();
    if (is_temporary(entry.path()) || name == "preview") continue;
    throw Error(Errc::kArgument,
                {.file = path_.string()},
                "has files in it that `labelloom augment` did not write; name a new folder");
  }
}

void OutputFolder::remove_temporaries() const {
  std::vector<fs::path> stale;
  for (const fs::path& folder : {path_, path_ / kFolders[0], path_ / kFolders[1]}) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (is_temporary(entry.path())) stale.push_back(entry.path());
    }
  }
  for (const fs::path& file : stale) fs::remove(file);
}

}  // namespace labelloom::augment
