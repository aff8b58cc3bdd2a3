#pragma once

// PNG files whose pixels are values, not colours: label maps (a class a pixel) and depth pictures.
// What a file says about colours (palette, gamma, transparency) is passed over.

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/geometry.h"

namespace labelloom {

/// One value a pixel.
template <typename Value>
struct ValueMap {
  Size size;
  std::vector<Value> values;  ///< row-major, [height * width]
  friend bool operator==(const ValueMap&, const ValueMap&) = default;
};

/// Classes; 255 is by convention "not labelled".
using LabelMap = ValueMap<std::uint8_t>;
/// Distances in the unit of whoever made the picture; 0 is by convention "not measured".
using DepthMap = ValueMap<std::uint16_t>;

/// Largest picture that is read or written. Claims are also held against the file's length: a PNG
/// is never compressed more than 1032 times.
inline constexpr std::int64_t kMaxValueMapPixels = std::int64_t{1} << 28;

/// Reads a PNG of grey values or of palette indices, with 1, 2, 4 or 8 bits; they are taken as they
/// are: a 1-bit picture has the values 0 and 1.
/// @throws Error(kIo) when it cannot be read; Error(kParse) for what is no PNG or a damaged one;
/// Error(kUnexpectedFormat) for a picture in colour, with alpha or of 16 bits; Error(kLimit) for a
/// claimed size that is too large. All name the file.
[[nodiscard]] LabelMap read_label_map(const std::filesystem::path& path);
/// Reads a PNG of grey values with 16 bits; smaller ones are taken as they are.
/// @throws Error as read_label_map.
[[nodiscard]] DepthMap read_depth_map(const std::filesystem::path& path);

/// The same for a picture in memory; errors name no file.
[[nodiscard]] LabelMap decode_label_map(std::string_view png);
[[nodiscard]] DepthMap decode_depth_map(std::string_view png);

/// Red, green, blue.
using PaletteColour = std::array<std::uint8_t, 3>;

/// The colours label maps have been shown in since PASCAL VOC: 0 is black, neighbours differ; 255
/// is a light grey.
[[nodiscard]] std::vector<PaletteColour> label_palette();

/// Writes a label map as a PNG of palette indices, so that it looks right in any viewer; values
/// from `palette.size()` on are grey. With an empty palette it is a PNG of grey values. The same
/// map gives the same bytes.
/// @throws Error(kArgument) if the size and the number of values do not fit each other;
/// Error(kLimit); Error(kIo), and then no file is left.
void write_label_map(const std::filesystem::path& path,
                     const LabelMap& map,
                     std::span<const PaletteColour> palette);
/// With label_palette().
void write_label_map(const std::filesystem::path& path, const LabelMap& map);
/// Writes a PNG of 16-bit grey values. @throws Error as write_label_map.
void write_depth_map(const std::filesystem::path& path, const DepthMap& map);

/// The same in memory.
[[nodiscard]] std::string encode_label_map(const LabelMap& map,
                                           std::span<const PaletteColour> palette);
[[nodiscard]] std::string encode_depth_map(const DepthMap& map);

}  // namespace labelloom
