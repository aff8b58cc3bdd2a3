#include "formats/png_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "formats/png_mask.h"
#include "tests/fuzz/fuzz_png.h"
#include "tests/support/golden.h"
#include "tests/support/temp_dir.h"

namespace labelloom {
namespace {

using test::golden;
using test::read_file;
using test::TempDir;
using test::text_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string png_of(const rapidjson::Value& item) {
  const std::vector<std::uint8_t> bytes = decode_base64(text_of(item["base64"]));
  return {bytes.begin(), bytes.end()};
}

/// Some picture of another golden file, which has all colour types.
std::string picture(std::string_view name) {
  const rapidjson::Document document = golden("bitmask_golden.json");
  for (const auto& item : document.GetArray()) {
    if (text_of(item["name"]) == name) return png_of(item);
  }
  throw std::runtime_error("no such picture");
}

template <typename Decode>
std::string error_of(Errc code, const Decode& decode) {
  try {
    (void)decode();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

/// The picture with another size in its header, check sums and all.
std::string claiming(std::string_view png, std::uint32_t width, std::uint32_t height) {
  constexpr std::size_t kWidthAt = 16;
  test::Bytes bytes(png.begin(), png.end());
  for (unsigned i = 0; i < 4; ++i) {
    bytes[kWidthAt + i] = static_cast<std::uint8_t>(width >> (24 - 8 * i));
    bytes[kWidthAt + 4 + i] = static_cast<std::uint8_t>(height >> (24 - 8 * i));
  }
  test::mend_check_sums(bytes);
  return {bytes.begin(), bytes.end()};
}

TEST(PngValues, EveryDepthIsReadAsItIsWithoutPaletteGammaOrTransparency) {
  const rapidjson::Document document = golden("png_values_golden.json");
  int wide = 0;
  for (const auto& item : document.GetArray()) {
    SCOPED_TRACE(item["name"].GetString());
    const std::string png = png_of(item);
    const Size size{item["w"].GetInt(), item["h"].GetInt()};
    std::vector<std::uint16_t> values;
    for (const auto& value : item["values"].GetArray()) {
      values.push_back(static_cast<std::uint16_t>(value.GetInt()));
    }
    const std::string_view name = text_of(item["name"]);
    if (name.find("16 bits") == std::string_view::npos) {
      EXPECT_EQ(decode_label_map(png),
                (LabelMap{size, std::vector<std::uint8_t>(values.begin(), values.end())}));
    } else {
      ++wide;
    }
    if (name.starts_with("colour 0")) {
      EXPECT_EQ(decode_depth_map(png), (DepthMap{size, values}));
    }
  }
  EXPECT_EQ(wide, 4);
}

TEST(PngValues, PicturesThatHoldMoreThanOneValueAPixelAreRefused) {
  const auto label_error = [](std::string_view name) {
    return error_of(Errc::kUnexpectedFormat, [&] { return decode_label_map(picture(name)); });
  };
  EXPECT_THAT(label_error("colour 2, 8 bits"),
              HasSubstr("a label map holds one value a pixel; this PNG is RGB, expected grey"));
  EXPECT_THAT(label_error("colour 4, 8 bits"), HasSubstr("is grey with alpha"));
  EXPECT_THAT(label_error("colour 6, 8 bits"), HasSubstr("is RGB with alpha"));
  EXPECT_THAT(label_error("colour 0, 16 bits"),
              HasSubstr("this PNG has 16 bits a pixel, expected grey values or palette indices"));
  EXPECT_THAT(error_of(Errc::kUnexpectedFormat,
                       [] { return decode_depth_map(picture("colour 3, 8 bits")); }),
              HasSubstr("a depth picture holds one value a pixel; this PNG is of palette indices"));
}

TEST(PngValues, WhatIsNoPngIsRefused) {
  EXPECT_THAT(error_of(Errc::kParse, [] { return decode_label_map("P5 2 2 255"); }),
              HasSubstr("PNG"));
  EXPECT_THAT(error_of(Errc::kParse, [] { return decode_label_map(std::string(64, 'x')); }),
              HasSubstr("is no PNG file"));
  EXPECT_THAT(error_of(Errc::kParse, [] { return decode_depth_map(""); }), HasSubstr("PNG"));
}

TEST(PngValues, EveryCutOfAPictureIsRefused) {
  constexpr std::size_t kEndChunk = 12;  // a picture whose end mark alone is missing is whole
  const LabelMap map{{7, 5}, std::vector<std::uint8_t>(35, 3)};
  const std::string png = encode_label_map(map, label_palette());
  ASSERT_EQ(decode_label_map(png), map);
  for (std::size_t length = 0; length + kEndChunk < png.size(); ++length) {
    error_of(Errc::kParse, [&] { return decode_label_map(png.substr(0, length)); });
  }
}

TEST(PngValues, AClaimedSizeIsNotBelieved) {
  const std::string png = encode_label_map({{4, 1}, {1, 2, 3, 4}}, {});
  EXPECT_THAT(error_of(Errc::kParse, [&] { return decode_label_map(claiming(png, 65000, 4000)); }),
              HasSubstr("65000 x 4000 pixels cannot be in "));
  EXPECT_THAT(
      error_of(Errc::kLimit, [&] { return decode_label_map(claiming(png, 200'000, 200'000)); }),
      HasSubstr("200000 x 200000 pixels, more than the"));
  const auto write = [](int width, int height) {
    return [=] { return encode_label_map({{width, height}, {}}, {}); };
  };
  error_of(Errc::kLimit, write(0, 3));
  error_of(Errc::kLimit, write(3, -1));
  error_of(Errc::kLimit, write(1 << 20, 1 << 20));
  error_of(Errc::kArgument, write(2, 2));
}

TEST(PngValues, WhatIsWrittenIsReadAgain) {
  const TempDir dir;
  LabelMap labels{{16, 17}, {}};
  for (int i = 0; i < 16 * 17; ++i) labels.values.push_back(static_cast<std::uint8_t>(i));
  write_label_map(dir / "seg" / "a.png", labels);
  EXPECT_EQ(read_label_map(dir / "seg" / "a.png"), labels);
  write_label_map(dir / "grey.png", labels, {});
  EXPECT_EQ(read_label_map(dir / "grey.png"), labels);
  EXPECT_EQ(read_depth_map(dir / "grey.png").values[300 % 272], labels.values[300 % 272]);

  const DepthMap depth{{3, 1}, {0, 258, 65535}};
  write_depth_map(dir / "depth.png", depth);
  EXPECT_EQ(read_depth_map(dir / "depth.png"), depth);
  EXPECT_EQ(read_file(dir / "depth.png"), encode_depth_map(depth));
}

TEST(PngValues, ErrorsNameTheFile) {
  const TempDir dir;
  const auto path = dir.write("photo.png", picture("colour 2, 8 bits"));
  EXPECT_THAT(error_of(Errc::kUnexpectedFormat, [&] { return read_label_map(path); }),
              StartsWith(path.string() + ": a label map holds one value a pixel"));
  error_of(Errc::kIo, [&] { return read_label_map(dir / "missing.png"); });
}

TEST(PngValues, ThePaletteIsTheUsualOne) {
  const std::vector<PaletteColour> palette = label_palette();
  ASSERT_EQ(palette.size(), 256);
  EXPECT_THAT(palette[0], ElementsAre(0, 0, 0));
  EXPECT_THAT(palette[1], ElementsAre(128, 0, 0));
  EXPECT_THAT(palette[15], ElementsAre(192, 128, 128));  // person
  EXPECT_THAT(palette[255], ElementsAre(224, 224, 192));
}

TEST(PngValues, ValuesBehindAShortPaletteAreWrittenToo) {
  const LabelMap map{{3, 1}, {0, 1, 200}};
  const std::vector<PaletteColour> two = {{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(decode_label_map(encode_label_map(map, two)), map);
}

}  // namespace
}  // namespace labelloom
