#include "formats/png_mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "tests/support/golden.h"

namespace labelloom {
namespace {

using test::golden;
using test::text_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kHead = "data:image/png;base64,";

struct Picture {
  std::string url;
  Size size;
};

/// Some picture of the golden file.
Picture picture(std::string_view name) {
  const rapidjson::Document document = golden("bitmask_golden.json");
  for (const auto& item : document.GetArray()) {
    if (text_of(item["name"]) != name) continue;
    return {std::string(kHead) + item["base64"].GetString(),
            {item["w"].GetInt(), item["h"].GetInt()}};
  }
  throw std::runtime_error("no such picture");
}

std::string error_of(Errc code, std::string_view url, Size size) {
  try {
    (void)decode_bitmask_data_url(url, size);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error for " << url;
  return {};
}

TEST(PngMask, EveryKindOfPictureIsRead) {
  const rapidjson::Document document = golden("bitmask_golden.json");
  for (const auto& item : document.GetArray()) {
    SCOPED_TRACE(item["name"].GetString());
    const Size size{item["w"].GetInt(), item["h"].GetInt()};
    const Rle rle = decode_bitmask_data_url(std::string(kHead) + item["base64"].GetString(), size);
    EXPECT_EQ(compress(rle), text_of(item["counts"]));
  }
}

TEST(PngMask, TheUrlMayBeInOtherWordsAndBroken) {
  const Picture mask = picture("colour 6, 8 bits");
  const Rle rle = decode_bitmask_data_url(mask.url, mask.size);
  std::string body = mask.url.substr(kHead.size());
  for (std::size_t i = 60; i < body.size(); i += 61) body.insert(i, "\r\n");
  EXPECT_EQ(decode_bitmask_data_url("Data:image/PNG;charset=utf-8;base64," + body, mask.size), rle);
}

TEST(PngMask, OtherUrlsAreRefused) {
  for (const std::string_view url : {"",
                                     "data:image/png;base64",
                                     "data:image/jpeg;base64,AAAA",
                                     "data:image/pngx;base64,AAAA",
                                     "data:image/png,AAAA",
                                     "http://host/mask.png"}) {
    EXPECT_THAT(error_of(Errc::kParse, url, {3, 3}),
                HasSubstr("mask picture: expected \"data:image/png;base64,...\", got"));
  }
  error_of(Errc::kLimit, "", {3, 0});
}

TEST(PngMask, APictureOfAnotherSizeIsRefused) {
  const Picture mask = picture("colour 6, 8 bits");
  const Size other{mask.size.width + 1, mask.size.height};
  EXPECT_THAT(error_of(Errc::kInvalidData, mask.url, other), HasSubstr("expected"));
}

TEST(PngMask, EveryCutOfAPictureIsRefused) {
  constexpr std::size_t kEndChunk = 12;  // a picture whose end mark alone is missing is whole
  for (const char* name : {"colour 6, 8 bits", "colour 3, 4 bits, interlaced, tRNS"}) {
    const Picture mask = picture(name);
    const std::size_t whole = decode_base64(mask.url.substr(kHead.size())).size();
    for (std::size_t length = 0; length / 4 * 3 + kEndChunk < whole; length += 4) {
      const std::string error =
          error_of(Errc::kParse, mask.url.substr(0, kHead.size() + length), mask.size);
      EXPECT_THAT(error, HasSubstr("mask picture: damaged PNG (")) << length;
    }
  }
}

TEST(PngMask, EveryFlippedBitIsSurvived) {
  Picture mask = picture("colour 6, 8 bits");
  for (std::size_t i = kHead.size(); i < mask.url.size(); ++i) {
    std::string url = mask.url;
    url[i] = url[i] == 'A' ? 'B' : 'A';
    try {
      validate(decode_bitmask_data_url(url, mask.size));
    } catch (const Error&) {
    }
  }
}

TEST(DecodeBase64, TheVectorsOfTheStandardAreRead) {
  const auto text = [](std::string_view encoded) {
    const std::vector<std::uint8_t> bytes = decode_base64(encoded);
    return std::string(bytes.begin(), bytes.end());
  };
  EXPECT_EQ(text(""), "");
  EXPECT_EQ(text("Zg=="), "f");
  EXPECT_EQ(text("Zm8="), "fo");
  EXPECT_EQ(text("Zm9v"), "foo");
  EXPECT_EQ(text("Zm9vYg=="), "foob");
  EXPECT_EQ(text("Zm9v\n Ym\tE=\r\n"), "fooba");
  EXPECT_THAT(decode_base64("+/+/"), ElementsAre(0xFB, 0xFF, 0xBF));
  EXPECT_THAT(decode_base64("  \n"), IsEmpty());
}

TEST(DecodeBase64, OtherTextIsRefused) {
  for (const std::string_view text : {"Zg",
                                      "Zg=",
                                      "Z===",
                                      "====",
                                      "=",
                                      "Zg==Zg==",
                                      "Zm8=Zm8=",
                                      "Zg=a",
                                      "Zm9vZ",
                                      "Zm9v=",
                                      "Zm-_",
                                      "Zm9%",
                                      "Zg===",
                                      "Zm9\x80"}) {
    EXPECT_THROW((void)decode_base64(text), Error) << text;
  }
}

}  // namespace
}  // namespace labelloom
