#pragma once

// Internal: where the tokens of a JSON text begin.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace labelloom::json {

/// Finds the tokens of one text after the other, reusing its memory.
class TokenIndex {
 public:
  TokenIndex();
  ~TokenIndex();
  TokenIndex(const TokenIndex&) = delete;
  TokenIndex& operator=(const TokenIndex&) = delete;

  /// Offsets at which tokens begin: brackets, colons, commas, strings (their first quote), and
  /// whatever else follows one of those or white space. Valid until the next call. Empty for a
  /// text that is certainly no JSON: not UTF-8, a string without end, control characters in one.
  std::span<const std::uint32_t> find(std::string_view text);

 private:
  struct Simdjson;
  std::unique_ptr<Simdjson> simdjson_;
};

}  // namespace labelloom::json
