#include "model/dense_map.h"

#include <bit>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::model {
namespace {

/// Without a branch a value, so that it runs at the speed of memory.
bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t kExponent = 0x7F800000U;
  std::uint32_t bad = 0;
  for (const float value : values) {
    bad |=
        static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent);
  }
  return bad == 0;
}

}  // namespace

void expect_finite(const DenseMap& map, std::string_view name) {
  if (all_finite(map.values)) return;
  std::size_t first = 0;
  while (std::isfinite(map.values[first])) ++first;
  const std::size_t cell = first % map.cells();
  const auto width = static_cast<std::size_t>(map.width);
  throw Error(Errc::kInvalidData,
              {},
              fmt::format("output \"{}\" is {} in channel {}, row {}, column {}; the model has "
                          "diverged or its weights are damaged",
                          name,
                          map.values[first],
                          first / map.cells(),
                          cell / width,
                          cell % width));
}

void expect_channels(const DenseMap& map, std::string_view name, std::size_t channels) {
  if (map.channels < 0 || static_cast<std::size_t>(map.channels) != channels) {
    throw Error(
        Errc::kInvalidData,
        {},
        fmt::format("output \"{}\" has {} channels, expected {}", name, map.channels, channels));
  }
  if (map.height < 1 || map.width < 1 || map.values.size() != channels * map.cells()) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("output \"{}\" has {} values, expected {} channels of {}x{}",
                            name,
                            map.values.size(),
                            channels,
                            map.width,
                            map.height));
  }
}

}  // namespace labelloom::model
