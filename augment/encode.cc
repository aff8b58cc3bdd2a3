#include "augment/encode.h"

#include <opencv2/imgcodecs.hpp>

#include "augment/jpeg_writer.h"
#include "augment/picture_rows.h"
#include "augment/resample.h"
#include "augment/row_steps.h"
#include "formats/error.h"

namespace labelloom::augment {

const char* file_extension(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg:
      return ".jpg";
    case ImageFormat::kPng:
      return ".png";
    case ImageFormat::kWebp:
      return ".webp";
  }
  return "";
}

namespace {

std::string encode_jpeg(const cv::Mat& bgr, int quality) {
  JpegWriter writer({bgr.cols, bgr.rows}, quality, JpegWriter::Pixels::kBgr);
  for (int row = 0; row < bgr.rows; ++row) writer.write_row(bgr.ptr<std::uint8_t>(row));
  return writer.finish();
}

std::string encode_jpeg(PictureRows& rows, int quality) {
  const Size size = rows.size();
  JpegWriter writer(size, quality, JpegWriter::Pixels::kBgrx);
  rows.for_each_row([&](std::span<const std::uint32_t> words) {
    writer.write_row(reinterpret_cast<const std::uint8_t*>(words.data()));
  });
  return writer.finish();
}

}  // namespace

std::string encode(const cv::Mat& bgr, const EncodeOptions& options) {
  if (options.format == ImageFormat::kJpeg) return encode_jpeg(bgr, options.quality);
  std::vector<int> settings;
  if (options.format == ImageFormat::kWebp) settings = {cv::IMWRITE_WEBP_QUALITY, options.quality};
  std::vector<unsigned char> bytes;
  bool done = false;
  try {
    done = cv::imencode(file_extension(options.format), bgr, bytes, settings);
  } catch (const cv::Exception&) {
    done = false;
  }
  if (!done) throw Error(Errc::kIo, {}, "the picture cannot be encoded");
  return {bytes.begin(), bytes.end()};
}

EncodedCanvas render_encoded(const PixelPlan& plan,
                             const Canvas& source,
                             const Donors* donors,
                             const EncodeOptions& options) {
  if (options.format != ImageFormat::kJpeg) {
    Canvas canvas = render(plan, source, donors);
    return {encode(canvas.pixels, options), std::move(canvas.masks)};
  }
  check_size(plan, source);
  const std::span<const PixelStep> steps(plan.steps);
  const RowSteps last = trailing_row_steps(steps);
  Canvas canvas = render(steps.first(steps.size() - last.count), source, donors);
  if (last.count == 0) return {encode(canvas.pixels, options), std::move(canvas.masks)};
  PictureRows rows(canvas.pixels, last.resample, last.colours);
  EncodedCanvas encoded{encode_jpeg(rows, options.quality), std::move(canvas.masks)};
  if (last.resample != nullptr) {
    for (MaskWindow& mask : encoded.masks) mask = resample_mask(mask, *last.resample);
  }
  return encoded;
}

}  // namespace labelloom::augment
