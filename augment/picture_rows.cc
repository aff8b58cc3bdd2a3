#include "augment/picture_rows.h"

#include <memory>

namespace labelloom::augment {

PictureRows::PictureRows(const cv::Mat& bgr, const Resample* resample, const ColourPass* colours)
    : source_(&bgr), size_{bgr.cols, bgr.rows} {
  if (resample != nullptr) {
    size_ = resample->out;
    sampler_.emplace(bgr, *resample);
  }
  if (colours != nullptr) colours_.emplace(*colours);
}

std::span<std::uint32_t> PictureRows::room(std::size_t count) {
  constexpr std::size_t kLine = 64;
  band_.resize(count + kLine / sizeof(std::uint32_t));
  void* start = band_.data();
  std::size_t space = band_.size() * sizeof(std::uint32_t);
  std::align(kLine, count * sizeof(std::uint32_t), start, space);  // there is always enough
  return {static_cast<std::uint32_t*>(start), count};
}

void PictureRows::fill(int first_row, std::span<std::uint32_t> band) {
  if (sampler_) {
    sampler_->rows(first_row, band);
  } else {
    const auto width = static_cast<std::size_t>(size_.width);
    for (std::size_t at = 0; at < band.size(); at += width) {
      words_from_bgr(source_->ptr<std::uint8_t>(first_row++), width, band.data() + at);
    }
  }
  if (colours_) colours_->apply(band);
}

cv::Mat to_picture(PictureRows& rows) {
  const Size size = rows.size();
  cv::Mat picture(size.height, size.width, CV_8UC3);
  int row = 0;
  rows.for_each_row([&](std::span<const std::uint32_t> words) {
    bgr_from_words(words.data(), words.size(), picture.ptr<std::uint8_t>(row++));
  });
  return picture;
}

}  // namespace labelloom::augment
