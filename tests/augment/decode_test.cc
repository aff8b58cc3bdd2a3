#include "augment/decode.h"

#include <cstdio>  // jpeglib.h needs it
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jpeglib.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "formats/error.h"
#include "formats/image_folder.h"
#include "tests/support/temp_dir.h"

namespace labelloom::augment {
namespace {

using namespace std::string_literals;
using test::TempDir;
using ::testing::HasSubstr;

std::string encoded(const cv::Mat& pixels, const char* extension) {
  std::vector<unsigned char> bytes;
  cv::imencode(extension, pixels, bytes);
  return {bytes.begin(), bytes.end()};
}

/// Left half blue, right half red, with a green row at the top.
cv::Mat picture(int width = 60, int height = 40) {
  cv::Mat pixels(height, width, CV_8UC3, cv::Scalar(200, 20, 10));
  pixels.colRange(width / 2, width).setTo(cv::Scalar(10, 20, 200));
  pixels.rowRange(0, height / 5).setTo(cv::Scalar(10, 220, 30));
  return pixels;
}

DecodedImage decoded(const std::string& bytes, int keep_side = 0) {
  const TempDir folder;
  return decode_image(folder.write("picture", bytes), keep_side);
}

std::string refusal(const std::string& bytes, Errc code) {
  try {
    static_cast<void>(decoded(bytes));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_THAT(error.where().file, HasSubstr("picture"));
    return error.message();
  }
  return "no error";
}

double difference(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() ? cv::norm(a, b, cv::NORM_INF) : 1e9;
}

TEST(DecodeImage, ReadsWhatOpenCvWrites) {
  for (const char* extension : {".png", ".bmp", ".ppm", ".tiff"}) {
    const DecodedImage image = decoded(encoded(picture(), extension));
    EXPECT_EQ(difference(image.pixels, picture()), 0) << extension;
    EXPECT_EQ(image.full, (Size{60, 40}));
  }
  for (const char* extension : {".jpg", ".webp"}) {
    const std::string bytes = encoded(picture(), extension);
    const std::vector<unsigned char> file(bytes.begin(), bytes.end());
    EXPECT_LE(difference(decoded(bytes).pixels, cv::imdecode(file, cv::IMREAD_COLOR)), 1);
  }
}

TEST(DecodeImage, GivesEightBitColourWhateverTheFileHolds) {
  cv::Mat grey;
  cv::cvtColor(picture(), grey, cv::COLOR_BGR2GRAY);
  cv::Mat grey_as_colour;
  cv::cvtColor(grey, grey_as_colour, cv::COLOR_GRAY2BGR);
  EXPECT_EQ(difference(decoded(encoded(grey, ".png")).pixels, grey_as_colour), 0);
  EXPECT_LE(difference(decoded(encoded(grey, ".jpg")).pixels, grey_as_colour), 12);
  cv::Mat wide;
  picture().convertTo(wide, CV_16U, 257);
  EXPECT_EQ(difference(decoded(encoded(wide, ".png")).pixels, picture()), 0);
  cv::Mat wide_grey;
  grey.convertTo(wide_grey, CV_16U, 257);
  EXPECT_EQ(difference(decoded(encoded(wide_grey, ".png")).pixels, grey_as_colour), 0);
  cv::Mat with_alpha;
  cv::cvtColor(picture(), with_alpha, cv::COLOR_BGR2BGRA);
  with_alpha.forEach<cv::Vec4b>([](cv::Vec4b& pixel, const int*) { pixel[3] = 7; });
  EXPECT_EQ(difference(decoded(encoded(with_alpha, ".png")).pixels, picture()), 0);
  EXPECT_EQ(decoded(encoded(cv::Mat(1, 1, CV_8UC3, cv::Scalar(1, 2, 3)), ".png")).full,
            (Size{1, 1}));
}

/// A CMYK JPEG as Adobe's programs write it (inverted) or not.
std::string cmyk_jpeg(bool adobe) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long length = 0;  // NOLINT(google-runtime-int): libjpeg's type
  jpeg_mem_dest(&info, &memory, &length);
  info.image_width = 16;
  info.image_height = 16;
  info.input_components = 4;
  info.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&info);
  info.write_Adobe_marker = adobe ? TRUE : FALSE;
  jpeg_start_compress(&info, TRUE);
  // Full magenta and yellow, no black: red.
  std::vector<unsigned char> row;
  for (int x = 0; x < 16; ++x) {
    for (const int ink : {0, 255, 255, 0}) {
      row.push_back(static_cast<unsigned char>(adobe ? 255 - ink : ink));
    }
  }
  while (info.next_scanline < info.image_height) {
    JSAMPROW line = row.data();
    jpeg_write_scanlines(&info, &line, 1);
  }
  jpeg_finish_compress(&info);
  std::string bytes(reinterpret_cast<const char*>(memory), length);
  jpeg_destroy_compress(&info);
  std::free(memory);
  return bytes;
}

