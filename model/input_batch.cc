#include "model/input_batch.h"

#include <cstring>

#include <fmt/format.h>
#include <torch/torch.h>

#include "formats/error.h"

namespace labelloom::model {

torch::Tensor byte_batch(std::span<const InputImage* const> images, bool pinned) {
  if (images.empty()) throw Error(Errc::kArgument, {}, "a batch of no pictures");
  const Size size = images.front()->size;
  const std::size_t bytes_each =
      static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3;
  torch::Tensor bytes =
      torch::empty({static_cast<std::int64_t>(images.size()), size.height, size.width, 3},
                   torch::TensorOptions().dtype(torch::kUInt8).pinned_memory(pinned));
  auto* at = bytes.data_ptr<std::uint8_t>();
  for (const InputImage* image : images) {
    if (image->size != size || image->rgb.size() != bytes_each) {
      throw Error(Errc::kInvalidData,
                  {.file = image->name},
                  fmt::format("the input is {}x{} with {} bytes, others of its batch are {}x{}",
                              image->size.width,
                              image->size.height,
                              image->rgb.size(),
                              size.width,
                              size.height));
    }
    std::memcpy(at, image->rgb.data(), bytes_each);
    at += bytes_each;
  }
  return bytes;
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
