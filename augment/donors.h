#pragma once

#include <cstddef>
#include <span>

#include "formats/dataset.h"

namespace cv {
class Mat;
}

namespace labelloom::augment {

/// The other images of a set, for transforms that mix several. Threads share one.
class Donors {
 public:
  Donors() = default;
  virtual ~Donors() = default;
  Donors(const Donors&) = delete;
  Donors& operator=(const Donors&) = delete;

  [[nodiscard]] virtual std::size_t count() const = 0;
  /// Size of image `index` as `pixels` gives it, and its instances in those coordinates.
  [[nodiscard]] virtual Size size(std::size_t index) const = 0;
  [[nodiscard]] virtual std::span<const Instance* const> instances(std::size_t index) const = 0;
  /// 8-bit BGR. @throws Error(kIo), Error(kParse) when the image cannot be decoded.
  [[nodiscard]] virtual cv::Mat pixels(std::size_t index) const = 0;
};

}  // namespace labelloom::augment
