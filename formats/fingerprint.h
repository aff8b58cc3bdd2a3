#pragma once

#include <string>
#include <string_view>

namespace labelloom {

/// A number (128 bits, as hexadecimal digits) for bytes that any change of them changes. No
/// protection against intent.
[[nodiscard]] std::string fingerprint(std::string_view bytes);

}  // namespace labelloom
