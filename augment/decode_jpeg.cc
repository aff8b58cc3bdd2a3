#include "augment/decode_jpeg.h"

#include <csetjmp>
#include <cstdint>
#include <cstdio>  // jpeglib.h needs it
#include <string>

#include <fmt/format.h>
#include <jpeglib.h>
// after jpeglib.h
#include <jerror.h>
#include <opencv2/imgproc.hpp>

#include "formats/error.h"

namespace labelloom::augment {
namespace {

/// libjpeg's warnings that mean lost pixels. Others are about bytes between segments.
bool means_damage(int code) {
  return code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
         code == JWRN_MUST_RESYNC || code == JWRN_ARITH_BAD_CODE || code == JWRN_BOGUS_PROGRESSION;
}

struct ErrorManager {
  jpeg_error_mgr base;  // first: libjpeg knows only this
  std::jmp_buf jump;
  int damage = 0;  // code of the first warning that means it
};

ErrorManager& manager(j_common_ptr info) { return *reinterpret_cast<ErrorManager*>(info->err); }

[[noreturn]] void on_error(j_common_ptr info) { std::longjmp(manager(info).jump, 1); }

void on_message(j_common_ptr info, int level) {
  ErrorManager& errors = manager(info);
  if (level < 0 && errors.damage == 0 && means_damage(errors.base.msg_code)) {
    errors.damage = errors.base.msg_code;
  }
}

/// A decompressor. Functions with setjmp own nothing that a jump would leave behind.
class Reader {
 public:
  explicit Reader(std::string_view bytes) {
    info_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = on_error;
    errors_.base.emit_message = on_message;
    if (setjmp(errors_.jump) != 0) fail();
    jpeg_create_decompress(&info_);
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  ~Reader() { jpeg_destroy_decompress(&info_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Size read_header() {
    if (setjmp(errors_.jump) != 0) fail();
    jpeg_read_header(&info_, TRUE);
    return {static_cast<int>(info_.image_width), static_cast<int>(info_.image_height)};
  }

  /// Size of the pixels when every `divisor`th is kept.
  Size choose(unsigned divisor) {
    if (setjmp(errors_.jump) != 0) fail();
    info_.scale_num = 1;
    info_.scale_denom = divisor;
    is_cmyk_ = info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
    info_.out_color_space = is_cmyk_ ? JCS_CMYK : JCS_EXT_BGR;
    jpeg_calc_output_dimensions(&info_);
    return {static_cast<int>(info_.output_width), static_cast<int>(info_.output_height)};
  }

  [[nodiscard]] bool is_cmyk() const { return is_cmyk_; }
  /// Adobe's programs write the four inks inverted.
  [[nodiscard]] bool is_inverted() const { return info_.saw_Adobe_marker != 0; }

  void read_pixels(cv::Mat& pixels) {
    if (setjmp(errors_.jump) != 0) fail();
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = pixels.ptr(static_cast<int>(info_.output_scanline));
      if (jpeg_read_scanlines(&info_, &row, 1) == 0) break;
    }
    jpeg_finish_decompress(&info_);
    if (errors_.damage != 0) fail();
  }

 private:
  [[noreturn]] void fail() {
    const int code = errors_.damage != 0 ? errors_.damage : errors_.base.msg_code;
    if (code == JWRN_JPEG_EOF || code == JERR_INPUT_EOF) {
      throw Error(Errc::kParse, {}, "is a JPEG file that is cut off");
    }
    if (code == JERR_OUT_OF_MEMORY) {
      throw Error(Errc::kLimit, {}, "there is no memory for its pixels");
    }
    errors_.base.msg_code = code;
    char text[JMSG_LENGTH_MAX] = {};
    errors_.base.format_message(reinterpret_cast<j_common_ptr>(&info_), text);
    throw Error(Errc::kParse, {}, fmt::format("is a damaged JPEG file: {}", text));
  }

  ErrorManager errors_ = {};
  jpeg_decompress_struct info_ = {};
  bool is_cmyk_ = false;
};

unsigned divisor_for(Size size, int keep_side) {
  if (keep_side <= 0) return 1;
  const int longest = std::max(size.width, size.height);
  unsigned divisor = 8;
  while (divisor > 1 && longest < static_cast<int>(divisor) * keep_side) divisor /= 2;
  return divisor;
}

/// libjpeg rounds sides up: the last column and row may stand for fewer than `divisor` of the
/// picture's. Stretches what is the picture's over all pixels, so that each stands for as much.
cv::Mat without_margin(const cv::Mat& pixels, Size full, unsigned divisor) {
  const double x_scale = full.width / (static_cast<double>(divisor) * pixels.cols);
  const double y_scale = full.height / (static_cast<double>(divisor) * pixels.rows);
  if (x_scale == 1 && y_scale == 1) return pixels;
  // Between centres of pixels, where OpenCV counts from.
  const cv::Matx23d margin_from_result(
      x_scale, 0, (x_scale - 1) / 2, 0, y_scale, (y_scale - 1) / 2);
  cv::Mat result;
  cv::warpAffine(pixels,
                 result,
                 margin_from_result,
                 pixels.size(),
                 cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
  return result;
}

/// Without a colour profile: light is what all inks let through.
cv::Mat from_cmyk(const cv::Mat& inks, bool inverted) {
  cv::Mat bgr(inks.size(), CV_8UC3);
  for (int y = 0; y < inks.rows; ++y) {
    const auto* from = inks.ptr<cv::Vec4b>(y);
    auto* to = bgr.ptr<cv::Vec3b>(y);
    for (int x = 0; x < inks.cols; ++x) {
      const auto light = [&](int ink) { return inverted ? from[x][ink] : 255 - from[x][ink]; };
      for (int channel = 0; channel < 3; ++channel) {
        to[x][channel] = static_cast<std::uint8_t>((light(2 - channel) * light(3) + 127) / 255);
      }
    }
  }
  return bgr;
}

}  // namespace

bool is_jpeg(std::string_view bytes) { return bytes.starts_with("\xFF\xD8\xFF"); }

DecodedImage decode_jpeg(std::string_view bytes, int keep_side) {
  Reader reader(bytes);
  DecodedImage image;
  image.full = reader.read_header();
  const unsigned divisor = divisor_for(image.full, keep_side);
  const Size size = reader.choose(divisor);
  check_decoded_size(size);
  image.pixels = cv::Mat(size.height, size.width, reader.is_cmyk() ? CV_8UC4 : CV_8UC3);
  reader.read_pixels(image.pixels);
  if (reader.is_cmyk()) image.pixels = from_cmyk(image.pixels, reader.is_inverted());
  image.pixels = without_margin(image.pixels, image.full, divisor);
  return image;
}

}  // namespace labelloom::augment
