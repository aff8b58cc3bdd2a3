#include "augment/jpeg_reader.h"

#include "augment/jpeg_errors.h"

namespace labelloom::augment {
namespace {

struct Reader {
  jpeg_decompress_struct jpeg = {};
  JpegErrors errors;

  Reader() { jpeg.err = errors.manager(); }
  ~Reader() { jpeg_destroy_decompress(&jpeg); }  // does nothing when never created
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
};

cv::Mat read(Reader& reader, std::string_view file, std::size_t max_pixels) {
  jpeg_decompress_struct& jpeg = reader.jpeg;
  reader.errors.call([&] {
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(file.data()), file.size());
    jpeg_read_header(&jpeg, TRUE);
  });
  const bool known = jpeg.jpeg_color_space == JCS_GRAYSCALE || jpeg.jpeg_color_space == JCS_YCbCr ||
                     jpeg.jpeg_color_space == JCS_RGB;
  const std::size_t pixels = std::size_t{jpeg.image_width} * jpeg.image_height;
  if (!known || pixels > max_pixels) return {};
  cv::Mat bgr(static_cast<int>(jpeg.image_height), static_cast<int>(jpeg.image_width), CV_8UC3);
  reader.errors.call([&] {
    jpeg.out_color_space = JCS_EXT_BGR;
    jpeg_start_decompress(&jpeg);
    while (jpeg.output_scanline < jpeg.output_height) {
      JSAMPROW row = bgr.ptr<JSAMPLE>(static_cast<int>(jpeg.output_scanline));
      jpeg_read_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_decompress(&jpeg);
  });
  return reader.errors.warnings() == 0 ? bgr : cv::Mat();
}

}  // namespace

cv::Mat read_jpeg(std::string_view file, std::size_t max_pixels) {
  if (!file.starts_with("\xFF\xD8")) return {};
  Reader reader;
  try {
    return read(reader, file, max_pixels);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace labelloom::augment
