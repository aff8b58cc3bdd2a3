#include "model/out_of_memory.h"

#include <gtest/gtest.h>

namespace labelloom::model {
namespace {

TEST(OutOfMemory, IsKnownByWhatLibTorchSays) {
  // LibTorch 1.13 and 2.x on the CPU, CUDA, cuDNN.
  EXPECT_TRUE(says_out_of_memory(
      "[enforce fail at alloc_cpu.cpp:66] . DefaultCPUAllocator: can't allocate memory: you tried "
      "to allocate 4000000000000 bytes. Error code 12 (Cannot allocate memory)"));
  EXPECT_TRUE(says_out_of_memory("CUDA out of memory. Tried to allocate 2.00 GiB"));
  EXPECT_TRUE(says_out_of_memory("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"));
  EXPECT_FALSE(says_out_of_memory("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"));
}

}  // namespace
}  // namespace labelloom::model