TEST(DecodeImage, TurnsInksIntoLight) {
  for (const bool adobe : {true, false}) {
    const cv::Mat pixels = decoded(cmyk_jpeg(adobe)).pixels;
    ASSERT_EQ(pixels.type(), CV_8UC3);
    const auto& pixel = pixels.at<cv::Vec3b>(8, 8);
    EXPECT_LT(pixel[0], 10);
    EXPECT_LT(pixel[1], 10);
    EXPECT_GT(pixel[2], 245);
  }
}

/// EXIF that holds nothing but the orientation.
std::string exif_block(char orientation) {
  return "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"s + orientation + "\0\0\0\0\0\0"s;
}

std::string turned_jpeg(char orientation) {
  const std::string jpeg = encoded(picture(), ".jpg");
  const std::string exif = "Exif\0\0"s + exif_block(orientation);
  const std::string segment = "\xFF\xE1\0"s + static_cast<char>(exif.size() + 2) + exif;
  return jpeg.substr(0, 2) + segment + jpeg.substr(2);
}

TEST(DecodeImage, ShowsPicturesUprightAsOpenCvDoes) {
  for (char orientation = 1; orientation <= 8; ++orientation) {
    const std::string bytes = turned_jpeg(orientation);
    const std::vector<unsigned char> file(bytes.begin(), bytes.end());
    const DecodedImage image = decoded(bytes);
    EXPECT_LE(difference(image.pixels, cv::imdecode(file, cv::IMREAD_COLOR)), 1)
        << static_cast<int>(orientation);
    EXPECT_EQ(image.full, orientation < 5 ? (Size{60, 40}) : (Size{40, 60}));
  }
}

std::string number(std::size_t value, int bytes, bool little) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    const char byte = static_cast<char>(value >> 8U * static_cast<unsigned>(i) & 0xFFU);
    text.insert(little ? text.end() : text.begin(), byte);
  }
  return text;
}

std::string turned_png(char orientation) {
  const std::string png = encoded(picture(), ".png");
  const std::string body = "eXIf" + exif_block(orientation);
  std::uint32_t crc = ~0U;  // PNG, annex D
  for (const char byte : body) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ (0xEDB88320U & (0U - (crc & 1U)));
  }
  constexpr std::size_t kBehindHeader = 8 + 25;
  return png.substr(0, kBehindHeader) + number(body.size() - 4, 4, false) + body +
         number(~crc, 4, false) + png.substr(kBehindHeader);
}

/// `prefix`: what some programs write before the block.
std::string turned_webp(char orientation, const std::string& prefix) {
  std::vector<unsigned char> bytes;
  cv::imencode(".webp", picture(), bytes, {cv::IMWRITE_WEBP_QUALITY, 101});  // without loss
  const auto chunk = [](const std::string& name, const std::string& body) {
    return name + number(body.size(), 4, true) + body + std::string(body.size() % 2, '\0');
  };
  const std::string head = "\x08\0\0\0"s + number(60 - 1, 3, true) + number(40 - 1, 3, true);
  const std::string body = "WEBP" + chunk("VP8X", head) +
                           std::string(bytes.begin() + 12, bytes.end()) +
                           chunk("EXIF", prefix + exif_block(orientation));
  return chunk("RIFF", body);
}

