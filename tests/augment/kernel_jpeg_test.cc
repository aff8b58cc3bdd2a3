#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "augment/decode_jpeg.h"
#include "augment/encode.h"
#include "augment/jpeg_writer.h"
#include "formats/error.h"
#include "tests/augment/kernel_support.h"

namespace labelloom::augment {
namespace {

std::string opencv_jpeg(const cv::Mat& picture, int quality) {
  std::vector<unsigned char> file;
  cv::imencode(".jpg", picture, file, {cv::IMWRITE_JPEG_QUALITY, quality});
  return {file.begin(), file.end()};
}

PixelPlan plan(std::vector<PixelStep> steps, Size in, Size out) {
  return {in, out, std::move(steps)};
}

Resample turn(Size in, Size out) {
  return {about({50, 40}, rotation(20)), in, out, {}, {{translation(-3, -4), {90, 70}, {9, 8, 7}}}};
}

TEST(Jpeg, FilesAreOpenCvsByteForByte) {
  for (const cv::Size size : {cv::Size{1, 1}, {1, 40}, {40, 1}, {16, 16}, {17, 33}, {300, 211}}) {
    const TightPicture picture(size.width, size.height, CV_8UC3, 1);
    for (const int quality : {1, 50, 95, 100}) {
      EXPECT_TRUE(encode(picture.mat, {ImageFormat::kJpeg, quality}) ==
                  opencv_jpeg(picture.mat, quality))
          << size << ", quality " << quality;
    }
  }
}

TEST(Jpeg, WritingByRowsGivesTheFileOfTheRenderedPicture) {
  const Canvas source{smooth_picture(100, 80),
                      {mask_window(cv::Mat(80, 100, CV_8U, cv::Scalar(255)))}};
  const cv::Mat before = source.pixels.clone();
  const ColourPass colours{{HsvShift{10, 20, 30}}};
  const Filter blur{[](cv::Mat& bgr) { cv::blur(bgr, bgr, {3, 3}); }};
  const Size in{100, 80};
  const Size out{131, 57};
  Resample reflecting = turn(in, out);
  reflecting.sampling.border = Border::kReflect;
  const std::vector<PixelPlan> plans{plan({}, in, in),
                                     plan({turn(in, out)}, in, out),
                                     plan({colours}, in, in),
                                     plan({turn(in, out), colours}, in, out),
                                     plan({blur, turn(in, out), colours, colours}, in, out),
                                     plan({turn(in, out), colours, blur}, in, out),
                                     plan({reflecting, colours}, in, out),
                                     plan({colours, turn(in, out)}, in, out)};
  for (const PixelPlan& one : plans) {
    const Canvas rendered = render(one, source, nullptr);
    const EncodedCanvas encoded = render_encoded(one, source, nullptr, {});
    EXPECT_TRUE(encoded.file == opencv_jpeg(rendered.pixels, 95)) << describe(one);
    ASSERT_EQ(encoded.masks.size(), 1U);
    const cv::Mat mask = whole_mask(encoded.masks[0]);
    EXPECT_EQ(greatest_difference(mask, whole_mask(rendered.masks[0])), 0);
    EXPECT_EQ(mask.size(), rendered.pixels.size());
    EXPECT_EQ(greatest_difference(source.pixels, before), 0) << "the source was changed";
  }
}

TEST(Jpeg, FusedRowsAreTheStepsOneAfterTheOther) {
  const Canvas source{smooth_picture(100, 80), {}};
  const ColourPass colours{{HsvShift{10, 20, 30}}};
  const Resample resample = turn({100, 80}, {131, 57});
  const Canvas first = render(plan({resample}, {100, 80}, {131, 57}), source, nullptr);
  const Canvas then = render(plan({colours}, {131, 57}, {131, 57}), first, nullptr);
  const Canvas both = render(plan({resample, colours}, {100, 80}, {131, 57}), source, nullptr);
  EXPECT_EQ(greatest_difference(then.pixels, both.pixels), 0);
}

TEST(Jpeg, APictureOfAnotherSizeThanPlannedIsRefused) {
  const Canvas source{smooth_picture(10, 10), {}};
  EXPECT_THROW((void)render_encoded(plan({}, {11, 10}, {11, 10}), source, nullptr, {}), Error);
}

TEST(Jpeg, SizesThatJpegCannotHoldAreErrors) {
  EXPECT_THROW(JpegWriter({70000, 1}, 95, JpegWriter::Pixels::kBgr), Error);
  EXPECT_THROW(JpegWriter({0, 1}, 95, JpegWriter::Pixels::kBgr), Error);
}

TEST(Jpeg, AFileThatLacksRowsIsAnError) {
  const std::vector<std::uint8_t> row(30);
  JpegWriter writer({10, 10}, 95, JpegWriter::Pixels::kBgr);
  writer.write_row(row.data());
  EXPECT_THROW((void)writer.finish(), Error);
}

TEST(Jpeg, ReadsWhatOpenCvReads) {
  for (const cv::Size size : {cv::Size{1, 1}, {17, 33}, {300, 211}}) {
    const TightPicture picture(size.width, size.height, CV_8UC3, 2);
    cv::Mat grey;
    cv::cvtColor(picture.mat, grey, cv::COLOR_BGR2GRAY);
    for (const cv::Mat& one : {picture.mat, grey}) {
      const std::string file = opencv_jpeg(one, 80);
      const std::vector<char> bytes(file.begin(), file.end());
      const cv::Mat read = decode_jpeg(file, 0).pixels;
      EXPECT_EQ(greatest_difference(read, cv::imdecode(bytes, cv::IMREAD_COLOR)), 0);
    }
  }
}

TEST(Jpeg, FilesThatAreCutOffAreNotRead) {
  const std::string file = opencv_jpeg(smooth_picture(64, 64), 90);
  EXPECT_FALSE(decode_jpeg(file, 0).pixels.empty());
  for (std::size_t length = 2; length < file.size() - 2; length += 7) {
    EXPECT_THROW((void)decode_jpeg(std::string_view(file).substr(0, length), 0), Error) << length;
  }
}

}  // namespace
}  // namespace labelloom::augment
