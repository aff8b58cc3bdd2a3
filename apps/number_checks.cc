#include "apps/number_checks.h"

#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace labelloom::apps {
namespace {

template <typename Holds>
CLI::Validator number_check(std::string description, Holds&& holds) {
  const auto check = [description, holds](const std::string& text) -> std::string {
    double value = 0;
    if (CLI::detail::lexical_cast(text, value) && holds(value)) return {};
    return fmt::format("Value {} not in {}", text, description);
  };
  return {check, std::move(description)};
}

}  // namespace

CLI::Validator in_range(double least, double most) {
  return number_check(fmt::format("FLOAT in [{:g} - {:g}]", least, most),
                      [=](double x) { return x >= least && x <= most; });
}

CLI::Validator in_range_below(double least, double most) {
  return number_check(fmt::format("FLOAT in [{:g} - {:g})", least, most),
                      [=](double x) { return x >= least && x < most; });
}

CLI::Validator not_negative() {
  return number_check("NONNEGATIVE", [](double x) { return x >= 0 && std::isfinite(x); });
}

CLI::Validator positive() {
  return number_check("POSITIVE", [](double x) { return x > 0 && std::isfinite(x); });
}

}  // namespace labelloom::apps
