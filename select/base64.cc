#include "select/base64.h"

#include <array>

namespace labelloom::select {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int, 256> kValues = [] {
  std::array<int, 256> values = {};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int>(i);
  }
  return values;
}();

}  // namespace

std::string base64_of(std::span<const float> values) {
  std::string text;
  text.reserve((4 * values.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int count = 0;  // bytes in `bits`
  for (const float value : values) {
    const auto word = std::bit_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift < 32; shift += 8) {
      bits = bits << 8U | (word >> shift & 0xFFU);
      if (++count < 3) continue;
      for (const unsigned part : {18U, 12U, 6U, 0U}) text += kAlphabet[bits >> part & 63U];
      bits = 0;
      count = 0;
    }
  }
  if (count == 1) {
    text += {kAlphabet[bits >> 2U & 63U], kAlphabet[bits << 4U & 63U], '=', '='};
  } else if (count == 2) {
    text += {kAlphabet[bits >> 10U & 63U],
             kAlphabet[bits >> 4U & 63U],
             kAlphabet[bits << 2U & 63U],
             '='};
  }
  return text;
}

std::optional<std::vector<float>> floats_of(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::size_t byte_count = text.size() / 4 * 3 - padding;
  if (byte_count % 4 != 0) return std::nullopt;
  std::vector<float> values;
  values.reserve(byte_count / 4);
  std::uint64_t bits = 0;
  unsigned count = 0;  // bits in `bits`
  std::uint32_t word = 0;
  unsigned bytes = 0;  // in `word`
  for (const char c : text.substr(0, text.size() - padding)) {
    const int value = kValues[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint64_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    word |= static_cast<std::uint32_t>(bits >> count & 0xFFU) << (8 * bytes);
    if (++bytes < 4) continue;
    values.push_back(std::bit_cast<float>(word));
    word = 0;
    bytes = 0;
  }
  if (count > 0 && (bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return values;
}

}  // namespace labelloom::select
