#include "augment/picture_rows.h"

namespace labelloom::augment {

PictureRows::PictureRows(const cv::Mat& bgr, const Resample* resample, const ColourPass* colours)
    : source_(&bgr), size_{bgr.cols, bgr.rows} {
  if (resample != nullptr) {
    size_ = resample->out;
    sampler_.emplace(bgr, *resample);
  }
  if (colours != nullptr) colours_.emplace(*colours);
}

void PictureRows::row(int row, std::span<std::uint32_t> words) {
  if (sampler_) {
    sampler_->row(row, words);
  } else {
    words_from_bgr(source_->ptr<std::uint8_t>(row), words.size(), words.data());
  }
  if (colours_) colours_->apply(words);
}

cv::Mat to_picture(PictureRows& rows) {
  const Size size = rows.size();
  cv::Mat picture(size.height, size.width, CV_8UC3);
  std::vector<std::uint32_t> words(static_cast<std::size_t>(size.width));
  for (int row = 0; row < size.height; ++row) {
    rows.row(row, words);
    bgr_from_words(words.data(), words.size(), picture.ptr<std::uint8_t>(row));
  }
  return picture;
}

}  // namespace labelloom::augment
