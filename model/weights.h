#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <torch/types.h>

#include "model/network.h"
#include "model/tensor_file.h"

namespace labelloom::model {

/// Tensors by name: the weights of a network, the state of an optimiser.
using NamedTensors = std::map<std::string, torch::Tensor>;

/// Writes tensors on any device as they are; the file appears when it is complete.
/// @throws Error(kArgument) for a type the format does not have, Error(kIo).
void write_tensors(const std::filesystem::path& file,
                   const NamedTensors& tensors,
                   const TensorMetadata& metadata = {});

/// All tensors of a file, copied to the CPU. @throws Error as TensorFile does.
[[nodiscard]] NamedTensors read_tensors(const std::filesystem::path& file);

/// Parameters and buffers of a module, by name: the tensors themselves, not copies.
[[nodiscard]] NamedTensors weights_of(const torch::nn::Module& module);

/// Copies `from` into tensors of the same names and shapes; all of them or, when something does not
/// fit, none. Floating-point types are converted into each other.
/// @throws Error(kInvalidData) with `file`, naming the first tensor that is missing, unexpected or
/// of another shape or kind: "head.box.weight has shape [4,64,1,1] in the file, [8,64,1,1] in the
/// network".
void copy_tensors(const NamedTensors& from, const NamedTensors& to, const std::string& file);

/// Writes a network's parameters and buffers / reads them back into a network of the same
/// configuration. The network stays as it was when the file does not fit.
void write_weights(const std::filesystem::path& file,
                   const Network& network,
                   const TensorMetadata& metadata = {});
void read_weights(const std::filesystem::path& file, Network& network);

/// What of a file a network could use. Each tensor of the network is counted once: it is taken,
/// unfilled or reshaped.
struct Initialised {
  std::size_t taken = 0;              ///< tensors of the network that the file gave
  std::vector<std::string> unfilled;  ///< of the network, not in the file
  std::vector<std::string> unused;    ///< of the file, not in the network
  std::vector<std::string> reshaped;  ///< "classes.weight has shape [...] in the file, ..."
};

/// Takes what fits by name and shape and leaves the rest of the network as it is: a network of
/// other classes, or torchvision's ResNet-50 for the trunk of the large size, whose names lack the
/// leading "trunk.".
/// @throws Error as TensorFile does; Error(kInvalidData) when nothing fits.
Initialised initialise_from(const std::filesystem::path& file, Network& network);

}  // namespace labelloom::model
