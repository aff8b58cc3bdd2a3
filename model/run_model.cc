#include "model/run_model.h"

#include <exception>
#include <utility>

#include <ATen/core/grad_mode.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include "formats/error.h"
#include "model/out_of_memory.h"

namespace labelloom::model {
namespace {

/// Logarithms of probabilities are logits; none is lower than that of this one.
constexpr double kSmallestProbability = 1e-7;

[[noreturn]] void rethrow(const std::string& file,
                          const torch::Tensor& images,
                          const std::exception& error) {
  const std::string text = first_line(error);
  const std::string batch =
      fmt::format("{} pictures of {}x{}", images.size(0), images.size(3), images.size(2));
  if (says_out_of_memory(text)) {
    throw Error(Errc::kLimit,
                {.file = file},
                fmt::format("out of memory with {} at once; {}",
                            batch,
                            images.is_cpu() ? "use fewer threads or a smaller input"
                                            : "use a smaller batch"));
  }
  throw Error(Errc::kInvalidData,
              {.file = file},
              fmt::format("the model fails for {}: {}", batch, quoted(text, 400)));
}

}  // namespace

std::string first_line(const std::exception& error) {
  std::string_view text = error.what();
  if (const auto* torch_error = dynamic_cast<const c10::Error*>(&error)) {
    text = torch_error->what_without_backtrace();
  }
  // TorchScript reports its own stack first and ends with what went wrong.
  const std::size_t runtime = text.rfind("RuntimeError: ");
  if (runtime != std::string_view::npos) text.remove_prefix(runtime + 14);
  return std::string(text.substr(0, text.find('\n')));
}

void ManifestPredictor::guarded(const torch::Tensor& images,
                                const std::function<void()>& run) const {
  const torch::NoGradGuard guard;
  try {
    run();
  } catch (const Error& error) {
    if (!error.where().file.empty()) throw;
    throw Error(error.code(), {.file = file_}, error.message());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    rethrow(file_, images, error);
  }
}

NamedOutputs ManifestPredictor::outputs(const torch::Tensor& images) {
  NamedOutputs result;
  guarded(images, [&] {
    result = forward(images);
    check_outputs(result, manifest_, images);
    if (!manifest_.config.heads.segmentation) return;
    torch::Tensor& segmentation = result.at("segmentation");
    segmentation = logits(segmentation);
  });
  return result;
}

torch::Tensor ManifestPredictor::logits(torch::Tensor segmentation) const {
  segmentation = segmentation.to(torch::kFloat32);
  return manifest_.is_probability("segmentation")
             ? segmentation.clamp_min(kSmallestProbability).log()
             : segmentation;
}

Prediction ManifestPredictor::predict(const torch::Tensor& images, const DecodeOptions& options) {
  const NamedOutputs named = outputs(images);
  return decoded(
      named, {static_cast<int>(images.size(3)), static_cast<int>(images.size(2))}, options, true);
}

Prediction ManifestPredictor::decoded(const NamedOutputs& named,
                                      Size input,
                                      const DecodeOptions& options) const {
  return decoded(named, input, options, false);
}

Prediction ManifestPredictor::decoded(const NamedOutputs& named,
                                      Size input,
                                      const DecodeOptions& options,
                                      bool in_parallel) const {
  const torch::NoGradGuard guard;
  Prediction result;
  try {
    result.detections = decode_batch(named, manifest_, input, options, in_parallel);
  } catch (const Error& error) {
    if (!error.where().file.empty()) throw;
    throw Error(error.code(), {.file = file_}, error.message());
  }
  if (manifest_.config.heads.segmentation) {
    result.segmentation = named.at("segmentation");
    result.stride = input.width / static_cast<int>(result.segmentation.size(3));
  }
  if (named.count("loss") != 0) result.loss = named.at("loss");
  if (named.count("embedding") != 0) result.embedding = named.at("embedding");
  return result;
}

torch::Tensor ManifestPredictor::forward_segmentation(const torch::Tensor& images) {
  const NamedOutputs named = forward(images);
  check_outputs(named, manifest_, images);
  return named.at("segmentation");
}

torch::Tensor ManifestPredictor::segment(const torch::Tensor& images) {
  if (!manifest_.config.heads.segmentation) {
    throw Error(Errc::kArgument, {.file = file_}, "the model has no segmentation");
  }
  torch::Tensor result;
  guarded(images, [&] { result = logits(forward_segmentation(images)); });
  return result;
}

}  // namespace labelloom::model
