#include "formats/file_io.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/error.h"

namespace labelloom {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, std::string_view what, int code) {
  throw Error(Errc::kIo,
              {.file = path.string()},
              fmt::format("{}: {}", what, std::generic_category().message(code)));
}

constexpr std::int64_t kBeginEvery = std::int64_t{8} << 20U;

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

/// Owns a descriptor while the constructor of InputFile may still throw.
struct Descriptor {
  int fd = -1;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

char* reserve(std::size_t bytes) {
  void* memory = mmap(
      nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

/// Everything a pipe gives, for files that have no size.
std::string read_all(const fs::path& path, int fd) {
  std::string text;
  std::string chunk(std::size_t{1} << 20U, '\0');
  for (;;) {
    const ssize_t got = read(fd, chunk.data(), chunk.size());
    if (got == 0) return text;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "cannot read", errno);
    text.append(chunk, 0, static_cast<std::size_t>(got));
  }
}

}  // namespace

InputFile::InputFile(const fs::path& path) {
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) fail(path, "cannot open", errno);
  struct stat info {};
  if (fstat(file.fd, &info) != 0) fail(path, "cannot open", errno);
  if (S_ISDIR(info.st_mode)) {
    throw Error(Errc::kIo, {.file = path.string()}, "is a folder, expected a file");
  }
  // The bytes after a file's end read as zero, which is how the JSON parsers know the end without
  // checking a bound at every byte.
  const auto round_up = [](std::size_t n) {
    return ((n + kZerosBehind - 1) / page_size() + 1) * page_size();
  };
  if (S_ISREG(info.st_mode) && info.st_size > 0) {
    size_ = static_cast<std::size_t>(info.st_size);
    mapped_ = round_up(size_);
    data_ = reserve(mapped_);
    if (mmap(data_, size_, PROT_READ, MAP_PRIVATE | MAP_FIXED, file.fd, 0) == MAP_FAILED) {
      const int code = errno;
      munmap(data_, mapped_);
      fail(path, "cannot map", code);
    }
    can_reread_ = true;
    madvise(data_, size_, MADV_SEQUENTIAL);
    return;
  }
  const std::string text = read_all(path, file.fd);
  size_ = text.size();
  mapped_ = round_up(size_);
  data_ = reserve(mapped_);
  std::memcpy(data_, text.data(), size_);
}

InputFile::~InputFile() {
  if (data_ != nullptr) munmap(data_, mapped_);
}

void InputFile::release(std::size_t begin, std::size_t end) const {
  if (!can_reread_) return;
  const std::size_t page = page_size();
  begin = (begin + page - 1) / page * page;
  end = std::min(end, size_) / page * page;
  if (begin < end) madvise(data_ + begin, end - begin, MADV_DONTNEED);
}

OutputFile::OutputFile(fs::path path) : path_(std::move(path)) {
  if (path_.filename().empty()) {
    throw Error(Errc::kIo, {.file = path_.string()}, "is no file name");
  }
  std::error_code code;
  const fs::file_status status = fs::status(path_, code);
  if (fs::is_directory(status)) {
    throw Error(Errc::kIo, {.file = path_.string()}, "is a folder, expected a file to write");
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) {  // /dev/stdout, a pipe: no renaming
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(path_, "cannot write", errno);
    return;
  }
  if (fs::is_symlink(path_, code)) path_ = fs::weakly_canonical(path_, code);
  if (path_.has_parent_path()) {
    fs::create_directories(path_.parent_path(), code);
    if (code) fail(path_.parent_path(), "cannot make the folder", code.value());
  }
  replaces_ = fs::exists(status);
  static std::atomic<unsigned> counter{0};
  temporary_ = path_.parent_path() /
               fmt::format(".{}.tmp-{}-{}", path_.filename().string(), getpid(), counter++);
  descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(path_, "cannot write", errno);
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail(path_, "cannot write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(done));
    written_ += done;
  }
  if (replaces_ && written_ - begun_ >= kBeginEvery) begin_storing();
}

/// Where a file takes the place of another, file systems such as ext4 send all of it to the disk
/// before the renaming returns, so that a power cut leaves one or the other. To begin with that
/// while the rest is made takes hardly any time.
void OutputFile::begin_storing() {
  const std::int64_t end = written_ / kBeginEvery * kBeginEvery;
  sync_file_range(descriptor_, begun_, end - begun_, SYNC_FILE_RANGE_WRITE);
  begun_ = end;
}

void OutputFile::commit() {
  const int fd = std::exchange(descriptor_, -1);
  if (close(fd) != 0) fail(path_, "cannot write", errno);
  if (temporary_.empty()) return;
  if (rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_, "cannot write", errno);
  temporary_.clear();
}

void write_file(const fs::path& path, std::string_view bytes) {
  OutputFile file(path);
  file.write(bytes);
  file.commit();
}

fs::path safe_relative_path(std::string_view name) {
  const auto refuse = [&](std::string_view why) {
    throw Error(Errc::kInvalidData, {}, fmt::format("file name {} {}", quoted(name), why));
  };
  if (name.empty()) refuse("is empty");
  if (name.find('\0') != std::string_view::npos) refuse("holds a NUL byte");
  if (name.front() == '/' || name.front() == '\\') refuse("is absolute, expected a relative path");
  if (name.size() >= 2 && name[1] == ':') refuse("starts with a drive, expected a relative path");
  std::size_t begin = 0;
  while (begin <= name.size()) {
    const std::size_t end = std::min(name.find_first_of("/\\", begin), name.size());
    if (name.substr(begin, end - begin) == "..") refuse("leaves its folder by \"..\"");
    begin = end + 1;
  }
  return fs::path(name);
}

}  // namespace labelloom