/// EXIF 2.3, 4.6.4 A, a pixel at a time.
cv::Mat shown(const cv::Mat& stored, int orientation) {
  const int right = stored.cols - 1;
  const int bottom = stored.rows - 1;
  cv::Mat result(orientation < 5 ? stored.size() : cv::Size(stored.rows, stored.cols), CV_8UC3);
  for (int y = 0; y <= bottom; ++y) {
    for (int x = 0; x <= right; ++x) {
      const cv::Point places[] = {{x, y},
                                  {right - x, y},
                                  {right - x, bottom - y},
                                  {x, bottom - y},
                                  {y, x},
                                  {bottom - y, x},
                                  {bottom - y, right - x},
                                  {y, right - x}};
      result.at<cv::Vec3b>(places[orientation - 1]) = stored.at<cv::Vec3b>(y, x);
    }
  }
  return result;
}

TEST(DecodeImage, TurnsPngAndWebpAsTheirExifSays) {
  for (char orientation = 1; orientation <= 8; ++orientation) {
    for (const std::string& bytes : {turned_png(orientation),
                                     turned_webp(orientation, ""),
                                     turned_webp(orientation, "Exif\0\0"s)}) {
      const TempDir folder;
      const std::filesystem::path file = folder.write("picture", bytes);
      const DecodedImage image = decode_image(file);
      EXPECT_EQ(difference(image.pixels, shown(picture(), orientation)), 0)
          << static_cast<int>(orientation) << bytes.substr(0, 4);
      EXPECT_EQ(image.full, orientation < 5 ? (Size{60, 40}) : (Size{40, 60}));
      EXPECT_EQ(read_image_size(file), image.full);
    }
  }
}

TEST(DecodeImage, TurnsAJpegWhoseExifIsBehindALargeColourProfile) {
  const std::string jpeg = turned_jpeg(6);
  std::string profile;
  for (int i = 0; i < 6; ++i) profile += "\xFF\xE2\xFF\xFF" + std::string(65533, 'c');
  const TempDir folder;
  const auto file = folder.write("picture", jpeg.substr(0, 2) + profile + jpeg.substr(2));
  EXPECT_EQ(difference(decode_image(file).pixels, decoded(jpeg).pixels), 0);
  EXPECT_EQ(read_image_size(file), (Size{40, 60}));
}

TEST(DecodeImage, DecodesLargeJpegsSmaller) {
  const std::string bytes = encoded(picture(640, 480), ".jpg");
  EXPECT_EQ(decoded(bytes, 320).pixels.cols, 320);
  EXPECT_EQ(decoded(bytes, 321).pixels.cols, 640);
  EXPECT_EQ(decoded(bytes, 10).pixels.cols, 80);
  EXPECT_EQ(decoded(bytes, 10).full, (Size{640, 480}));
}

/// Where the light of a picture is, as a share of its width and height.
cv::Point2d centre_of_light(const cv::Mat& pixels) {
  cv::Mat grey;
  cv::cvtColor(pixels, grey, cv::COLOR_BGR2GRAY);
  const cv::Moments moments = cv::moments(grey);
  return {(moments.m10 / moments.m00 + 0.5) / grey.cols,
          (moments.m01 / moments.m00 + 0.5) / grey.rows};
}

