#include "model/train_step.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/torch.h>

#include "formats/error.h"
#include "model/input_batch.h"

namespace labelloom::model {
namespace {

torch::Device device_of(const Network& network) { return network->parameters().front().device(); }

Network same_shape(const Network& network, const TrainOptions& options) {
  Network made(network->config());
  made->to(device_of(network));
  if (options.channels_last) make_channels_last(*made);
  made->eval();
  return made;
}

Network& prepared(Network& network, const TrainOptions& options) {
  if (options.channels_last) make_channels_last(*network);
  network->train();
  return network;
}

LossOptions loss_options(const TrainOptions& options) {
  return {.weights = options.task_weights,
          .learn_weights = options.learn_task_weights,
          .dice = options.dice,
          .loss_prediction = options.loss_prediction_weight};
}

Criterion criterion_of(const Network& network, const TrainOptions& options) {
  Criterion made(network->config(), loss_options(options));
  made->to(device_of(network));
  return made;
}

std::vector<torch::Tensor> joined(std::vector<torch::Tensor> list,
                                  const std::vector<torch::Tensor>& more) {
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

[[noreturn]] void fail_not_finite(
    const std::string& what, double value, const Batch& batch, std::size_t step, double rate) {
  throw Error(Errc::kInvalidData,
              {},
              fmt::format("step {}: {} became {} at learning rate {:.3g}; lower the learning rate "
                          "or look at the labels of {}; the last checkpoint is as it was",
                          step + 1,
                          what,
                          std::isnan(value) ? "nan" : "infinite",
                          rate,
                          fmt::join(batch.names, ", ")));
}

}  // namespace

TrainStep::TrainStep(Network& network, const TrainOptions& options)
    : network_(prepared(network, options)),
      options_(options),
      device_(device_of(network)),
      averaged_(same_shape(network, options)),
      criterion_(criterion_of(network, options)),
      weights_(*network, options.bfloat16),
      task_weights_(*criterion_, false),
      replicas_(network, criterion_, loss_options(options), std::max(1U, options.replicas)),
      average_(weights_, *network, *averaged_, options.average_decay),
      optimizer_(joined(weights_.tensors(), task_weights_.tensors()),
                 {.weight_decay = options.weight_decay}) {}

std::vector<Losses> TrainStep::learn(const Batch& batch, bool loss_reaches_trunk) {
  const std::int64_t pictures = batch.images.size(0);
  const auto parts = static_cast<unsigned>(
      std::clamp<std::int64_t>(pictures / 2, 1, static_cast<std::int64_t>(replicas_.count())));
  const torch::Tensor counts = batch.targets.has.sum(0).to(device_);
  std::vector<Losses> losses(parts);
  replicas_.run(parts, [&](Network& network, Criterion& criterion, unsigned part) {
    const std::int64_t first = pictures * part / parts;
    const std::int64_t count = pictures * (part + 1) / parts - first;
    torch::Tensor images = normalised(
        batch.images.narrow(0, first, count),
        network->config(),
        device_,
        options_.channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous);
    if (options_.bfloat16) images = images.to(torch::kBFloat16);
    const BatchShare share{counts, static_cast<double>(count) / static_cast<double>(pictures)};
    network->let_loss_reach_trunk(loss_reaches_trunk);
    losses[part] = criterion->forward(
        network->forward(images), batch.targets.part(first, count).to(device_), share);
    if (losses[part].total.requires_grad()) losses[part].total.backward();
  });
  return losses;
}

LossValues TrainStep::run(const Batch& batch, std::size_t step, std::size_t steps, double rate) {
  const bool loss_reaches_trunk =
      static_cast<double>(step) < options_.loss_prediction_share * static_cast<double>(steps);
  const std::vector<Losses> parts = learn(batch, loss_reaches_trunk);
  Losses losses = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) {
    losses.total = losses.total.detach() + parts[i].total.detach();
    losses.tasks = losses.tasks + parts[i].tasks;
    losses.predicted = losses.predicted.detach() + parts[i].predicted.detach();
  }
  const std::vector<torch::Tensor> gradients =
      joined(weights_.gradients(), task_weights_.gradients());

  // One copy from the device for all that is looked at.
  const torch::Tensor numbers = torch::cat({losses.total.detach().view({1}),
                                            losses.tasks.view({kTaskCount}),
                                            losses.predicted.detach().view({1}),
                                            gradient_norm(gradients).view({1})})
                                    .to(torch::kCPU, torch::kFloat64);
  const double* number = numbers.data_ptr<double>();
  LossValues values{};
  std::copy_n(number, values.size(), values.begin());
  const double norm = number[values.size()];
  // The total last: it is the sum of the others.
  for (std::size_t i = values.size(); i-- > 0;) {
    const std::string what = i == 0 ? "the loss" : fmt::format("the loss \"{}\"", kLossNames[i]);
    if (!std::isfinite(values[i])) fail_not_finite(what, values[i], batch, step, rate);
  }
  if (!std::isfinite(norm)) fail_not_finite("the gradient's length", norm, batch, step, rate);
  change_weights(gradients, norm, step, rate);
  return values;
}

void TrainStep::change_weights(const std::vector<torch::Tensor>& gradients,
                               double norm,
                               std::size_t step,
                               double rate) {
  const torch::NoGradGuard no_gradient;
  if (options_.clip_norm > 0 && norm > options_.clip_norm) {
    at::_foreach_mul_(gradients, options_.clip_norm / norm);
  }
  optimizer_.step(gradients, rate);
  weights_.publish();
  average_.update(static_cast<std::int64_t>(step));
  weights_.clear_gradients();
  task_weights_.clear_gradients();
}

NamedTensors TrainStep::tensors() const {
  NamedTensors out;
  const std::vector<torch::Tensor>& weights = weights_.tensors();
  std::vector<std::string> names = weights_.names();
  for (std::size_t i = 0; i < weights.size(); ++i) out["weights." + names[i]] = weights[i];
  for (const auto& buffer : network_->named_buffers()) {
    out["weights." + buffer.key()] = buffer.value();
  }
  for (const auto& [name, tensor] : weights_of(*averaged_)) out["average." + name] = tensor;
  for (std::size_t i = 0; i < task_weights_.names().size(); ++i) {
    names.push_back("criterion." + task_weights_.names()[i]);
    out["weights." + names.back()] = task_weights_.tensors()[i];
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    out["first_moment." + names[i]] = optimizer_.first_moments().at(i);
    out["second_moment." + names[i]] = optimizer_.second_moments().at(i);
  }
  return out;
}

void TrainStep::restored(std::size_t steps) {
  weights_.publish();
  optimizer_.set_steps_done(static_cast<std::int64_t>(steps));
}

}  // namespace labelloom::model
