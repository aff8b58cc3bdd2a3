#pragma once

#include <cstdint>
#include <filesystem>

namespace labelloom::model {

enum class ModelFile : std::uint8_t { kWeights, kTorchScript, kAotInductor };

/// What a model file is, from its bytes and never from its name: a file of tensors (safetensors),
/// a TorchScript archive, an AOTInductor package. Nothing in it is run.
/// @throws Error(kUnexpectedFormat) saying what it is instead and what to do: a pickle or an
/// archive by torch.save (which may run code when loaded), a program by torch.export, another kind
/// of file; Error(kParse) for a truncated archive; Error(kIo).
[[nodiscard]] ModelFile identify_model_file(const std::filesystem::path& file);

}  // namespace labelloom::model
