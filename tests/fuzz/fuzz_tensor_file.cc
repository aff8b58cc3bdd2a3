// Any bytes: tensors come out, or an Error; what comes out can be written and read again.

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "formats/error.h"
#include "model/tensor_file.h"
#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labelloom;  // NOLINT(google-build-using-namespace): a fuzz target
  const fuzz::File input({reinterpret_cast<const char*>(data), size});
  try {
    const model::TensorFile file(input.path());
    std::size_t sum = 0;
    for (const model::TensorView& tensor : file.tensors()) {
      for (const std::byte byte : tensor.bytes) sum += std::to_integer<std::size_t>(byte);
      if (file.find(tensor.name) != &tensor) std::abort();
    }
    const std::filesystem::path output = fuzz::scratch_file();
    const std::vector<model::TensorView> tensors(file.tensors().begin(), file.tensors().end());
    model::write_tensor_file(output, tensors, file.metadata());
    const model::TensorFile again(output);
    if (again.tensors().size() != tensors.size() || again.metadata() != file.metadata()) {
      std::abort();
    }
    for (const model::TensorView& tensor : again.tensors()) {
      for (const std::byte byte : tensor.bytes) sum -= std::to_integer<std::size_t>(byte);
      const model::TensorView* before = file.find(tensor.name);
      if (before == nullptr || before->shape != tensor.shape) std::abort();
    }
    if (sum != 0) std::abort();
  } catch (const Error&) {  // anything else is a finding
  }
  return 0;
}
