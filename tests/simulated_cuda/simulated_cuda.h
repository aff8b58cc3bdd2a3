#pragma once

#include <cstddef>

namespace simulated_cuda {

/// From now on the `n`-th call (0: the next) fails that can fail on a device; -1: none does.
void fail_call(int n);

/// Whether that call has come.
[[nodiscard]] bool has_failed();

/// Blocks of device memory that nobody has freed.
[[nodiscard]] std::size_t live_blocks();

}  // namespace simulated_cuda
