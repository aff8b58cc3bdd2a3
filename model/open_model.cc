#include <algorithm>
#include <charconv>

#include <ATen/Context.h>
#include <fmt/format.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/fingerprint.h"
#include "model/model_file.h"
#include "model/run_folder.h"
#include "model/run_model.h"

namespace labelloom::model {
namespace {

namespace fs = std::filesystem;

/// A training run's folder stands for its best weights.
fs::path model_file(const fs::path& model) {
  std::error_code code;
  if (!fs::is_directory(model, code)) return model;
  const RunFolder run{model};
  for (const fs::path& weights : {run.best(), run.last()}) {
    if (fs::is_regular_file(weights, code)) return weights;
  }
  throw Error(Errc::kIo,
              {.file = model.string()},
              "is no training run: it has neither best.safetensors nor last.safetensors");
}

}  // namespace

std::unique_ptr<Predictor> open_model(const fs::path& model,
                                      torch::Device device,
                                      Precision precision) {
  const fs::path file = model_file(model);
  const ModelFile kind = identify_model_file(file);
  const fs::path manifest_file = find_manifest(file);
  Manifest manifest = read_manifest(manifest_file);
  std::string print = fingerprint(InputFile(file).text()) +
                      fingerprint(InputFile(manifest_file).text()).substr(0, 16);
  switch (kind) {
    case ModelFile::kTorchScript:
      return open_torch_script(file, std::move(manifest), device, precision, std::move(print));
    case ModelFile::kAotInductor:
      if (precision != Precision::kFloat32) {
        throw Error(Errc::kArgument,
                    {.file = file.string()},
                    "a package computes in the precision it was compiled for; another cannot be "
                    "chosen here");
      }
      return open_aot_inductor(file, std::move(manifest), device, std::move(print));
    case ModelFile::kWeights:
      break;
  }
  return open_native(file, std::move(manifest), device, precision, std::move(print));
}

torch::Device parse_device(const std::string& name) {
  const bool has_cuda = at::hasCUDA();
  if (name == "auto") return has_cuda ? torch::Device(torch::kCUDA, 0) : torch::kCPU;
  if (name == "cpu") return torch::kCPU;
  int index = 0;
  if (name != "cuda") {
    const char* const end = name.data() + name.size();
    bool is_numbered =
        name.starts_with("cuda:") && name.size() > 5 && name[5] >= '0' && name[5] <= '9';
    if (is_numbered) {
      const auto [rest, failure] = std::from_chars(name.data() + 5, end, index);
      is_numbered = rest == end && failure == std::errc();
    }
    if (!is_numbered) {
      throw Error(
          Errc::kArgument,
          {},
          fmt::format("device {}: expected auto, cpu, cuda or cuda:N", labelloom::quoted(name)));
    }
  }
  const int count = has_cuda ? static_cast<int>(at::detail::getCUDAHooks().getNumGPUs()) : 0;
  if (index >= count) {
    throw Error(
        Errc::kArgument, {}, fmt::format("device {}: there are {} such devices here", name, count));
  }
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

}  // namespace labelloom::model
