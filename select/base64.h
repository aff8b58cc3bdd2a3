#pragma once

// Internal: vectors of float32 as text.

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace labelloom::select {

/// Base64 (RFC 4648, padded) of the little-endian bytes.
[[nodiscard]] std::string base64_of(std::span<const float> values);
/// Nothing for text that base64_of cannot have made.
[[nodiscard]] std::optional<std::vector<float>> floats_of(std::string_view text);

}  // namespace labelloom::select
