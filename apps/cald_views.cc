#include "apps/cald_views.h"

#include <cmath>
#include <utility>

#include <torch/torch.h>

#include "select/cald_score.h"
#include "select/score_row.h"

namespace labelloom::apps {
namespace {

namespace F = torch::nn::functional;
using Boxes = std::vector<std::vector<Box>>;

constexpr double kSmaller = 0.8;
constexpr double kDegrees = 5;

Size size_of(const torch::Tensor& images) {
  return {static_cast<int>(images.size(3)), static_cast<int>(images.size(2))};
}

/// `change(box)` for every box.
template <typename Change>
Boxes changed(std::span<const std::vector<Box>> boxes, const Change& change) {
  Boxes result;
  for (const std::vector<Box>& of_picture : boxes) {
    std::vector<Box>& own = result.emplace_back();
    for (const Box& box : of_picture) own.push_back(change(box));
  }
  return result;
}

ChangedPictures mirrored(const torch::Tensor& images, std::span<const std::vector<Box>> boxes) {
  const double width = size_of(images).width;
  return {images.flip({3}), changed(boxes, [width](const Box& box) {
            return Box{width - box.right(), box.y, box.width, box.height};
          })};
}

ChangedPictures with_holes(const torch::Tensor& images,
                           std::span<const std::vector<Box>> boxes,
                           std::span<const std::string> names,
                           const model::ModelConfig& config,
                           std::uint64_t seed) {
  torch::Tensor result = images.clone();
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const std::uint64_t own_seed = select::hash64(names[i], seed);
    for (const Box& hole : select::cutout_holes(boxes[i], size_of(images), own_seed)) {
      for (std::size_t channel = 0; channel < config.mean.size(); ++channel) {
        const float black = -config.mean[channel] / config.deviation[channel];
        result[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(channel)]
            .narrow(0, std::lround(hole.y), std::lround(hole.height))
            .narrow(1, std::lround(hole.x), std::lround(hole.width))
            .fill_(black);
      }
    }
  }
  return {std::move(result), Boxes(boxes.begin(), boxes.end())};
}

ChangedPictures smaller(const torch::Tensor& images,
                        std::span<const std::vector<Box>> boxes,
                        int multiple_of) {
  const Size size = size_of(images);
  const std::int64_t width = std::max(1L, std::lround(size.width * kSmaller));
  const std::int64_t height = std::max(1L, std::lround(size.height * kSmaller));
  const auto rounded_up = [&](std::int64_t side) {
    return (side + multiple_of - 1) / multiple_of * multiple_of;
  };
  torch::Tensor canvas = torch::zeros(
      {images.size(0), images.size(1), rounded_up(height), rounded_up(width)}, images.options());
  const auto options = F::InterpolateFuncOptions()
                           .size(std::vector<std::int64_t>{height, width})
                           .mode(torch::kBilinear)
                           .align_corners(false);
  canvas.narrow(2, 0, height).narrow(3, 0, width).copy_(F::interpolate(images, options));
  const double x = static_cast<double>(width) / size.width;
  const double y = static_cast<double>(height) / size.height;
  return {std::move(canvas), changed(boxes, [x, y](const Box& box) {
            return Box{box.x * x, box.y * y, box.width * x, box.height * y};
          })};
}

ChangedPictures rotated(const torch::Tensor& images, std::span<const std::vector<Box>> boxes) {
  const select::RotatedView view{size_of(images), kDegrees};
  // Columns of the map from the view to the picture, in halves of the sides as affine_grid has it.
  const double half_width = view.size.width / 2.0;
  const double half_height = view.size.height / 2.0;
  const Point2d across = view.source({half_width, 0});
  const Point2d down = view.source({0, half_height});
  const torch::Tensor map = torch::tensor({across.x / half_width,
                                           down.x / half_width,
                                           0.0,
                                           across.y / half_height,
                                           down.y / half_height,
                                           0.0},
                                          torch::kFloat64)
                                .to(images.options())
                                .view({1, 2, 3})
                                .expand({images.size(0), 2, 3});
  const torch::Tensor grid = F::affine_grid(map, images.sizes().vec(), /*align_corners=*/false);
  const auto options = F::GridSampleFuncOptions()
                           .mode(torch::kBilinear)
                           .padding_mode(torch::kZeros)
                           .align_corners(false);
  return {F::grid_sample(images, grid, options),
          changed(boxes, [&view](const Box& box) { return view.box(box); })};
}

}  // namespace

std::vector<ChangedPictures> cald_views(const torch::Tensor& images,
                                        std::span<const std::vector<Box>> boxes,
                                        std::span<const std::string> names,
                                        const model::ModelConfig& config,
                                        int multiple_of,
                                        std::uint64_t seed) {
  return {mirrored(images, boxes),
          with_holes(images, boxes, names, config, seed),
          smaller(images, boxes, multiple_of),
          rotated(images, boxes)};
}

}  // namespace labelloom::apps
