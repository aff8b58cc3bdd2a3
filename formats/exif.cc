#include "formats/exif.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <libexif/exif-data.h>

namespace labelloom {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPrefix = "Exif\0\0"sv;

/// Four bytes at most, the first of them the highest.
std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

std::uint32_t little_endian(std::string_view bytes) {
  const std::string turned(bytes.rbegin(), bytes.rend());
  return big_endian(turned);
}

// These find what begins with TIFF's header; nothing where there is none. `at` stays inside the
// file: a length is 32 bits, and is added to 64.

/// ISO/IEC 10918-1, B.1.1: segments up to the first scan. Strange bytes between them are passed
/// over, as libjpeg does.
std::string_view find_in_jpeg(std::string_view file) {
  for (std::size_t at = 2; at + 4 <= file.size();) {
    const auto marker = static_cast<unsigned char>(file[at + 1]);
    const bool is_restart = marker >= 0xD0 && marker <= 0xD8;
    if (file[at] != '\xFF' || marker == 0xFF || marker == 0) {
      ++at;
    } else if (is_restart || marker == 0x01) {
      at += 2;
    } else {
      const std::size_t length = big_endian(file.substr(at + 2, 2));
      constexpr unsigned char kEnd = 0xD9;
      constexpr unsigned char kScan = 0xDA;
      if (marker == kEnd || marker == kScan || length < 2) break;
      const std::string_view segment = file.substr(at + 4, length - 2);
      if (marker == 0xE1 && segment.starts_with(kPrefix)) return segment.substr(kPrefix.size());
      at += 2 + length;
    }
  }
  return {};
}

/// PNG, third edition, 5.3 and 11.3.4.5.
std::string_view find_in_png(std::string_view file) {
  for (std::size_t at = 8; at + 8 <= file.size();) {
    const std::size_t length = big_endian(file.substr(at, 4));
    const std::string_view type = file.substr(at + 4, 4);
    if (type == "IDAT" || type == "IEND") break;
    if (type == "eXIf") return file.substr(at + 8, length);
    at += 12 + length;
  }
  return {};
}

/// RFC 9649, 2.7. Some programs write a JPEG's prefix here too.
std::string_view find_in_webp(std::string_view file) {
  constexpr std::size_t kFlags = 20;
  constexpr unsigned kHasExif = 8;
  if (file.size() <= kFlags || file.substr(12, 4) != "VP8X" ||
      (static_cast<unsigned char>(file[kFlags]) & kHasExif) == 0) {
    return {};
  }
  for (std::size_t at = 12; at + 8 <= file.size();) {
    const std::size_t length = little_endian(file.substr(at + 4, 4));
    if (file.substr(at, 4) == "EXIF") {
      const std::string_view found = file.substr(at + 8, length);
      return found.starts_with(kPrefix) ? found.substr(kPrefix.size()) : found;
    }
    at += 8 + length + length % 2;
  }
  return {};
}

std::string_view find(std::string_view file) {
  if (file.starts_with("\xFF\xD8\xFF"sv)) return find_in_jpeg(file);
  if (file.starts_with("\x89PNG\r\n\x1a\n"sv)) return find_in_png(file);
  if (file.starts_with("RIFF"sv) && file.size() >= 12 && file.substr(8, 4) == "WEBP") {
    return find_in_webp(file);
  }
  return {};
}

}  // namespace

int exif_orientation(std::string_view file) {
  const std::string_view found = find(file);
  if (found.empty()) return 1;
  constexpr std::size_t kMost = std::size_t{1} << 16;  // of a JPEG's segment; others may be longer
  const std::string block = std::string(kPrefix).append(found.substr(0, kMost));
  const std::unique_ptr<ExifData, void (*)(ExifData*)> data(
      exif_data_new_from_data(reinterpret_cast<const unsigned char*>(block.data()),
                              static_cast<unsigned>(block.size())),
      exif_data_unref);
  if (!data) return 1;
  ExifEntry* entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (entry == nullptr || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 1;
  const int orientation = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

}  // namespace labelloom
