#pragma once

#include <cstdio>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "samples/generator/plane.h"

namespace labelloom::samples {

/// "640x480". @throws std::runtime_error unless both sides are from `least` to 16384.
inline Frame parse_frame(const std::string& text, int least) {
  Frame frame;
  char rest = 0;
  const int read = std::sscanf(text.c_str(), "%dx%d%c", &frame.width, &frame.height, &rest);
  constexpr int kMost = 16384;
  if (read != 2 || frame.width < least || frame.height < least || frame.width > kMost ||
      frame.height > kMost) {
    throw std::runtime_error(fmt::format(
        "--size \"{}\" is not WIDTHxHEIGHT with sides from {} to {}", text, least, kMost));
  }
  return frame;
}

}  // namespace labelloom::samples
