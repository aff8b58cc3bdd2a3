#include "formats/image_folder.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <stb_image.h>

#include "formats/error.h"
#include "formats/exif.h"
#include "formats/file_io.h"

namespace labelloom {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxSide = 1 << 20;

/// Size in a WebP header, which stb does not know. Layouts: RFC 9649, sections 2.5-2.7.
std::optional<Size> webp_size(const unsigned char* h, std::size_t length) {
  const auto tag = [&](std::size_t at, std::string_view text) {
    return length >= at + text.size() &&
           std::equal(text.begin(), text.end(), h + at, [](char a, unsigned char b) {
             return static_cast<unsigned char>(a) == b;
           });
  };
  if (length < 30 || !tag(0, "RIFF") || !tag(8, "WEBP")) return std::nullopt;
  if (tag(12, "VP8X")) {
    return Size{1 + (h[24] | h[25] << 8 | h[26] << 16), 1 + (h[27] | h[28] << 8 | h[29] << 16)};
  }
  if (tag(12, "VP8L")) {
    return Size{1 + (h[21] | (h[22] & 0x3F) << 8),
                1 + (h[22] >> 6 | h[23] << 2 | (h[24] & 0x0F) << 10)};
  }
  if (tag(12, "VP8 ")) return Size{h[26] | (h[27] & 0x3F) << 8, h[28] | (h[29] & 0x3F) << 8};
  return std::nullopt;
}

/// Size in the first directory of a TIFF file, which stb does not know, as it is shown (TIFF 6.0,
/// sections 2 and 8).
std::optional<Size> tiff_size(std::FILE* in, const unsigned char* head, std::size_t length) {
  if (length < 8 || (head[0] != 'I' && head[0] != 'M') || head[1] != head[0]) return std::nullopt;
  const bool little = head[0] == 'I';
  const auto number = [little](const unsigned char* at, unsigned bytes) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) value = value << 8U | at[little ? bytes - 1 - i : i];
    return value;
  };
  unsigned char count[2] = {};
  if (number(head + 2, 2) != 42 || std::fseek(in, number(head + 4, 4), SEEK_SET) != 0 ||
      std::fread(count, 1, sizeof count, in) != sizeof count) {
    return std::nullopt;
  }
  Size size;
  bool turned = false;
  for (std::uint32_t i = number(count, 2); i > 0; --i) {
    unsigned char entry[12] = {};
    if (std::fread(entry, 1, sizeof entry, in) != sizeof entry) return std::nullopt;
    constexpr std::uint32_t kShort = 3;
    const std::uint32_t value = number(entry + 8, number(entry + 2, 2) == kShort ? 2 : 4);
    const std::uint32_t tag = number(entry, 2);
    if (tag == 256) size.width = static_cast<int>(std::min<std::uint32_t>(value, kMaxSide + 1));
    if (tag == 257) size.height = static_cast<int>(std::min<std::uint32_t>(value, kMaxSide + 1));
    if (tag == 274) turned = value >= 5 && value <= 8;
  }
  if (turned) std::swap(size.width, size.height);
  return size;
}

std::string basename_of(std::string_view path) {
  return std::string(path.substr(path.find_last_of('/') + 1));
}

/// How many path components, counted from the end, two paths share.
std::size_t shared_tail(std::string_view a, std::string_view b) {
  std::size_t shared = 0;
  while (!a.empty() && !b.empty()) {
    const std::size_t slash_a = a.find_last_of('/');
    const std::size_t slash_b = b.find_last_of('/');
    if (a.substr(slash_a + 1) != b.substr(slash_b + 1)) break;
    ++shared;
    a = slash_a == std::string_view::npos ? std::string_view{} : a.substr(0, slash_a);
    b = slash_b == std::string_view::npos ? std::string_view{} : b.substr(0, slash_b);
  }
  return shared;
}

}  // namespace

Size read_image_size(const fs::path& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rbe"),
                                                           std::fclose);
  if (!in) throw Error(Errc::kIo, {.file = file.string()}, "cannot open the image");
  unsigned char head[30] = {};
  const std::size_t length = std::fread(head, 1, sizeof head, in.get());
  std::rewind(in.get());
  Size size;
  if (const auto webp = webp_size(head, length)) {
    size = *webp;
  } else if (const auto tiff = tiff_size(in.get(), head, length)) {
    size = *tiff;
  } else {
    std::rewind(in.get());
    int channels = 0;
    if (stbi_info_from_file(in.get(), &size.width, &size.height, &channels) == 0) {
      throw Error(
          Errc::kParse,
          {.file = file.string()},
          "is no image whose size can be read (JPEG, PNG, WebP, TIFF, BMP, GIF, PNM, PSD, TGA)");
    }
  }
  if (exchanges_sides(exif_orientation(InputFile(file).text()))) std::swap(size.width, size.height);
  if (size.width < 1 || size.height < 1 || size.width > kMaxSide || size.height > kMaxSide) {
    throw Error(Errc::kInvalidData,
                {.file = file.string()},
                fmt::format("image size {} x {} is outside [1, {}]; is the file damaged?",
                            size.width,
                            size.height,
                            kMaxSide));
  }
  return size;
}

ImageFolder::ImageFolder(fs::path root) : root_(std::move(root)) {
  const auto fail = [&](const fs::path& where, const std::error_code& code) {
    throw Error(Errc::kIo,
                {.file = where.string()},
                fmt::format("cannot read the image folder: {}", code.message()));
  };
  std::error_code code;
  fs::recursive_directory_iterator entry(
      root_, fs::directory_options::follow_directory_symlink, code);
  if (code) fail(root_, code);
  for (const fs::recursive_directory_iterator end; entry != end;) {
    if (entry->is_regular_file(code)) {
      files_.push_back(entry->path().lexically_relative(root_).generic_string());
    }
    // A link that leads back above itself would otherwise be followed until the path is too long.
    if (entry.depth() > 32) entry.disable_recursion_pending();
    entry.increment(code);
    if (code) fail(root_, code);
  }
  std::ranges::sort(files_);
  for (std::size_t i = 0; i < files_.size(); ++i) {
    by_basename_[basename_of(files_[i])].push_back(static_cast<std::uint32_t>(i));
  }
}

ImageFolder::Found ImageFolder::find(std::string_view name) const {
  const auto candidates = by_basename_.find(basename_of(name));
  if (candidates == by_basename_.end()) return {};
  std::size_t best_tail = 0;
  std::uint32_t best = 0;
  bool tie = false;
  for (const std::uint32_t index : candidates->second) {
    if (files_[index] == name) return {Match::kOne, files_[index]};
    const std::size_t tail = shared_tail(files_[index], name);
    if (tail > best_tail) {
      best_tail = tail;
      best = index;
      tie = false;
    } else if (tail == best_tail) {
      tie = true;
    }
  }
  if (tie) return {Match::kSeveral, {}};
  return {Match::kOne, files_[best]};
}

}  // namespace labelloom
