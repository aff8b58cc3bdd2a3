#include "tests/select/scene.h"

#include <algorithm>

namespace labelloom::select {

Logits::Logits(int n, int c, int h, int w, float value)
    : count(n),
      classes(c),
      height(h),
      width(w),
      values(static_cast<std::size_t>(n) * static_cast<std::size_t>(c) *
                 static_cast<std::size_t>(h) * static_cast<std::size_t>(w),
             value) {}

float& Logits::at(int n, int k, int y, int x) {
  const int index = ((n * classes + k) * height + y) * width + x;
  return values[static_cast<std::size_t>(index)];
}

void Logits::set_label(int n, int y, int x, int label, float high, float low) {
  for (int k = 0; k < classes; ++k) at(n, k, y, x) = k == label ? high : low;
}

void Logits::fill(Noise& noise, double spread) {
  for (float& value : values) value = static_cast<float>(noise.in(-spread, spread));
}

LogitBatch Logits::batch() const {
  const std::ptrdiff_t plane = std::ptrdiff_t{height} * width;
  return {values.data(), count, classes, height, width, plane * classes, plane, width, 1};
}

Scene::Scene(int count, int seg_classes, int things, int height, int width)
    : images(count, seg_classes, height, width) {
  job.stride = 4;
  job.seg_classes = seg_classes;
  classes.seg_classes = seg_classes;
  for (int k = 0; k < things; ++k) classes.seg_of_class.push_back(k);
  job.detectable = detectable_classes(classes);
  job.images.resize(static_cast<std::size_t>(count));
  for (ImageJob& image : job.images) image.valid = {0, 0, width, height};
}

std::vector<LogitBatch> Scene::crop_batches() const {
  std::vector<LogitBatch> batches;
  for (const Logits& crop : crops) batches.push_back(crop.batch());
  return batches;
}

BoxJob& Scene::add_box(const Box& box, int seg_class, const Cells& window, int image) {
  Logits& crop = crops.emplace_back(1, images.classes, window.height, window.width);
  for (int k = 0; k < images.classes; ++k) {
    for (int y = 0; y < window.height; ++y) {
      for (int x = 0; x < window.width; ++x) {
        crop.at(0, k, y, x) = images.at(image, k, window.y + y, window.x + x);
      }
    }
  }
  std::vector<float> probabilities(classes.seg_of_class.size(), 0);
  if (seg_class >= 0) probabilities[static_cast<std::size_t>(seg_class)] = 1;
  BoxJob& added = job.boxes.emplace_back();
  added.image = image;
  added.box = box;
  added.seg_class = seg_class;
  added.target = class_target(probabilities, classes, {});
  added.crop_batch = static_cast<int>(crops.size()) - 1;
  added.window = window;
  return added;
}

BoxJob& Scene::add_box(const Box& box, int seg_class, int image) {
  return add_box(box, seg_class, {0, 0, images.width, images.height}, image);
}

Scene random_scene(std::uint32_t seed, int seg_classes, bool with_padding) {
  Noise noise(seed);
  const int things = std::max(1, seg_classes / 2);
  const int height = 24 + noise.below(17);
  const int width = 30 + noise.below(45);
  Scene scene(3, seg_classes, things, height, width);
  scene.images.fill(noise, 4);
  scene.job.images[1].valid = {2, 1, width - 5, height - 3};
  scene.job.images[2].ignored.resize(static_cast<std::size_t>(width) *
                                     static_cast<std::size_t>(height));
  for (auto& ignored : scene.job.images[2].ignored) ignored = noise.below(5) == 0 ? 1 : 0;
  for (int i = 0; i < 14; ++i) {
    const int image = noise.below(3);
    const Cells& valid = scene.job.images[static_cast<std::size_t>(image)].valid;
    const int w = 1 + noise.below(valid.width);
    const int h = 1 + noise.below(valid.height);
    const Cells window{valid.x + noise.below(valid.width - w + 1),
                       valid.y + noise.below(valid.height - h + 1),
                       w,
                       h};
    const Box box{window.x * 4 + noise.in(0, w), window.y * 4 + noise.in(0, h), w * 2.5, h * 2.5};
    BoxJob& job = scene.add_box(box, noise.below(things), window, image);
    const int pad = with_padding ? 5 : 0;
    Logits crop(2, seg_classes, h + pad, w + pad);
    crop.fill(noise, 4);
    if (i % 5 == 0) {  // a class the segmentation does not see
      for (int y = 0; y < h; ++y) {
        for (int x = 0; x < w; ++x) crop.at(1, job.seg_class, y, x) = -30;
      }
    }
    job.crop = 1;
    scene.crops.back() = crop;
    std::vector<float> probabilities(static_cast<std::size_t>(things));
    for (float& p : probabilities) p = static_cast<float>(noise.in(0, 1));
    job.target = class_target(probabilities, scene.classes, {});
    for (int p = 0; p < 3; ++p) {
      job.keypoints.push_back({box.x + noise.in(-9, box.width), box.y + noise.in(0, box.height)});
    }
  }
  return scene;
}

}  // namespace labelloom::select
