#include "model/out_of_memory.h"

#include <algorithm>
#include <array>

namespace labelloom::model {

bool says_out_of_memory(std::string_view message) {
  constexpr std::array<std::string_view, 5> kSigns = {
      "out of memory",          // CUDA
      "OUT_OF_MEMORY",          // cuDNN, cuBLAS
      "_STATUS_ALLOC_FAILED",   // cuBLAS, cuDNN
      "can't allocate memory",  // the CPU's allocator
      "not enough memory"};     // the same, in other versions
  return std::ranges::any_of(
      kSigns, [&](std::string_view sign) { return message.find(sign) != std::string_view::npos; });
}

}  // namespace labelloom::model
