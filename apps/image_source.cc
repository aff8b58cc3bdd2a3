#include "apps/image_source.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "apps/letterbox.h"
#include "augment/decode.h"
#include "augment/pixel_plan.h"
#include "augment/render.h"
#include "formats/error.h"
#include "formats/image_folder.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;

bool is_picture(const fs::path& file) {
  constexpr std::array kExtensions = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"};
  std::string extension = file.extension().string();
  std::ranges::transform(
      extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::find(kExtensions, extension) != kExtensions.end();
}

}  // namespace

Dataset pictures_below(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code code;
  auto entry = fs::recursive_directory_iterator(folder, code);
  for (; !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
    if (!entry->is_regular_file() || !is_picture(entry->path())) continue;
    names.push_back(entry->path().lexically_relative(folder).generic_string());
  }
  if (code) throw Error(Errc::kIo, {.file = folder.string()}, code.message());
  if (names.empty()) throw Error(Errc::kIo, {.file = folder.string()}, "there is no picture in it");
  std::ranges::sort(names);
  Dataset dataset;
  for (std::string& name : names) {
    Image image;
    image.id = static_cast<std::int64_t>(dataset.images.size()) + 1;
    image.file_name = std::move(name);
    dataset.images.push_back(std::move(image));
  }
  return dataset;
}

FolderSource::FolderSource(const std::deque<Image>& images,
                           fs::path folder,
                           const model::ModelConfig& config)
    : images_(images), config_(config), finder_(std::move(folder), images) {}

void FolderSource::check() {
  for (const Image& image : images_) static_cast<void>(finder_.find(image.file_name));
}

model::InputImage FolderSource::load(std::size_t index) {
  const Image& image = images_[index];
  const int side = std::max(config_.input.width, config_.input.height);
  const fs::path file = finder_.find(image.file_name);
  const augment::DecodedImage decoded = augment::decode_image(file, side);
  if (image.size.width > 0 && decoded.full != image.size) {  // a folder says nothing of sizes
    throw Error(Errc::kInvalidData,
                {.file = file.string()},
                augment::size_mismatch(decoded.full, image.size));
  }
  const Size size{decoded.pixels.cols, decoded.pixels.rows};
  const Letterbox letterbox(size, config_.input);
  augment::Plan plan{size, config_.input, {letterbox.step(mean_colour(config_.mean))}};
  const augment::Canvas canvas = augment::render(
      augment::plan_pixels(plan, augment::Fusion::kFull), {decoded.pixels, {}}, nullptr);

  model::InputImage input;
  input.name = image.file_name;
  input.size = config_.input;
  input.placement = letterbox.placement(decoded.full);
  input.rgb.resize(canvas.pixels.total() * 3);
  cv::Mat rgb(canvas.pixels.rows, canvas.pixels.cols, CV_8UC3, input.rgb.data());
  cv::cvtColor(canvas.pixels, rgb, cv::COLOR_BGR2RGB);
  return input;
}

}  // namespace labelloom::apps
