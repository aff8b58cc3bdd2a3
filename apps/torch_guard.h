#pragma once

// What users can cause inside LibTorch, in their words.

#include <functional>
#include <string_view>

#include <torch/types.h>

namespace labelloom::apps {

/// Runs a command. @throws Error(kLimit) where LibTorch has no memory left, saying what helps (the
/// options of which smaller values need less, if there are any); whatever else the command throws
/// as it is.
void with_torch_errors(const std::function<void()>& command,
                       std::string_view helpful_options = "--batch");

/// Says so if `--precision bf16` is wanted of a processor that has to emulate it.
void warn_of_slow_bfloat16(std::string_view precision, torch::Device device);

}  // namespace labelloom::apps
