#include "formats/brush_rle.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "formats/png_mask.h"
#include "tests/support/golden.h"

namespace labelloom {
namespace {

using test::golden;
using test::text_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Bytes = std::vector<std::uint8_t>;

/// Packs groups by hand, as the format says; counts use 3, 4, 8 and 16 bits.
class Packer {
 public:
  explicit Packer(std::uint32_t values) {
    put(values, 32);
    put(7, 5);
    for (const unsigned bits : {3U, 4U, 8U, 16U}) put(bits - 1, 4);
  }

  Packer& repeat(std::uint32_t count, std::uint32_t value) {
    put(1, 1);
    put_count(count);
    return put(value, 8);
  }

  Packer& values(const std::vector<std::uint32_t>& values) {
    put(0, 1);
    put_count(static_cast<std::uint32_t>(values.size()));
    for (const std::uint32_t value : values) put(value, 8);
    return *this;
  }

  Packer& put(std::uint32_t value, unsigned bits) {
    while (bits-- > 0) {
      if (bit_ % 8 == 0) bytes_.push_back(0);
      const unsigned bit = value >> bits & 1U;
      bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | bit << (7 - bit_++ % 8));
    }
    return *this;
  }

  [[nodiscard]] const Bytes& bytes() const { return bytes_; }

 private:
  void put_count(std::uint32_t count) {
    const bool wide = count > 8;
    put(wide ? 3 : 0, 2);
    put(count - 1, wide ? 16 : 3);
  }

  Bytes bytes_;
  unsigned bit_ = 0;
};

std::string error_of(Errc code, const Bytes& bytes, Size size) {
  try {
    (void)decode_brush(bytes, size);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(BrushRle, MasksEqualThoseOfTheSdk) {
  const rapidjson::Document document = golden("brush_golden.json");
  for (const auto& packed : document.GetArray()) {
    const Size size{packed["w"].GetInt(), packed["h"].GetInt()};
    const Bytes bytes = decode_base64(text_of(packed["base64"]));
    EXPECT_EQ(compress(decode_brush(bytes, size)), text_of(packed["counts"]));
  }
}

TEST(BrushRle, OnlyAlphaCountsAndItsFaintestValueDoes) {
  Packer packer(12);
  packer.values({9, 9, 9, 0, 0, 0, 0, 1}).values({0, 0}).values({7, 255});
  EXPECT_THAT(decode_brush(packer.bytes(), {3, 1}).counts, ElementsAre(1, 2));
}

TEST(BrushRle, GroupsMayBeginAndEndInsideAPixel) {
  Packer packer(24);
  packer.repeat(3, 0).repeat(6, 5).repeat(2, 0).values({0, 0, 0, 0, 9}).repeat(8, 0);
  // Alpha values lie at 3 and 7 (in the second group), 11, 15 (the last of the values), 19, 23.
  EXPECT_THAT(decode_brush(packer.bytes(), {3, 2}).counts, ElementsAre(0, 3, 3));
}

TEST(BrushRle, AHugePictureCostsItsGroupsOnly) {
  const Size size{10246, 9818};
  const auto total = static_cast<std::uint32_t>(size.width * size.height * 4);
  Packer packer(total);
  const auto fill = [&](std::uint32_t count, std::uint32_t value) {
    for (; count > 65536; count -= 65536) packer.repeat(65536, value);
    packer.repeat(count, value);
  };
  const std::uint32_t row = 10246 * 4;
  fill(row * 100, 0);
  for (int i = 0; i < 500; ++i) {
    fill(2000, 0);
    fill(4000, 255);
    fill(row - 6000, 0);
  }
  fill(total - row * 600, 0);
  const auto begin = std::chrono::steady_clock::now();
  const Rle rle = decode_brush(packer.bytes(), size);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(extent(rle), (Box{500, 100, 1000, 500}));
  EXPECT_EQ(pixel_count(rle), 500'000U);
  // A few milliseconds; the bound only tells groups from pixels, also under sanitizers.
  EXPECT_LT(seconds.count(), 0.5);
}

TEST(BrushRle, EveryPrefixIsRefused) {
  Packer packer(24);
  packer.repeat(3, 0).repeat(6, 5).repeat(2, 0).values({0, 0, 0, 0, 9}).repeat(8, 0);
  const Bytes& all = packer.bytes();
  for (std::size_t length = 0; length < all.size(); ++length) {
    const Bytes prefix(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_THAT(error_of(Errc::kParse, prefix, {3, 2}),
                HasSubstr("the data ends early, at byte " + std::to_string(length)));
  }
}

TEST(BrushRle, AMaskOfAnotherSizeIsRefused) {
  Packer packer(24);
  packer.repeat(24, 0);
  EXPECT_THAT(error_of(Errc::kInvalidData, packer.bytes(), {4, 2}),
              HasSubstr("it holds 24 values, expected 4 x 2 x 4 = 32"));
  EXPECT_NO_THROW((void)decode_brush(packer.bytes(), {2, 3}));
  error_of(Errc::kLimit, packer.bytes(), {0, 3});
  error_of(Errc::kLimit, packer.bytes(), {65535, 65535});
}

TEST(BrushRle, TwoBytesMayBeLeftPartlyButNotMore) {
  Packer packer(4);
  packer.repeat(4, 1).put(0, 8);
  EXPECT_NO_THROW((void)decode_brush(packer.bytes(), {1, 1}));
  packer.put(0, 8);
  EXPECT_THAT(error_of(Errc::kParse, packer.bytes(), {1, 1}),
              HasSubstr("bits follow the last value, expected at most 15"));
}

TEST(BrushRle, AGroupBeyondTheEndIsRefused) {
  Packer packer(4);
  packer.repeat(2, 1).repeat(3, 1);
  EXPECT_THAT(error_of(Errc::kParse, packer.bytes(), {1, 1}),
              HasSubstr("a group of 3 values begins at value 2 of 4"));
}

TEST(BrushRle, ValuesOfOtherWidthsAreRefused) {
  Packer packer(4);
  Bytes bytes = packer.repeat(4, 1).bytes();
  bytes[4] = static_cast<std::uint8_t>((bytes[4] & 0x07U) | (15U << 3U));
  EXPECT_THAT(error_of(Errc::kInvalidData, bytes, {1, 1}),
              HasSubstr("values of 16 bits, expected 8"));
}

}  // namespace
}  // namespace labelloom
