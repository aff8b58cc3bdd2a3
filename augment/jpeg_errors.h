#pragma once

// libjpeg reports errors by a function that must not return, and exceptions cannot pass through C:
// it jumps back to `call`, whose frame holds nothing that needs destruction.

#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h wants FILE

#include <jpeglib.h>

#include "formats/error.h"

namespace labelloom::augment {

class JpegErrors {
 public:
  JpegErrors() {
    jpeg_std_error(&manager_);
    manager_.error_exit = [](j_common_ptr jpeg) {
      auto* self = reinterpret_cast<JpegErrors*>(jpeg->err);  // its first member
      jpeg->err->format_message(jpeg, self->message_.data());
      std::longjmp(self->back_, 1);  // NOLINT(cert-err52-cpp)
    };
    manager_.output_message = [](j_common_ptr /*jpeg*/) {};
  }
  JpegErrors(const JpegErrors&) = delete;
  JpegErrors& operator=(const JpegErrors&) = delete;

  [[nodiscard]] jpeg_error_mgr* manager() { return &manager_; }
  /// Damage that the library found and went on from.
  [[nodiscard]] long warnings() const { return manager_.num_warnings; }

  /// Runs calls of the library. `action` must own nothing. @throws Error(kIo)
  template <typename Action>
  void call(Action action) {
    // NOLINTNEXTLINE(cert-err52-cpp): the library's way
    if (setjmp(back_) != 0) throw Error(Errc::kIo, {}, message_.data());
    action();
  }

 private:
  jpeg_error_mgr manager_ = {};
  std::jmp_buf back_ = {};
  std::array<char, JMSG_LENGTH_MAX> message_ = {};
};

}  // namespace labelloom::augment
