#include "formats/json_number.h"

#include <charconv>
#include <system_error>

namespace labelloom::json::detail {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

const char* read_any_number(const char* text, double& number) {
  const char* end = text;
  if (*end == '-') ++end;
  const char* const whole = end;
  while (is_digit(*end)) ++end;
  if (end == whole || (*whole == '0' && end - whole > 1)) return nullptr;
  bool is_whole = true;
  if (*end == '.') {
    is_whole = false;
    const char* const fraction = ++end;
    while (is_digit(*end)) ++end;
    if (end == fraction) return nullptr;
  }
  if (*end == 'e' || *end == 'E') {
    is_whole = false;
    ++end;
    if (*end == '+' || *end == '-') ++end;
    const char* const exponent = end;
    while (is_digit(*end)) ++end;
    if (end == exponent) return nullptr;
  }
  if (!ends_token(*end)) return nullptr;
  const auto result = std::from_chars(text, end, number);
  if (result.ec != std::errc() || result.ptr != end) return nullptr;
  if (is_whole && number == 0) number = 0;  // a whole zero has no sign
  return end;
}

}  // namespace labelloom::json::detail
