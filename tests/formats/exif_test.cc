#include "formats/exif.h"

#include <string>

#include <gtest/gtest.h>

namespace labelloom {
namespace {

using namespace std::string_literals;

/// A JPEG's segment.
std::string segment(char marker, const std::string& payload) {
  const std::size_t length = payload.size() + 2;
  return "\xFF"s + marker + static_cast<char>(length >> 8U) + static_cast<char>(length & 0xFFU) +
         payload;
}

std::string exif(char orientation) {
  return "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"s + orientation + "\0\0\0\0\0\0"s;
}

const std::string kStart = "\xFF\xD8";
const std::string kScan = segment('\xDA', "");

TEST(ExifOrientation, IsFoundBehindAnyNumberOfSegments) {
  std::string jpeg = kStart;
  for (int i = 0; i < 8; ++i) jpeg += segment('\xE2', std::string(65533, 'c'));  // a colour profile
  EXPECT_EQ(exif_orientation(jpeg + segment('\xE1', exif(6)) + kScan), 6);
  EXPECT_EQ(exif_orientation(jpeg + kScan), 1);
}

TEST(ExifOrientation, IsThatOfThePictureNotOfBytesThatLookLikeIt) {
  const std::string said = segment('\xE1', exif(8));
  EXPECT_EQ(exif_orientation(kStart + said + kScan), 8);
  EXPECT_EQ(exif_orientation(kStart + "\xFF\xFF" + said + kScan), 8) << "fill bytes";
  EXPECT_EQ(exif_orientation(kStart + segment('\xE1', "http://ns.adobe.com/xap/1.0/\0"s) + said),
            8);
  EXPECT_EQ(exif_orientation(kStart + segment('\xFE', said) + kScan), 1) << "in a comment";
  EXPECT_EQ(exif_orientation(kStart + kScan + said), 1) << "behind the pixels";
  EXPECT_EQ(exif_orientation(said), 1) << "no picture";
}

TEST(ExifOrientation, ValuesThatMeanNothingLeaveThePictureAsItIs) {
  for (const char value : {'\0', '\x09', '\x7F'}) {
    std::string file(kStart);
    file.append(segment('\xE1', exif(value))).append(kScan);
    EXPECT_EQ(exif_orientation(file), 1);
  }
}

}  // namespace
}  // namespace labelloom
