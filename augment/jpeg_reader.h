#pragma once

#include <cstddef>
#include <string_view>

#include <opencv2/core.hpp>

namespace labelloom::augment {

/// A grey or colour JPEG file as 8-bit BGR: the pixels that OpenCV reads, in half the time. Its
/// EXIF orientation is not looked at. Empty when the file is anything else, damaged in any way, or
/// larger than `max_pixels`: what to do then is the caller's choice.
[[nodiscard]] cv::Mat read_jpeg(std::string_view file, std::size_t max_pixels);

}  // namespace labelloom::augment
