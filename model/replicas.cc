#include "model/replicas.h"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include <torch/torch.h>

namespace labelloom::model {
namespace {

std::vector<torch::Tensor> weights_of(const Network& network, const Criterion& criterion) {
  std::vector<torch::Tensor> weights = network->parameters();
  const std::vector<torch::Tensor> more = criterion->parameters();
  weights.insert(weights.end(), more.begin(), more.end());
  return weights;
}

std::vector<torch::Tensor> statistics_of(const Network& network) {
  std::vector<torch::Tensor> statistics = network->buffers();
  std::erase_if(statistics, [](const torch::Tensor& t) { return !t.is_floating_point(); });
  return statistics;
}

std::vector<torch::Tensor> gradients_of(const std::vector<torch::Tensor>& weights) {
  std::vector<torch::Tensor> gradients;
  gradients.reserve(weights.size());
  for (const torch::Tensor& weight : weights) gradients.push_back(weight.grad());
  return gradients;
}

}  // namespace

/// Does one piece of work after the other.
class Replicas::Thread {
 public:
  explicit Thread(int compute_threads)
      : thread_([this, compute_threads] { work(compute_threads); }) {}
  ~Thread() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  std::future<void> begin(std::function<void()> work) {
    std::packaged_task<void()> task(std::move(work));
    std::future<void> done = task.get_future();
    {
      const std::lock_guard lock(mutex_);
      task_ = std::move(task);
    }
    changed_.notify_one();
    return done;
  }

 private:
  void work(int compute_threads) {
    at::set_num_threads(compute_threads);  // of this thread's loops
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ends_ || task_.valid(); });
      if (!task_.valid()) return;
      std::packaged_task<void()> task = std::exchange(task_, {});
      lock.unlock();
      task();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::packaged_task<void()> task_;
  bool ends_ = false;
  std::thread thread_;  // last: it uses the others
};

Replicas::Replicas(Network& network,
                   Criterion& criterion,
                   const LossOptions& options,
                   unsigned count)
    : networks_{network}, criteria_{criterion} {
  const torch::NoGradGuard no_gradient;
  const int compute_threads = std::max(1, at::get_num_threads() / static_cast<int>(count));
  const std::vector<torch::Tensor> weights = weights_of(network, criterion);
  for (unsigned i = 1; i < count; ++i) {
    Network& copy = networks_.emplace_back(network->config());
    copy->train(network->is_training());
    const std::vector<torch::Tensor> own =
        weights_of(copy, criteria_.emplace_back(network->config(), options));
    for (std::size_t w = 0; w < own.size(); ++w) {
      const torch::Tensor& weight = own[w];
      weight.set_data(weights[w].detach());
      weight.mutable_grad() = torch::zeros_like(weight.detach());
    }
  }
  for (std::size_t i = 0; i < networks_.size(); ++i) {
    weights_.push_back(weights_of(networks_[i], criteria_[i]));
    statistics_.push_back(statistics_of(networks_[i]));
    if (count > 1) threads_.push_back(std::make_unique<Thread>(compute_threads));
  }
}

Replicas::~Replicas() = default;

void Replicas::run(unsigned parts, const Work& work) {
  if (threads_.empty()) return work(networks_[0], criteria_[0], 0);
  copy_statistics(parts);
  std::vector<std::future<void>> done;
  for (unsigned part = 0; part < parts; ++part) {
    done.push_back(threads_[part]->begin(
        [this, &work, part] { work(networks_[part], criteria_[part], part); }));
  }
  for (std::future<void>& one : done) one.wait();  // `work` is the caller's
  for (std::future<void>& one : done) one.get();
  const torch::NoGradGuard no_gradient;
  add_gradients(parts);
  join_statistics(parts);
}

void Replicas::add_gradients(unsigned parts) {
  const std::vector<torch::Tensor> sum = gradients_of(weights_[0]);
  for (unsigned part = 1; part < parts; ++part) {
    const std::vector<torch::Tensor> more = gradients_of(weights_[part]);
    at::_foreach_add_(sum, more);
    at::_foreach_zero_(more);
  }
}

void Replicas::copy_statistics(unsigned parts) {
  const torch::NoGradGuard no_gradient;
  for (unsigned part = 1; part < parts; ++part) {
    for (std::size_t i = 0; i < statistics_[part].size(); ++i) {
      statistics_[part][i].copy_(statistics_[0][i]);
    }
  }
}

void Replicas::join_statistics(unsigned parts) {
  for (unsigned part = 1; part < parts; ++part) {
    at::_foreach_add_(statistics_[0], statistics_[part]);
  }
  at::_foreach_mul_(statistics_[0], 1.0 / parts);
}

}  // namespace labelloom::model
