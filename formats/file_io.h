#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace labelloom {

/// A whole file as read-only bytes: memory-mapped, followed by at least kZerosBehind zero bytes.
/// Pipes and other files that cannot be mapped are read into memory.
class InputFile {
 public:
  static constexpr std::size_t kZerosBehind = 64;
  /// @throws Error(kIo) if it cannot be opened or is a folder.
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  [[nodiscard]] std::string_view text() const { return {data_, size_}; }
  /// Says that bytes [begin, end) will hardly be read again, so that their memory can be given
  /// back.
  void release(std::size_t begin, std::size_t end) const;

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;   // length of the mapping
  bool can_reread_ = false;  // the mapping is of a file, not a copy of what a pipe gave
};

/// A file that appears under its name only when it is complete: written to a temporary file in the
/// same folder, renamed by `commit`, removed when destroyed before that.
class OutputFile {
 public:
  /// Makes missing parent folders. @throws Error(kIo) naming the file.
  explicit OutputFile(std::filesystem::path path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// @throws Error(kIo), e.g. when the disk is full.
  void write(std::string_view bytes);
  void commit();

 private:
  void begin_storing();

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  bool replaces_ = false;     // there is a file of that name
  std::int64_t written_ = 0;  // bytes
  std::int64_t begun_ = 0;    // bytes of these that are on their way to the disk
};

/// Writes a whole file by way of OutputFile.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// A name from outside, turned into a relative path that stays inside the folder it is joined to.
/// @throws Error(kInvalidData) for empty names, absolute paths, "..", Windows drives, NUL bytes.
[[nodiscard]] std::filesystem::path safe_relative_path(std::string_view name);

}  // namespace labelloom
