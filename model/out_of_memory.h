#pragma once

#include <string_view>

namespace labelloom::model {

/// Whether this is what LibTorch says when memory is out: CPU and GPU, and its versions, have no
/// common type for it.
[[nodiscard]] bool says_out_of_memory(std::string_view message);

}  // namespace labelloom::model
