#include "select/score_shard.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <boost/crc.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "select/score_lines.h"

namespace labelloom::select {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what, int code) {
  throw Error(Errc::kIo,
              {.file = path.string()},
              fmt::format("{}: {}", what, std::generic_category().message(code)));
}

}  // namespace

std::string shard_file_name(int shard, int shards) {
  return fmt::format("shard-{}-of-{}.jsonl", shard + 1, shards);
}

struct ScoreShardWriter::Crc {
  boost::crc_32_type sum;
};

/// An open file that nobody else may write.
class ScoreShardWriter::LockedFile {
 public:
  explicit LockedFile(const std::filesystem::path& path)
      : descriptor_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    if (descriptor_ < 0) fail(path, "cannot write", errno);
    // Some file systems of other machines know no locks; there everybody has to take care.
    if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    close(descriptor_);
    throw Error(
        Errc::kIo, {.file = path.string()}, "another `labelloom score` writes this shard just now");
  }
  ~LockedFile() { close(descriptor_); }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// Whether the file is still called so.
  [[nodiscard]] bool is_at(const std::filesystem::path& path) const {
    struct stat own = {};
    struct stat there = {};
    return fstat(descriptor_, &own) == 0 && stat(path.c_str(), &there) == 0 &&
           own.st_dev == there.st_dev && own.st_ino == there.st_ino;
  }

 private:
  int descriptor_;
};

ScoreShardWriter::ScoreShardWriter(const std::filesystem::path& folder, const ScoreHeader& header)
    : path_(folder / shard_file_name(header.shard, header.shards)),
      part_(path_.string() + ".part"),
      header_(header),
      crc_(std::make_unique<Crc>()) {
  const std::string first_line = header_text(header) + '\n';
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) fail(folder, "cannot make the folder", code.value());
  // Another run may finish the shard, and rename what is opened here, at any moment.
  while (!take_finished()) {
    file_ = std::make_unique<LockedFile>(part_);
    if (!file_->is_at(part_)) continue;
    if (std::filesystem::exists(path_, code)) {
      std::filesystem::remove(part_, code);
      continue;
    }
    if (resume() == 0) append(first_line);
    return;
  }
}

ScoreShardWriter::~ScoreShardWriter() = default;

bool ScoreShardWriter::take_finished() {
  std::error_code code;
  if (!std::filesystem::exists(path_, code)) return false;
  const ScoreLines lines(path_);
  refuse_other_scores(lines.header(), header_, path_.string());
  lines.for_each_row([&](std::string_view line, std::size_t) { keys_.insert(key_of_line(line)); });
  finished_ = true;
  return true;
}

std::size_t ScoreShardWriter::resume() {
  std::size_t whole = 0;
  {
    const InputFile file(part_);
    const std::string_view text = file.text();
    for (std::size_t end = text.find('\n'); end != std::string_view::npos;
         end = text.find('\n', whole)) {
      const std::string_view line = text.substr(whole, end - whole);
      if (line.starts_with("{\"footer\":")) break;  // killed before the file had its name
      try {
        if (whole == 0) {
          refuse_other_scores(read_header(line), header_, {});
        } else {
          keys_.insert(read_row(line, header_).key);
        }
      } catch (const Error& error) {
        throw Error(error.code(),
                    {.file = part_.string(), .offset = whole, .path = error.where().path},
                    error.message() + "; remove the file to begin anew");
      }
      whole = end + 1;
    }
    crc_->sum.process_bytes(text.data(), whole);
  }
  // What a killed run left behind the last whole line.
  if (ftruncate(file_->descriptor(), static_cast<off_t>(whole)) != 0 ||
      lseek(file_->descriptor(), 0, SEEK_END) < 0) {
    fail(part_, "cannot write", errno);
  }
  return whole;
}

void ScoreShardWriter::append(std::string_view bytes) {
  crc_->sum.process_bytes(bytes.data(), bytes.size());
  while (!bytes.empty()) {
    const ssize_t done = ::write(file_->descriptor(), bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail(part_, "cannot write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

void ScoreShardWriter::add(const ScoreRow& row) {
  if (finished_) throw Error(Errc::kArgument, {.file = path_.string()}, "is finished");
  if (shard_of(row.key, header_.shards) != header_.shard) {
    throw Error(Errc::kInvalidData,
                {.file = path_.string()},
                fmt::format("{} belongs to another shard", labelloom::quoted(row.key)));
  }
  if (has(row.key)) {
    throw Error(Errc::kInvalidData,
                {.file = path_.string()},
                fmt::format("{} is in the pool twice", labelloom::quoted(row.key)));
  }
  append(row_text(row, header_) + '\n');
  keys_.insert(row.key);
}

void ScoreShardWriter::finish() {
  if (finished_) return;
  append(footer_text(keys_.size(), crc_->sum.checksum()) + '\n');
  if (fsync(file_->descriptor()) != 0) fail(part_, "cannot write", errno);
  std::error_code code;
  std::filesystem::rename(part_, path_, code);
  if (code) fail(path_, "cannot write", code.value());
  finished_ = true;
}

}  // namespace labelloom::select