TEST(DecodeImage, ReducedJpegsShowThingsWhereTheWholePictureDoes) {
  constexpr double kPixels = 0.05;  // of the result: OpenCV's warps count in 1/32
  for (const cv::Size size : {cv::Size(1001, 801), cv::Size(1000, 800), cv::Size(513, 514)}) {
    for (const cv::Rect2d& at : {cv::Rect2d(0.85, 0.6, 0.12, 0.35),
                                 cv::Rect2d(0.1, 0.1, 0.2, 0.1),
                                 cv::Rect2d(0.45, 0.45, 0.1, 0.1)}) {
      cv::Mat pixels = cv::Mat::zeros(size, CV_8UC3);
      const auto share = [](double part, int side) { return static_cast<int>(part * side); };
      const cv::Rect box(share(at.x, size.width),
                         share(at.y, size.height),
                         share(at.width, size.width),
                         share(at.height, size.height));
      pixels(box).setTo(cv::Scalar::all(255));
      const std::string jpeg = encoded(pixels, ".jpg");
      const std::string png = encoded(pixels, ".png");
      for (const int side : {size.width / 8, size.width / 3, size.width / 2}) {
        const Size small = reduced_size({size.width, size.height}, side);
        const cv::Point2d expected = centre_of_light(reduced(decoded(png, side).pixels, small));
        const DecodedImage image = decoded(jpeg, side);
        ASSERT_LT(image.pixels.cols, size.width);
        for (const cv::Mat& seen : {image.pixels, reduced(image.pixels, small)}) {
          const cv::Point2d found = centre_of_light(seen);
          EXPECT_NEAR(found.x * small.width, expected.x * small.width, kPixels) << size << side;
          EXPECT_NEAR(found.y * small.height, expected.y * small.height, kPixels) << size << side;
        }
      }
    }
  }
}

TEST(DecodeImage, NamesWhatIsWrongWithAFile) {
  EXPECT_THAT(refusal("", Errc::kParse), HasSubstr("empty"));
  EXPECT_THAT(refusal("hello", Errc::kParse), HasSubstr("is no image"));
  cv::Mat noise(200, 300, CV_8UC3);
  cv::randu(noise, 0, 255);
  for (const char* extension : {".jpg", ".png"}) {
    const std::string whole = encoded(noise, extension);
    for (const double share : {0.1, 0.5, 0.9}) {
      const auto length = static_cast<std::size_t>(static_cast<double>(whole.size()) * share);
      EXPECT_THAT(refusal(whole.substr(0, length), Errc::kParse), HasSubstr("cut off")) << share;
    }
    std::string damaged = whole;
    for (std::size_t i = whole.size() / 2; i < whole.size() / 2 + 400; ++i) damaged[i] = '\x5A';
    EXPECT_NE(refusal(damaged, Errc::kParse), "") << extension;
  }
  const std::string webp = encoded(noise, ".webp");
  EXPECT_THAT(refusal(webp.substr(0, webp.size() / 2), Errc::kParse), HasSubstr("damaged"));
  try {
    static_cast<void>(decode_image("/nonexistent/picture.jpg"));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::kIo);
  }
}

TEST(DecodeImage, ChecksClaimsBeforeItTakesMemory) {
  // 30,000 x 30,000 in a JPEG's frame header.
  std::string jpeg = encoded(picture(), ".jpg");
  const std::size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, "\x75\x30\x75\x30");
  EXPECT_THAT(refusal(jpeg, Errc::kLimit), HasSubstr("30000 x 30000"));
  std::string bmp = encoded(picture(), ".bmp");
  bmp.replace(18, 8, std::string("\x30\x75\0\0\x30\x75\0\0", 8));
  EXPECT_THAT(refusal(bmp, Errc::kLimit), HasSubstr("30000 x 30000"));
  // A PNG of nothing: 16,000 x 16,000 bits that deflate to 31 KB are fine, in 100 bytes they lie.
  const std::string black = encoded(cv::Mat::zeros(4000, 4000, CV_8U), ".png");
  EXPECT_EQ(decoded(black).full, (Size{4000, 4000}));
  EXPECT_NE(refusal(black.substr(0, 60), Errc::kLimit), "no error");
}

TEST(ReducedSize, KeepsProportionsAndAtLeastAPixel) {
  EXPECT_EQ(reduced_size({640, 480}, 0), (Size{640, 480}));
  EXPECT_EQ(reduced_size({640, 480}, 640), (Size{640, 480}));
  EXPECT_EQ(reduced_size({640, 480}, 320), (Size{320, 240}));
  EXPECT_EQ(reduced_size({480, 640}, 320), (Size{240, 320}));
  EXPECT_EQ(reduced_size({10000, 1}, 100), (Size{100, 1}));
}

}  // namespace
}  // namespace labelloom::augment
