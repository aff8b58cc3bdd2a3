#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace labelloom::model {

/// One dense output for one picture: [channels, height, width], contiguous, borrowed. A model that
/// has not this output: no values and no channels.
struct DenseMap {
  std::span<const float> values;
  int channels = 0;
  int height = 0;
  int width = 0;

  [[nodiscard]] bool empty() const { return channels == 0; }
  /// Cells of one channel.
  [[nodiscard]] std::size_t cells() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
  [[nodiscard]] std::span<const float> channel(int index) const {
    return values.subspan(static_cast<std::size_t>(index) * cells(), cells());
  }
};

/// @throws Error(kInvalidData) naming the output, channel and cell of the first value that is NaN
/// or infinite: a network that diverged, or was fed so.
void expect_finite(const DenseMap& map, std::string_view name);

/// @throws Error(kInvalidData) naming the output if it has not so many channels, or not as many
/// values as its size says.
void expect_channels(const DenseMap& map, std::string_view name, std::size_t channels);

}  // namespace labelloom::model
