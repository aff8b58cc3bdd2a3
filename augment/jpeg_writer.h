#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "formats/geometry.h"

namespace labelloom::augment {

/// A JPEG file in memory, written a row at a time: baseline, 4:2:0, Huffman tables of the standard,
/// as OpenCV writes them, byte for byte.
class JpegWriter {
 public:
  enum class Pixels : std::uint8_t { kBgr, kBgrx };  ///< 3 or 4 bytes

  /// `quality`: 1 to 100. @throws Error(kIo) when JPEG cannot hold the size.
  JpegWriter(Size size, int quality, Pixels pixels);
  ~JpegWriter();
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  /// The next row. @throws Error(kIo)
  void write_row(const std::uint8_t* pixels);
  /// The file, after all rows were written. @throws Error(kIo)
  [[nodiscard]] std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace labelloom::augment
