#include "model/weights.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::model {
namespace {

constexpr std::array<std::pair<Dtype, torch::ScalarType>, 10> kTypes = {{
    {Dtype::kFloat64, torch::kFloat64},
    {Dtype::kFloat32, torch::kFloat32},
    {Dtype::kFloat16, torch::kFloat16},
    {Dtype::kBfloat16, torch::kBFloat16},
    {Dtype::kInt64, torch::kInt64},
    {Dtype::kInt32, torch::kInt32},
    {Dtype::kInt16, torch::kInt16},
    {Dtype::kInt8, torch::kInt8},
    {Dtype::kUint8, torch::kUInt8},
    {Dtype::kBool, torch::kBool},
}};

torch::ScalarType type_of(Dtype dtype) {
  for (const auto& [ours, torchs] : kTypes) {
    if (ours == dtype) return torchs;
  }
  return torch::kFloat32;
}

std::optional<Dtype> dtype_of(torch::ScalarType type) {
  for (const auto& [ours, torchs] : kTypes) {
    if (torchs == type) return ours;
  }
  return {};
}

torch::Tensor copy_of(const TensorView& view) {
  torch::Tensor tensor =
      torch::empty(view.shape, torch::TensorOptions().dtype(type_of(view.dtype)));
  if (view.dtype == Dtype::kBool) {
    // A bool of another byte than 0 and 1 is undefined behaviour.
    auto* to = static_cast<std::uint8_t*>(tensor.data_ptr());
    for (const std::byte byte : view.bytes) *to++ = byte == std::byte{0} ? 0 : 1;
  } else if (!view.bytes.empty()) {
    std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
  }
  return tensor;
}

std::string shape_of(const torch::Tensor& tensor) {
  return shape_text({tensor.sizes().data(), tensor.sizes().size()});
}

/// Why `from` cannot be copied into `to`; nothing when it can.
std::optional<std::string> misfit(const std::string& name,
                                  const torch::Tensor& from,
                                  const torch::Tensor& to) {
  if (from.sizes() != to.sizes()) {
    return fmt::format("{} has shape {} in the file, {} in the network",
                       labelloom::quoted(name),
                       shape_of(from),
                       shape_of(to));
  }
  if (from.is_floating_point() != to.is_floating_point()) {
    return fmt::format("{} has {} in the file, {} in the network",
                       labelloom::quoted(name),
                       from.is_floating_point() ? "real numbers" : "whole numbers",
                       to.is_floating_point() ? "real numbers" : "whole numbers");
  }
  return {};
}

std::string others(std::size_t count) {
  return count > 1 ? fmt::format(" (and {} more)", count - 1) : "";
}

}  // namespace

void write_tensors(const std::filesystem::path& file,
                   const NamedTensors& tensors,
                   const TensorMetadata& metadata) {
  std::vector<torch::Tensor> kept;  // what the views borrow from
  std::vector<TensorView> views;
  for (const auto& [name, tensor] : tensors) {
    const std::optional<Dtype> dtype = dtype_of(tensor.scalar_type());
    if (!dtype) {
      throw Error(Errc::kArgument,
                  {.file = file.string(), .path = name},
                  fmt::format("type {} cannot be written", torch::toString(tensor.scalar_type())));
    }
    kept.push_back(tensor.detach().cpu().contiguous());
    const torch::Tensor& data = kept.back();
    views.push_back({.name = name,
                     .dtype = *dtype,
                     .shape = data.sizes().vec(),
                     .bytes = {static_cast<const std::byte*>(data.data_ptr()), data.nbytes()}});
  }
  write_tensor_file(file, views, metadata);
}

NamedTensors read_tensors(const std::filesystem::path& file) {
  const TensorFile input(file);
  NamedTensors tensors;
  for (const TensorView& view : input.tensors()) tensors.emplace(view.name, copy_of(view));
  return tensors;
}

NamedTensors weights_of(const torch::nn::Module& module) {
  NamedTensors weights;
  for (const auto& item : module.named_parameters()) weights.emplace(item.key(), item.value());
  for (const auto& item : module.named_buffers()) weights.emplace(item.key(), item.value());
  return weights;
}

void copy_tensors(const NamedTensors& from, const NamedTensors& to, const std::string& file) {
  const auto fail = [&](const std::string& message) {
    throw Error(Errc::kInvalidData, {.file = file}, message);
  };
  std::vector<std::string> missing;
  for (const auto& [name, tensor] : to) {
    const auto found = from.find(name);
    if (found == from.end()) {
      missing.push_back(name);
    } else if (const auto message = misfit(name, found->second, tensor)) {
      fail(*message);
    }
  }
  if (!missing.empty()) {
    fail(fmt::format("{} of the network{} is not in the file",
                     labelloom::quoted(missing.front()),
                     others(missing.size())));
  }
  for (const auto& [name, tensor] : from) {
    if (to.find(name) == to.end()) {
      fail(fmt::format("{}{} is not in the network; has it another size or other heads?",
                       labelloom::quoted(name),
                       others(from.size() - to.size())));
    }
  }
  const torch::NoGradGuard guard;
  for (const auto& [name, tensor] : to) {
    torch::Tensor target = tensor;
    target.copy_(from.at(name));
  }
}

void write_weights(const std::filesystem::path& file,
                   const Network& network,
                   const TensorMetadata& metadata) {
  write_tensors(file, weights_of(*network), metadata);
}

void read_weights(const std::filesystem::path& file, Network& network) {
  copy_tensors(read_tensors(file), weights_of(*network), file.string());
}

Initialised initialise_from(const std::filesystem::path& file, Network& network) {
  const NamedTensors from = read_tensors(file);
  NamedTensors rest = weights_of(*network);
  Initialised result;
  const torch::NoGradGuard guard;
  for (const auto& [name, tensor] : from) {
    auto target = rest.find(name);
    if (target == rest.end()) target = rest.find("trunk." + name);
    if (target == rest.end()) {
      result.unused.push_back(name);
    } else if (const auto message = misfit(target->first, tensor, target->second)) {
      result.reshaped.push_back(*message);
      rest.erase(target);
    } else {
      target->second.copy_(tensor);
      rest.erase(target);
      ++result.taken;
    }
  }
  for (const auto& [name, tensor] : rest) result.unfilled.push_back(name);
  if (result.taken == 0) {
    throw Error(Errc::kInvalidData,
                {.file = file.string()},
                fmt::format("none of its {} tensors fits the network{}{}",
                            from.size(),
                            result.reshaped.empty() ? "" : "; ",
                            result.reshaped.empty() ? "" : result.reshaped.front()));
  }
  return result;
}

}  // namespace labelloom::model
