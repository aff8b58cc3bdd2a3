// The fused scorer beside the straightforward implementation: logits enlarged to full resolution,
// softmax of all of it, one mask of the whole image a box, both divergences written out with
// tensors. Processor time of one thread each; ratios of one run. usage: boxmask_bench [rounds]

#include <cstdlib>
#include <ctime>
#include <functional>

// ATen.h compiles in clang only behind ivalue.h.
// clang-format off
#include <ATen/core/ivalue.h>
#include <ATen/ATen.h>
// clang-format on
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <tbb/global_control.h>

#include "select/boxmask_aten.h"
#include "select/boxmask_combine.h"
#include "select/boxmask_cpu.h"
#include "select/class_target.h"
#include "select/window.h"

namespace labelloom::select {
namespace {

constexpr Size kInput{1600, 896};
constexpr int kStride = 4;
constexpr int kClasses = 20;
constexpr int kThings = 8;
constexpr int kBoxes = 10;
constexpr int kImages = 4;

struct Pool {
  ScoringJob job;
  at::Tensor images;  // [N, C, H / 4, W / 4]
  std::vector<at::Tensor> crops;
};

/// Smooth random logits: neighbouring cells agree, as a network's do.
at::Tensor smooth_logits(int count, int height, int width) {
  const at::Tensor coarse = at::randn({count, kClasses, height / 8 + 1, width / 8 + 1}) * 4;
  return at::upsample_bilinear2d(coarse, {height, width}, false).contiguous();
}

Pool make_pool() {
  at::manual_seed(1);
  Pool pool;
  const int height = kInput.height / kStride;
  const int width = kInput.width / kStride;
  pool.images = smooth_logits(kImages, height, width);
  ClassMap map{.seg_classes = kClasses, .seg_of_class = {}};
  for (int k = 0; k < kThings; ++k) map.seg_of_class.push_back(k);
  pool.job.stride = kStride;
  pool.job.seg_classes = kClasses;
  pool.job.detectable = detectable_classes(map);
  pool.job.images.assign(kImages, {.valid = {0, 0, width, height}, .ignored = {}});
  std::srand(1);  // NOLINT(cert-msc51-cpp): the same every time
  const auto below = [](int limit) {
    return std::rand() % limit;
  };  // NOLINT(concurrency-mt-unsafe)
  for (int i = 0; i < kImages * kBoxes; ++i) {
    BoxJob& box = pool.job.boxes.emplace_back();
    box.image = i / kBoxes;
    const int w = 60 + below(240);
    const int h = 60 + below(240);
    box.box = {
        double(below(kInput.width - w)), double(below(kInput.height - h)), double(w), double(h)};
    box.window = window_cells(window_of(box.box, kInput, {}), kStride);
    box.seg_class = below(kThings);
    // The middle of the box looks like its class.
    const int left = (static_cast<int>(box.box.x) + w / 8) / kStride;
    const int top = (static_cast<int>(box.box.y) + h / 8) / kStride;
    pool.images[box.image][box.seg_class]
        .narrow(0, top, h * 3 / 4 / kStride)
        .narrow(1, left, w * 3 / 4 / kStride)
        .add_(8);
    const at::Tensor crop = pool.images[box.image]
                                .narrow(1, box.window.y, box.window.height)
                                .narrow(2, box.window.x, box.window.width);
    pool.crops.push_back((crop + at::randn_like(crop) * 0.3).unsqueeze(0).contiguous());
    box.crop_batch = i;
    std::vector<float> p(kThings, 0.02F);
    p[static_cast<std::size_t>(box.seg_class)] = 1;
    box.target = class_target(p, map, {});
  }
  return pool;
}

/// S of one image, the way one writes it down.
double straightforward(const Pool& pool, int image) {
  using at::indexing::Slice;
  const at::Tensor p =
      at::softmax(at::upsample_bilinear2d(
                      pool.images.narrow(0, image, 1), {kInput.height, kInput.width}, false)[0],
                  0);
  const at::Tensor label = p.argmax(0);
  at::Tensor all = at::zeros({kInput.height, kInput.width}, at::kBool);
  double greatest = 0;
  for (const BoxJob& box : pool.job.boxes) {
    if (box.image != image) continue;
    const Cells window{box.window.x * kStride,
                       box.window.y * kStride,
                       box.window.width * kStride,
                       box.window.height * kStride};
    const at::Tensor crop =
        at::softmax(at::upsample_bilinear2d(pool.crops[static_cast<std::size_t>(box.crop_batch)],
                                            {window.height, window.width},
                                            false)[0],
                    0);
    at::Tensor mask = at::zeros({kInput.height, kInput.width}, at::kBool);
    mask.index_put_({Slice(window.y, window.bottom()), Slice(window.x, window.right())},
                    crop[box.seg_class].gt(0.3));
    at::Tensor in_box = at::zeros({kInput.height, kInput.width}, at::kBool);
    in_box.index_put_(
        {Slice(int(box.box.y), int(box.box.bottom())), Slice(int(box.box.x), int(box.box.right()))},
        at::scalar_tensor(true, at::kBool));
    mask = mask.logical_and(in_box);
    all = all.logical_or(mask);
    if (!mask.any().item<bool>()) mask = in_box;
    const double count = std::max(1.0, mask.sum().item<double>());
    const double location = label.ne(box.seg_class).logical_and(mask).sum().item<double>() / count;
    const at::Tensor q = at::tensor(box.target).reshape({kClasses, 1, 1});
    const at::Tensor from_pixels = (p * (p.log() - q.log())).sum(0);
    const at::Tensor from_box = (q * (q.log() - p.log())).sum(0);
    const at::Tensor distance = (from_pixels + from_box) / 2;
    const double classes = (distance * mask).sum().item<double>() / count;
    greatest = std::max(greatest, location + classes);
  }
  const at::Tensor outside = all.logical_not();
  const double wrong = label.lt(kThings).logical_and(outside).sum().item<double>();
  return greatest + wrong / std::max(1.0, outside.sum().item<double>());
}

/// Processor time: other programs on the machine are of less account than for time on the wall.
double seconds(int rounds, const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < rounds; ++i) {
    const std::clock_t start = std::clock();
    work();
    best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return best;
}

LogitBatch batch_of(const at::Tensor& t) {
  const auto size = [&](int d) { return static_cast<int>(t.size(d)); };
  return {t.data_ptr<float>(),
          size(0),
          size(1),
          size(2),
          size(3),
          t.stride(0),
          t.stride(1),
          t.stride(2),
          t.stride(3)};
}

double paper_score(const ImageComponents& image) {
  const ImageTerms terms = terms_of(image, {});
  return terms.segmentation + terms.boxes;
}

void run(int rounds) {
  const tbb::global_control one_thread(tbb::global_control::max_allowed_parallelism, 1);
  at::set_num_threads(1);
  const c10::InferenceMode no_gradients;
  const Pool pool = make_pool();
  std::vector<LogitBatch> crops;
  for (const at::Tensor& crop : pool.crops) crops.push_back(batch_of(crop));
  const auto fused = [&](const ScoringOptions& options) {
    return score_on_cpu(pool.job, batch_of(pool.images), crops, options);
  };
  const ScoringOptions paper{.jensen_shannon = false};
  const ScoringOptions on_pixels{.grid = Grid::kPixels, .jensen_shannon = false};

  double plain_score = 0;
  const double plain =
      seconds(std::max(1, rounds / 5), [&] { plain_score = straightforward(pool, 0); });
  fmt::print("{} x {} pixels, {} classes, {} boxes an image, one thread\n\n",
             kInput.width,
             kInput.height,
             kClasses,
             kBoxes);
  fmt::print("{:<46}{:>12}{:>12}{:>10}\n", "", "ms / image", "times plain", "score");
  const auto line = [&](const char* name, double time, double score) {
    fmt::print("{:<46}{:>12.2f}{:>12.1f}{:>10.4f}\n", name, time * 1e3, plain / time, score);
  };
  line("straightforward, full resolution", plain, plain_score);
  std::uint32_t mask_cells = 0;
  for (const ImageComponents& image : fused({})) {
    for (const BoxComponents& box : image.boxes) mask_cells += box.summed_cells();
  }
  const auto measure = [&](const char* name,
                           const std::function<std::vector<ImageComponents>()>& f) {
    std::vector<ImageComponents> result;
    const double time = seconds(rounds, [&] { result = f(); }) / kImages;
    line(name, time, paper_score(result[0]));
  };
  measure("fused, cells of the logits", [&] { return fused(paper); });
  measure("fused, cells, Jensen-Shannon as well", [&] { return fused({}); });
  measure("fused, full resolution", [&] { return fused(on_pixels); });
  measure("tensors (score_with_aten), cells",
          [&] { return score_with_aten(pool.job, pool.images, pool.crops, paper); });
  const double cells = double(kInput.width) / kStride * kInput.height / kStride;
  fmt::print("\nBoxMasks cover {:.0f} % of an image, overlaps counted twice.\n",
             100.0 * mask_cells / kImages / cells);
}

}  // namespace
}  // namespace labelloom::select

int main(int argc, char** argv) {
  labelloom::select::run(argc > 1 ? std::atoi(argv[1]) : 10);  // NOLINT(cert-err34-c)
  return 0;
}
