#pragma once

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <rapidjson/filewritestream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/writer.h>

namespace labelloom::samples {

/// A JSON file written as it comes: big exports never are in memory.
/// `Writer` is a rapidjson Writer or PrettyWriter of a FileWriteStream.
template <typename Writer>
class JsonFile {
 public:
  /// @throws std::runtime_error if it cannot be opened.
  explicit JsonFile(const std::filesystem::path& path)
      : name_(path.string()), file_(std::fopen(name_.c_str(), "wb"), &std::fclose) {
    if (!file_) throw std::runtime_error(fmt::format("{}: cannot write", name_));
    stream_ =
        std::make_unique<rapidjson::FileWriteStream>(file_.get(), buffer_.data(), buffer_.size());
    writer_ = std::make_unique<Writer>(*stream_);
  }
  Writer& writer() { return *writer_; }
  /// Ends the file. @throws std::runtime_error if anything could not be written.
  void close() {
    stream_->Put('\n');
    stream_->Flush();
    const bool failed = std::ferror(file_.get()) != 0;
    if (std::fclose(file_.release()) != 0 || failed) {
      throw std::runtime_error(fmt::format("{}: writing failed; is the disk full?", name_));
    }
  }

 private:
  std::string name_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::array<char, 1 << 16> buffer_{};
  std::unique_ptr<rapidjson::FileWriteStream> stream_;
  std::unique_ptr<Writer> writer_;
};

using CompactFile = JsonFile<rapidjson::Writer<rapidjson::FileWriteStream>>;
using PrettyFile = JsonFile<rapidjson::PrettyWriter<rapidjson::FileWriteStream>>;

template <typename Writer>
void put_key(Writer& writer, std::string_view key) {
  writer.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

template <typename Writer>
void put_string(Writer& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

template <typename Writer>
void put_number(Writer& writer, std::string_view key, double number) {
  put_key(writer, key);
  writer.Double(number);
}

}  // namespace labelloom::samples
