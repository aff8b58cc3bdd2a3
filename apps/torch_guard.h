#pragma once

// What users can cause inside LibTorch, in their words.

#include <functional>

namespace labelloom::apps {

/// Runs a command. @throws Error(kLimit) where LibTorch has no memory left, saying what helps;
/// whatever else the command throws as it is.
void with_torch_errors(const std::function<void()>& command);

}  // namespace labelloom::apps
