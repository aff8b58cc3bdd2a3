#pragma once

// Files of named tensors in the format "safetensors": a little-endian 64-bit length, a JSON header
// of that many bytes, {"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}, ...,
// "__metadata__":{"key":"text"}}, then the little-endian data. Nothing in it can run.
// https://github.com/huggingface/safetensors#format

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/file_io.h"

namespace labelloom::model {

/// Type of a tensor's elements.
enum class Dtype : std::uint8_t {
  kFloat64,
  kFloat32,
  kFloat16,
  kBfloat16,
  kInt64,
  kInt32,
  kInt16,
  kInt8,
  kUint8,
  kBool
};

/// As the format writes it: F32, BF16, I64, ...
[[nodiscard]] std::string_view name_of(Dtype dtype);
[[nodiscard]] std::size_t bytes_of(Dtype dtype);

/// A tensor's name, shape and elements, row-major. The elements are borrowed, and need not be
/// aligned.
struct TensorView {
  std::string name;
  Dtype dtype = Dtype::kFloat32;
  std::vector<std::int64_t> shape = {};  ///< empty: a single number
  std::span<const std::byte> bytes = {};
};

/// "[8,64,1,1]"
[[nodiscard]] std::string shape_text(std::span<const std::int64_t> shape);

using TensorMetadata = std::map<std::string, std::string>;

/// A file of tensors, memory-mapped; the views are valid as long as it is.
class TensorFile {
 public:
  static constexpr std::size_t kMostHeaderBytes = std::size_t{1} << 24U;
  static constexpr std::size_t kMostDimensions = 16;

  /// Checks the whole header before anything is believed: every tensor's bytes lie inside the file,
  /// are as many as its shape needs, and belong to it alone.
  /// @throws Error(kUnexpectedFormat) for what is no such file, Error(kParse) for a header that is
  /// no JSON or has a name twice, Error(kInvalidData) for a tensor that does not fit or a file that
  /// is truncated, Error(kLimit) for a header above kMostHeaderBytes, Error(kIo).
  explicit TensorFile(const std::filesystem::path& path);

  /// In the order of their bytes in the file.
  [[nodiscard]] std::span<const TensorView> tensors() const { return tensors_; }
  /// Null when there is none of that name.
  [[nodiscard]] const TensorView* find(std::string_view name) const;
  [[nodiscard]] const TensorMetadata& metadata() const { return metadata_; }

 private:
  InputFile file_;
  std::vector<TensorView> tensors_;
  std::map<std::string, std::size_t, std::less<>> index_;
  TensorMetadata metadata_;
};

/// Writes such a file; it appears when it is complete. The same tensors give the same bytes.
/// @throws Error(kArgument) when a name stands there twice or bytes and shape disagree, Error(kIo).
void write_tensor_file(const std::filesystem::path& path,
                       std::span<const TensorView> tensors,
                       const TensorMetadata& metadata = {});

}  // namespace labelloom::model
