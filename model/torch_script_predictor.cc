#include <memory>
#include <utility>

#include <fmt/format.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/script.h>
#include <torch/version.h>

#include "formats/error.h"
#include "model/run_model.h"

namespace labelloom::model {
namespace {

/// Whether code assigns a member of the module: two threads must not do that at the same time.
bool assigns_members(const torch::jit::Block& block) {
  for (const torch::jit::Node* node : block.nodes()) {
    if (node->kind() == torch::jit::prim::SetAttr) return true;
    for (const torch::jit::Block* inner : node->blocks()) {
      if (assigns_members(*inner)) return true;
    }
  }
  return false;
}

bool changes_itself(const torch::jit::Module& module) {
  const std::shared_ptr<torch::jit::Graph> graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  return assigns_members(*graph->block());
}

[[noreturn]] void fail(const std::string& message) { throw Error(Errc::kInvalidData, {}, message); }

class TorchScriptPredictor final : public ManifestPredictor {
 public:
  TorchScriptPredictor(const torch::jit::Module& module,
                       std::string file,
                       Manifest description,
                       torch::Device device,
                       Precision precision,
                       std::string print)
      : ManifestPredictor(std::move(file), std::move(description), device, std::move(print)),
        module_(module),
        type_(precision == Precision::kBfloat16 ? torch::kBFloat16 : torch::kFloat32) {
    module_.eval();
    module_.to(device, type_);
    runs_in_threads_ = !changes_itself(module_);
  }

  [[nodiscard]] bool runs_in_threads() const override { return runs_in_threads_; }

 private:
  [[nodiscard]] NamedOutputs forward(const torch::Tensor& images) override {
    const torch::jit::IValue result = module_.forward({images.to(device(), type_)});
    if (result.isGenericDict()) return named(result.toGenericDict());
    if (result.isTensor()) return ordered(std::vector<torch::jit::IValue>{result});
    if (result.isTuple()) return ordered(result.toTupleRef().elements());
    if (result.isList()) {
      return ordered(result.toListRef());
    }
    fail(fmt::format("forward gives {}; expected a dict, tuple or list of tensors",
                     result.tagKind()));
  }

  [[nodiscard]] NamedOutputs named(const c10::impl::GenericDict& dict) const {
    NamedOutputs outputs;
    for (const std::string_view view : kOutputNames) {
      const std::string name(view);
      const auto other = manifest().names.find(name);
      const std::string& key = other == manifest().names.end() ? name : other->second;
      const auto found = dict.find(key);
      if (found == dict.end()) {
        if (other == manifest().names.end()) continue;
        fail(fmt::format("gives no \"{}\", which the manifest names as \"{}\"", key, name));
      }
      add(outputs, name, found->value());
    }
    if (outputs.empty()) {
      std::string given;
      for (const auto& entry : dict) {
        if (entry.key().isString()) given += " " + labelloom::quoted(entry.key().toStringRef());
      }
      fail("gives none of the contract's outputs, but" + given +
           "; name them in the manifest's \"outputs\"");
    }
    return outputs;
  }

  template <typename Values>
  [[nodiscard]] NamedOutputs ordered(const Values& values) const {
    const std::vector<std::string>& order = manifest().order;
    if (order.empty()) {
      fail("gives a tuple or list; name its elements, in order, in the manifest's \"outputs\"");
    }
    if (values.size() != order.size()) {
      fail(fmt::format("gives {} outputs, but the manifest names {}", values.size(), order.size()));
    }
    NamedOutputs outputs;
    for (std::size_t i = 0; i < order.size(); ++i) add(outputs, order[i], values[i]);
    return outputs;
  }
  static void add(NamedOutputs& outputs, const std::string& name, const torch::jit::IValue& value) {
    if (!value.isTensor()) {
      fail(fmt::format("output \"{}\" is {}, expected a tensor", name, value.tagKind()));
    }
    const torch::Tensor& tensor = value.toTensor();
    outputs.emplace(name, tensor.is_floating_point() ? tensor.to(torch::kFloat32) : tensor);
  }

  torch::jit::Module module_;
  torch::ScalarType type_;
  bool runs_in_threads_ = false;
};

}  // namespace

std::unique_ptr<Predictor> open_torch_script(const std::filesystem::path& file,
                                             Manifest manifest,
                                             torch::Device device,
                                             Precision precision,
                                             std::string fingerprint) {
  if (manifest.kind == ModelKind::kNative) {
    throw Error(Errc::kInvalidData,
                {.file = find_manifest(file).string(), .path = "kind"},
                "a TorchScript model is of kind \"dense\" or \"detections\"");
  }
  torch::jit::Module module;
  try {
    module = torch::jit::load(file.string(), torch::kCPU);
  } catch (const std::exception& error) {
    const std::string text = error.what();
    std::string hint;
    if (text.find("torchvision") != std::string::npos) {
      hint = "; torchvision's operators are not here: export the graph before NMS";
    } else if (text.find("Unknown builtin op") != std::string::npos ||
               text.find("version") != std::string::npos) {
      hint = "; it was saved by a newer version than this one, LibTorch " TORCH_VERSION;
    }
    throw Error(
        Errc::kParse,
        {.file = file.string()},
        fmt::format("cannot be loaded: {}{}", labelloom::quoted(first_line(error), 300), hint));
  }
  return std::make_unique<TorchScriptPredictor>(
      module, file.string(), std::move(manifest), device, precision, std::move(fingerprint));
}

}  // namespace labelloom::model
