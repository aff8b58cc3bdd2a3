#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace labelloom::json {

inline constexpr int kMaxNumberLength = 32;

/// Writes what append_number appends; returns its end. At least kMaxNumberLength bytes must be
/// free.
char* write_number(char* to, double number);
/// The same for integers.
char* write_integer(char* to, std::int64_t number);

/// Appends the shortest text that reads back to the same double, never an exponent below 2^53;
/// whole numbers without a point. The number must be finite.
void append_number(std::string& out, double number);

/// Appends a JSON string literal. Text must be UTF-8.
void append_string(std::string& out, std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace labelloom::json
