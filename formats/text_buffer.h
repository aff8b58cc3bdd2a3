#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "formats/json_text.h"

namespace labelloom::json {

/// JSON text that is only appended to. Unlike a string, its free room can be written to in place
/// and costs nothing to make; `clear` keeps the memory.
class TextBuffer {
 public:
  [[nodiscard]] std::string_view text() const { return {data_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

  /// At least `bytes` free ones; `end` says how far they were written.
  [[nodiscard]] char* room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) grow(bytes);
    return data_.get() + size_;
  }
  void end(const char* to) { size_ = static_cast<std::size_t>(to - data_.get()); }

  TextBuffer& operator+=(char c) {
    *room(1) = c;
    ++size_;
    return *this;
  }
  TextBuffer& operator+=(std::string_view text) {
    char* const to = room(text.size());
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    size_ += text.size();
    return *this;
  }
  void append_number(double number) { end(write_number(room(kMaxNumberLength), number)); }
  void append_integer(std::int64_t number) { end(write_integer(room(kMaxNumberLength), number)); }

 private:
  void grow(std::size_t bytes) {
    const std::size_t capacity = std::max(2 * capacity_, size_ + bytes);
    // Not value-initialised: it is written before it is read.
    std::unique_ptr<char[]> data(new char[capacity]);  // NOLINT(*-avoid-c-arrays)
    if (size_ > 0) std::memcpy(data.get(), data_.get(), size_);
    data_ = std::move(data);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;  // NOLINT(*-avoid-c-arrays)
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace labelloom::json
