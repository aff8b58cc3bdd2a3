#include "model/input_batch.h"

#include <array>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>
#include <torch/torch.h>

#include "formats/error.h"

namespace labelloom::model {

namespace {

/// The size of all of them.
Size common_size(std::span<const InputImage* const> images) {
  if (images.empty()) throw Error(Errc::kArgument, {}, "a batch of no pictures");
  const Size size = images.front()->size;
  const std::size_t bytes_each =
      static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3;
  for (const InputImage* image : images) {
    if (image->size == size && image->rgb.size() == bytes_each) continue;
    throw Error(Errc::kInvalidData,
                {.file = image->name},
                fmt::format("the input is {}x{} with {} bytes, others of its batch are {}x{}",
                            image->size.width,
                            image->size.height,
                            image->rgb.size(),
                            size.width,
                            size.height));
  }
  return size;
}

}  // namespace

torch::Tensor byte_batch(std::span<const InputImage* const> images, bool pinned) {
  const Size size = common_size(images);
  torch::Tensor bytes =
      torch::empty({static_cast<std::int64_t>(images.size()), size.height, size.width, 3},
                   torch::TensorOptions().dtype(torch::kUInt8).pinned_memory(pinned));
  auto* at = bytes.data_ptr<std::uint8_t>();
  for (const InputImage* image : images) {
    std::memcpy(at, image->rgb.data(), image->rgb.size());
    at += image->rgb.size();
  }
  return bytes;
}

torch::Tensor float_batch(std::span<const InputImage* const> images, const ModelConfig& config) {
  const Size size = common_size(images);
  std::array<std::array<float, 256>, 3> value_of{};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const float mean = config.mean[channel] * 255;
    const float deviation = config.deviation[channel] * 255;
    for (std::size_t level = 0; level < 256; ++level) {
      value_of[channel][level] = (static_cast<float>(level) - mean) / deviation;
    }
  }
  torch::Tensor result =
      torch::empty({static_cast<std::int64_t>(images.size()), 3, size.height, size.width});
  auto* out = result.data_ptr<float>();
  const std::size_t pixels = images.front()->rgb.size() / 3;
  for (const InputImage* image : images) {
    const std::uint8_t* const rgb = image->rgb.data();
    for (std::size_t i = 0; i < pixels; ++i) {
      out[i] = value_of[0][rgb[3 * i]];
      out[pixels + i] = value_of[1][rgb[3 * i + 1]];
      out[2 * pixels + i] = value_of[2][rgb[3 * i + 2]];
    }
    out += 3 * pixels;
  }
  return result;
}

torch::Tensor normalised(const torch::Tensor& bytes,
                         const ModelConfig& config,
                         torch::Device device,
                         at::MemoryFormat format) {
  const auto row = [&](const std::array<float, 3>& values) {
    return torch::tensor({values[0], values[1], values[2]}).mul_(255).view({1, 3, 1, 1}).to(device);
  };
  torch::Tensor images = bytes.to(device, /*non_blocking=*/true);
  images = images.permute({0, 3, 1, 2}).to(torch::kFloat32);  // [N,3,H,W]
  return images.sub_(row(config.mean)).div_(row(config.deviation)).contiguous(format);
}

}  // namespace labelloom::model
