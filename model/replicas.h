#pragma once

// Internal: copies of a network that share the work of a batch.

#include <functional>
#include <memory>
#include <vector>

#include "model/losses.h"
#include "model/network.h"

namespace labelloom::model {

/// A network, its losses, and copies of both that share the memory of their weights but not their
/// gradients nor the statistics of their batch norms. Each works on a thread of its own: on a CPU,
/// threads that take a part of the batch each are faster than threads that share every convolution
/// (docs/benchmarks.md). LibTorch's own threads are divided among them.
class Replicas {
 public:
  /// `count`, the first included. `network` and `criterion` must outlive this; from here on their
  /// weights are changed in place only.
  Replicas(Network& network, Criterion& criterion, const LossOptions& options, unsigned count);
  ~Replicas();
  Replicas(const Replicas&) = delete;
  Replicas& operator=(const Replicas&) = delete;

  [[nodiscard]] unsigned count() const { return static_cast<unsigned>(networks_.size()); }

  /// Calls work(network, criterion, number of the part) for parts 0 .. `parts` - 1 (at most
  /// `count`), all at the same time, and returns when all are done. Afterwards the first network
  /// has the sum of the gradients, and the mean of the statistics.
  /// @throws what the first part that failed threw.
  using Work = std::function<void(Network&, Criterion&, unsigned)>;
  void run(unsigned parts, const Work& work);

 private:
  class Thread;
  void add_gradients(unsigned parts);
  void copy_statistics(unsigned parts);
  void join_statistics(unsigned parts);

  std::vector<Network> networks_;  // the first is the one that was given
  std::vector<Criterion> criteria_;
  std::vector<std::vector<torch::Tensor>> weights_;     // of network and criterion, a list a copy
  std::vector<std::vector<torch::Tensor>> statistics_;  // floating-point buffers, a list a copy
  std::vector<std::unique_ptr<Thread>> threads_;        // none when there are no copies
};

}  // namespace labelloom::model
