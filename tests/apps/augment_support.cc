#include "tests/apps/augment_support.h"

#include <array>
#include <cstdint>

#include <fmt/format.h>

namespace labelloom::test {
namespace {

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(static_cast<unsigned char>(value >> static_cast<unsigned>(shift)));
  }
  return bytes;
}

std::uint32_t crc32(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::uint32_t adler32(const std::string& bytes) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : bytes) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16U | a;
}

std::string chunk(const std::string& type, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size())) + type + data +
         big_endian(crc32(type + data));
}

/// Deflate's stored blocks (RFC 1951, 3.2.4) in a zlib stream.
std::string stored(const std::string& data) {
  std::string stream = "\x78\x01";
  constexpr std::size_t kLongest = 65535;
  for (std::size_t at = 0; at < data.size(); at += kLongest) {
    const std::string block = data.substr(at, kLongest);
    const auto length = static_cast<unsigned>(block.size());
    stream += at + kLongest >= data.size() ? '\1' : '\0';
    for (const unsigned value : {length, ~length}) {
      stream += static_cast<char>(static_cast<unsigned char>(value));
      stream += static_cast<char>(static_cast<unsigned char>(value >> 8U));
    }
    stream += block;
  }
  return stream + big_endian(adler32(data));
}

}  // namespace

std::string grey_png(int width, int height, int seed) {
  std::string rows;
  for (int y = 0; y < height; ++y) {
    rows += '\0';  // no filter
    for (int x = 0; x < width; ++x) {
      rows += static_cast<char>(static_cast<unsigned char>((x * 3 + y * 5 + seed * 40) % 256));
    }
  }
  using namespace std::string_literals;
  return "\x89PNG\r\n\x1a\n"s +
         chunk("IHDR",
               big_endian(static_cast<std::uint32_t>(width)) +
                   big_endian(static_cast<std::uint32_t>(height)) + "\x08\x00\x00\x00\x00"s) +
         chunk("IDAT", stored(rows)) + chunk("IEND", "");
}

AugmentSet::AugmentSet(int images) {
  std::string records;
  std::string annotations;
  for (int i = 1; i <= images; ++i) {
    records +=
        fmt::format(R"({}{{"id":{},"file_name":"{}/p{}.png","width":64,"height":48,"license":3}})",
                    i == 1 ? "" : ",\n",
                    i,
                    i % 2 == 0 ? "a" : "b",
                    i / 2);
    folder_.write(fmt::format("images/{}/p{}.png", i % 2 == 0 ? "a" : "b", i / 2),
                  grey_png(64, 48, i));
    if (i == 3) continue;  // an image without annotations
    annotations += fmt::format(
        R"({}{{"id":{},"image_id":{},"category_id":1,"bbox":[10,8,30,20],"area":600,"iscrowd":0,
"segmentation":[[10,8,40,8,40,28,10,28]],"keypoints":[12.5,9.5,2,30.25,20,1,0,0,0],"num_keypoints":2,"note":"x"}})",
        annotations.empty() ? "" : ",\n",
        10 * i,
        i);
    annotations += fmt::format(
        R"(,{{"id":{},"image_id":{},"category_id":2,"iscrowd":1,"segmentation":{{"size":[48,64],"counts":[480,24,24,24,2520]}}}})",
        10 * i + 1,
        i);
  }
  folder_.write(
      "coco.json",
      fmt::format(
          R"({{"info":{{"year":2026}},"images":[{}],"annotations":[{}],"categories":[{{"id":1,"name":"cart","keypoints":["left","right","top"],"skeleton":[[1,2]]}},{{"id":2,"name":"sand"}}]}})",
          records,
          annotations));
  folder_.write("pipeline.json", R"({"labelloom_pipeline":1,"transforms":[
{"HorizontalFlip":{"p":0.5}},
{"Affine":{"rotate":[-20,20],"scale":[0.8,1.2],"p":0.9}},
{"RandomBrightnessContrast":{"p":0.7}},
{"HueSaturationValue":{"p":0.5}}]})");
}

Finished AugmentSet::augment(const std::filesystem::path& output,
                             std::vector<std::string> more,
                             const RunOptions& options) const {
  std::vector<std::string> arguments = {"augment",
                                        coco(),
                                        "--images",
                                        images(),
                                        "--pipeline",
                                        pipeline(),
                                        "-o",
                                        output.string(),
                                        "--quiet"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return labelloom(arguments, options);
}

std::map<std::string, std::string> bytes_below(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const std::string& name : files_below(folder)) {
    if (std::filesystem::is_regular_file(folder / name)) files[name] = read_file(folder / name);
  }
  return files;
}

}  // namespace labelloom::test
