#include "model/check_model.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include <ATen/ops/rand.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include "formats/error.h"
#include "model/out_of_memory.h"
#include "model/run_model.h"
#include "model/tensor_file.h"

namespace labelloom::model {
namespace {

/// How far a picture's outputs may differ in a batch: kernels round differently by batch size.
constexpr double kBatchTolerance = 1e-3;
constexpr int kTimedRuns = 3;

class Checker {
 public:
  explicit Checker(Predictor& model) : model_(model) {}

  std::vector<ModelCheck> run() {
    const Size input = model_.config().input;
    torch::Tensor pair;
    if (!check("takes random pictures", [&] {
          pair = random_pictures(2, input);
          return fmt::format(
              "2 x 3 x {} x {} on {}", input.height, input.width, model_.device().str());
        })) {
      return std::move(checks_);
    }
    NamedOutputs both;
    if (!check("gives what the manifest says",
               [&] { return shapes(both = model_.outputs(pair)); })) {
      return std::move(checks_);
    }
    check("gives finite numbers", [&] { return finite(both); });
    check("same answer alone and in a batch", [&] { return batch_invariance(pair, both); });
    check("takes other sizes", [&] { return other_size(input); });
    check("can be decoded", [&] {
      const Prediction result = model_.predict(pair, {.min_score = 0.01});
      return fmt::format("{} objects of score >= 0.01 in 2 random pictures",
                         result.detections[0].size() + result.detections[1].size());
    });
    if (model_.config().heads.segmentation) {
      check("segments crops",
            [&] { return "segmentation " + shape_text(model_.segment(pair).sizes().vec()); });
    }
    check("time", [&] { return timing(pair); });
    return std::move(checks_);
  }

 private:
  /// Thrown by a check that the model does not pass.
  struct Misfit {
    std::string detail;
  };

  bool check(const char* what, const std::function<std::string()>& run) {
    try {
      checks_.push_back({what, true, run()});
    } catch (const Misfit& misfit) {
      checks_.push_back({what, false, misfit.detail});
    } catch (const Error& error) {
      checks_.push_back({what, false, error.message()});
    } catch (const c10::Error& error) {  // e.g. of an output's type
      if (says_out_of_memory(error.what_without_backtrace())) throw;
      checks_.push_back({what, false, first_line(error)});
    }
    return checks_.back().fits;
  }

  [[nodiscard]] torch::Tensor random_pictures(int count, Size size) const {
    // Normalised pictures have about this spread.
    return (at::rand({count, 3, size.height, size.width}) * 4 - 2).to(model_.device());
  }

  static std::string shapes(const NamedOutputs& outputs) {
    std::string text;
    for (const auto& [name, tensor] : outputs) {
      text +=
          fmt::format("{}{} {}", text.empty() ? "" : ", ", name, shape_text(tensor.sizes().vec()));
    }
    return text;
  }

  static std::string finite(const NamedOutputs& outputs) {
    for (const auto& [name, tensor] : outputs) {
      if (!tensor.is_floating_point() || tensor.isfinite().all().item<bool>()) continue;
      throw Misfit{fmt::format("output \"{}\" has NaN or infinite values", name)};
    }
    return "in all outputs";
  }

  /// An output may be missing, but not of some batches.
  static void expect_same_outputs(const NamedOutputs& alone, const NamedOutputs& both) {
    for (const auto& [name, tensor] : both) {
      if (alone.count(name) == 0) {
        throw Misfit{fmt::format("gives output \"{}\" for two pictures, but not for one", name)};
      }
    }
    for (const auto& [name, tensor] : alone) {
      if (both.count(name) == 0) {
        throw Misfit{fmt::format("gives output \"{}\" for one picture, but not for two", name)};
      }
    }
  }

  std::string batch_invariance(const torch::Tensor& pair, const NamedOutputs& both) {
    double largest = 0;
    for (std::int64_t i = 0; i < 2; ++i) {
      const NamedOutputs alone = model_.outputs(pair.narrow(0, i, 1));
      expect_same_outputs(alone, both);
      for (const auto& [name, tensor] : both) {
        const torch::Tensor one = alone.at(name)[0].to(torch::kFloat64);
        const torch::Tensor of_two = tensor[i].to(torch::kFloat64);
        if (one.sizes() != of_two.sizes()) {
          throw Misfit{fmt::format("output \"{}\" has another shape in a batch", name)};
        }
        if (one.numel() == 0) continue;
        const double scale = 1 + of_two.abs().max().item<double>();
        const double difference = (one - of_two).abs().max().item<double>() / scale;
        largest = std::max(largest, difference);
        if (!(difference <= kBatchTolerance)) {
          throw Misfit{
              fmt::format("output \"{}\" of a picture depends on the others in its batch "
                          "(by {:.2g}); is the model in eval() mode?",
                          name,
                          difference)};
        }
      }
    }
    return fmt::format("differs by {:.1g} at most", largest);
  }

  std::string other_size(Size input) {
    const int step = model_.multiple_of();
    const Size other = {input.width + step, input.height + 2 * step};
    static_cast<void>(model_.outputs(random_pictures(1, other)));
    return fmt::format("{}x{} beside {}x{}", other.width, other.height, input.width, input.height);
  }

  std::string timing(const torch::Tensor& pair) {
    double best = INFINITY;
    for (int i = 0; i < kTimedRuns; ++i) {
      const auto start = std::chrono::steady_clock::now();
      static_cast<void>(model_.predict(pair, {}));
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - start;
      best = std::min(best, took.count());
    }
    return fmt::format("{:.1f} ms a picture in a batch of 2, decoding included", best / 2);
  }

  Predictor& model_;
  std::vector<ModelCheck> checks_;
};

}  // namespace

std::vector<ModelCheck> check_model(Predictor& model) { return Checker(model).run(); }

}  // namespace labelloom::model
