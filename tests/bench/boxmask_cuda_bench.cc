// The CUDA scorer: microseconds an image, whole call (job there, four launches, results back),
// beside what the host does of it and the time the device needs to copy as many bytes as the logits
// have. Without a device only the host's part. usage: boxmask_cuda_bench [images]

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <random>

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "select/boxmask_cuda_run.h"
#include "select/boxmask_packed.h"
#include "select/class_target.h"
#include "select/window.h"

namespace labelloom::select {
namespace {

constexpr Size kInput{1600, 896};
constexpr int kStride = 4;
constexpr int kClasses = 20;
constexpr int kBoxes = 10;

struct DeviceBlock {
  void* data = nullptr;
  std::size_t size = 0;
};

/// Random half precision logits, channels last; every number of one 64 KiB block, again and again.
DeviceBlock random_logits(std::size_t count) {
  std::minstd_rand random(1);  // NOLINT: the same every time
  std::vector<std::uint16_t> block(1 << 15);
  for (std::uint16_t& half : block) {
    half = static_cast<std::uint16_t>((random() & 0x8FFFU) | 0x3000U);  // 2^-3 to 2^2, either sign
  }
  DeviceBlock out{.size = count * sizeof(std::uint16_t)};
  if (cudaMalloc(&out.data, out.size) != cudaSuccess) return {};
  for (std::size_t at = 0; at < out.size; at += block.size() * 2) {
    const std::size_t bytes = std::min(block.size() * 2, out.size - at);
    cudaMemcpy(static_cast<char*>(out.data) + at, block.data(), bytes, cudaMemcpyHostToDevice);
  }
  return out;
}

DeviceLogits view(const DeviceBlock& block, int count, int height, int width) {
  DeviceLogits logits;
  logits.logits = {block.data,
                   static_cast<long long>(height) * width * kClasses,
                   1,
                   static_cast<long long>(width) * kClasses,
                   kClasses};
  logits.type = kLabelloomHalf;
  logits.count = count;
  logits.classes = kClasses;
  logits.height = height;
  logits.width = width;
  return logits;
}

/// What score_on_cuda does before and after the device's work.
void prepare_and_unpack(const ScoringJob& job,
                        const LogitShape& images,
                        const LogitShape& crops,
                        const ScoringOptions& options) {
  const PreparedJob prepared = prepare(job, options, images, {&crops, 1});
  const PackedJob packed = pack(job, prepared, options);
  const std::vector<LabelloomBoxSums> box_sums(packed.boxes.size());
  const std::vector<LabelloomImageSums> image_sums(packed.images.size());
  (void)unpack(prepared, options, box_sums, image_sums, {});
}

double best_seconds(const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count());
  }
  return best;
}

void run(int count) {
  const int height = kInput.height / kStride;
  const int width = kInput.width / kStride;
  const ClassMap map{kClasses, {0, 1, 2, 3, 4, 5, 6, 7}};
  ScoringJob job{
      .stride = kStride, .seg_classes = kClasses, .detectable = {}, .images = {}, .boxes = {}};
  job.detectable = detectable_classes(map);
  job.images.assign(static_cast<std::size_t>(count),
                    {.valid = {0, 0, width, height}, .ignored = {}});
  std::minstd_rand random(2);  // NOLINT: the same every time
  const auto below = [&](int limit) {
    return static_cast<int>(random() % static_cast<unsigned>(limit));
  };
  const std::size_t image_values = static_cast<std::size_t>(count) *
                                   static_cast<std::size_t>(height) *
                                   static_cast<std::size_t>(width) * kClasses;
  std::size_t bytes = image_values * 2;
  int most_cells = 1;
  for (int i = 0; i < count * kBoxes; ++i) {
    BoxJob& box = job.boxes.emplace_back();
    box.image = i / kBoxes;
    const int w = 60 + below(240);
    const int h = 60 + below(240);
    box.box = {
        double(below(kInput.width - w)), double(below(kInput.height - h)), double(w), double(h)};
    box.window = window_cells(window_of(box.box, kInput, {}), kStride);
    box.seg_class = below(8);
    box.target = class_target(std::vector<float>(8, 0.125F), map, {});
    box.crop = i;
    most_cells = std::max({most_cells, box.window.width, box.window.height});
    bytes += static_cast<std::size_t>(w / kStride) * static_cast<std::size_t>(h / kStride) *
             kClasses * 2;
  }
  const ScoringOptions options{.jensen_shannon = false};
  const LogitShape image_shape{count, kClasses, height, width};
  const LogitShape crop_shape{count * kBoxes, kClasses, most_cells, most_cells};
  const double on_host =
      best_seconds([&] { prepare_and_unpack(job, image_shape, crop_shape, options); });
  fmt::print("{} images of {} x {}, {} boxes each, {} classes, half precision\n",
             count,
             kInput.width,
             kInput.height,
             kBoxes,
             kClasses);
  fmt::print("on the host {:.2f} us an image\n", on_host / count * 1e6);
  if (!has_cuda_device()) {
    fmt::print("no CUDA device\n");
    return;
  }
  const auto crop_count = static_cast<std::size_t>(count) * kBoxes;
  const DeviceBlock images = random_logits(image_values);
  const DeviceBlock crops =
      random_logits(crop_count * kClasses * static_cast<std::size_t>(most_cells) *
                    static_cast<std::size_t>(most_cells));
  if (images.data == nullptr || crops.data == nullptr) {
    fmt::print("not enough memory on the device\n");
    return;
  }
  const std::vector<DeviceLogits> crop_views{
      view(crops, static_cast<int>(crop_count), most_cells, most_cells)};
  const DeviceLogits image_view = view(images, count, height, width);
  const double scoring =
      best_seconds([&] { (void)score_on_cuda(job, image_view, crop_views, options); });
  const DeviceBlock copy = random_logits(images.size / 2);
  // A copy reads and writes.
  const double copying = best_seconds([&] {
    cudaMemcpy(copy.data, images.data, images.size, cudaMemcpyDeviceToDevice);
    cudaDeviceSynchronize();
  });
  const double rate = 2.0 * static_cast<double>(images.size) / copying;
  const double limit = static_cast<double>(bytes) / rate;
  fmt::print(
      "scoring {:.2f} us an image; {:.2f} MB at {:.2f} TB/s: {:.2f} us; {:.1f} times the limit\n",
      scoring / count * 1e6,
      static_cast<double>(bytes) / count / 1e6,
      rate / 1e12,
      limit / count * 1e6,
      scoring / limit);
}

}  // namespace
}  // namespace labelloom::select

int main(int argc, char** argv) {
  labelloom::select::run(argc > 1 ? std::atoi(argv[1]) : 64);  // NOLINT(cert-err34-c)
  return 0;
}
