#pragma once

namespace labelloom::augment {

/// The nearest whole number, halves upwards, of a number that is not negative. Without the library
/// call that std::lround is on machines that round by an instruction only from SSE 4.1 on.
template <typename T>
[[nodiscard]] constexpr T rounded(float value) {
  const float raised = value + 0.5F;
  return static_cast<T>(raised);
}

}  // namespace labelloom::augment
