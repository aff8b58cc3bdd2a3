#include "augment/options.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/error.h"

namespace labelloom::augment {
namespace {

constexpr std::array<const char*, 5> kBorders{
    "constant", "replicate", "reflect", "wrap", "reflect_101"};
constexpr std::array<const char*, 5> kInterpolations{
    "nearest", "linear", "cubic", "area", "lanczos"};

[[noreturn]] void fail_kind(const std::string& place, const char* wanted, const Setting& got) {
  throw Error(Errc::kInvalidData,
              {},
              fmt::format("{} = {}: expected {}, got {}",
                          place,
                          labelloom::quoted(got.text(), 60),
                          wanted,
                          got.kind()));
}

double number_of(const Setting& from, const FieldSpec& spec, const std::string& place) {
  const auto* number = from.as<double>();
  if (number == nullptr || !std::isfinite(*number)) fail_kind(place, "a number", from);
  if (*number < spec.low || *number > spec.high) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("{} = {} is outside [{}, {}]", place, *number, spec.low, spec.high));
  }
  return *number;
}

int integer_of(const Setting& from, const FieldSpec& spec, const std::string& place) {
  const double number = number_of(from, spec, place);
  if (number != std::round(number) || std::abs(number) > 1e9) {
    fail_kind(place, "a whole number", from);
  }
  return static_cast<int>(number);
}

const Setting::List* pair_of(const Setting& from) {
  const auto* list = from.as<Setting::List>();
  return list != nullptr && list->size() == 2 ? list : nullptr;
}

template <typename Choices>
int choice_of(const Setting& from, const std::string& place, const Choices& choices) {
  const FieldSpec index{.low = 0, .high = static_cast<double>(choices.size() - 1)};
  if (from.as<double>() != nullptr) return integer_of(from, index, place);
  const auto* text = from.as<std::string>();
  if (text == nullptr) fail_kind(place, "a name", from);
  const auto found = std::ranges::find_if(choices, [&](const char* name) { return *text == name; });
  if (found == choices.end()) {
    throw Error(
        Errc::kInvalidData,
        {},
        fmt::format(
            "{} = {}: known are {}", place, labelloom::quoted(*text), fmt::join(choices, ", ")));
  }
  return static_cast<int>(found - choices.begin());
}

}  // namespace

FieldSpec scalar_spec(const FieldSpec& spec) {
  FieldSpec scalar = spec;
  if (spec.scalar == Scalar::kSymmetric) {  // both -r and r must be within the bounds
    scalar.high = std::min(spec.high, -spec.low);
    scalar.low = -scalar.high;
  }
  if (spec.scalar == Scalar::kAroundOne) scalar.low = 0;
  return scalar;
}

void fail_missing(const std::string& place, const char* name) {
  throw Error(Errc::kInvalidData, {}, fmt::format("{}: {} is missing", place, name));
}

void read_field(const Setting& from, const FieldSpec& spec, const std::string& place, double& to) {
  to = number_of(from, spec, place);
}

void read_field(const Setting& from, const FieldSpec& spec, const std::string& place, int& to) {
  to = integer_of(from, spec, place);
}

void read_field(const Setting& from,
                const FieldSpec& /*spec*/,
                const std::string& place,
                bool& to) {
  if (const auto* truth = from.as<bool>()) {
    to = *truth;
  } else {
    fail_kind(place, "true or false", from);
  }
}

void read_field(const Setting& from,
                const FieldSpec& spec,
                const std::string& place,
                std::string& to) {
  const auto* text = from.as<std::string>();
  if (text == nullptr) fail_kind(place, "text", from);
  if (!spec.choices.empty()) choice_of(from, place, spec.choices);
  to = *text;
}

void read_field(const Setting& from, const FieldSpec& spec, const std::string& place, Range& to) {
  if (from.as<double>() != nullptr) {
    const double number = number_of(from, scalar_spec(spec), place);
    switch (spec.scalar) {
      case Scalar::kPoint:
        to = {number, number};
        break;
      case Scalar::kSymmetric:
        to = {-std::abs(number), std::abs(number)};
        break;
      case Scalar::kFrom:
        to = {std::min(spec.from, number), std::max(spec.from, number)};
        break;
      case Scalar::kAroundOne:
        to = {std::max(spec.low, 1 - number), std::min(spec.high, 1 + number)};
        break;
    }
    return;
  }
  const auto* pair = pair_of(from);
  if (pair == nullptr) fail_kind(place, "a number or two", from);
  const Range range{number_of(pair->front(), spec, place), number_of(pair->back(), spec, place)};
  if (range.low > range.high) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("{} = [{}, {}]: the first is larger", place, range.low, range.high));
  }
  to = range;
}

void read_field(const Setting& from,
                const FieldSpec& spec,
                const std::string& place,
                IntRange& to) {
  Range range;
  read_field(from, spec, place, range);
  if (range.low != std::round(range.low) || range.high != std::round(range.high) ||
      std::abs(range.low) > 1e9 || std::abs(range.high) > 1e9) {
    fail_kind(place, "whole numbers", from);
  }
  to = {static_cast<std::int64_t>(range.low), static_cast<std::int64_t>(range.high)};
}

void read_field(const Setting& from,
                const FieldSpec& spec,
                const std::string& place,
                AxisRanges& to) {
  if (from.as<Setting::Members>() == nullptr) {
    read_field(from, spec, place, to.x);
    to.y = to.x;
    return;
  }
  const Setting* x = from.find("x");
  const Setting* y = from.find("y");
  if (x == nullptr && y == nullptr) fail_kind(place, "members x and y", from);
  if (x != nullptr) read_field(*x, spec, place + ".x", to.x);
  if (y != nullptr) read_field(*y, spec, place + ".y", to.y);
}

void read_field(const Setting& from, const FieldSpec& /*spec*/, const std::string& place, Rgb& to) {
  const FieldSpec level{.low = 0, .high = 255};
  const auto eight_bits = [](double value) {
    return static_cast<std::uint8_t>(std::lround(value));
  };
  if (from.is_null()) {
    to = {};
    return;
  }
  if (from.as<double>() != nullptr) {
    const std::uint8_t grey = eight_bits(number_of(from, level, place));
    to = {grey, grey, grey};
    return;
  }
  const auto* list = from.as<Setting::List>();
  if (list == nullptr || (list->size() != 1 && list->size() != 3)) {
    fail_kind(place, "one number or [r, g, b]", from);
  }
  to = {eight_bits(number_of(list->front(), level, place)),
        eight_bits(number_of((*list)[list->size() / 2], level, place)),
        eight_bits(number_of(list->back(), level, place))};
}

void read_field(const Setting& from,
                const FieldSpec& /*spec*/,
                const std::string& place,
                Border& to) {
  to = static_cast<Border>(choice_of(from, place, kBorders));
}

void read_field(const Setting& from,
                const FieldSpec& /*spec*/,
                const std::string& place,
                Interpolation& to) {
  to = static_cast<Interpolation>(choice_of(from, place, kInterpolations));
}

void read_field(const Setting& from,
                const FieldSpec& spec,
                const std::string& place,
                std::vector<double>& to) {
  to.clear();
  if (from.as<double>() != nullptr) {
    to.push_back(number_of(from, spec, place));
    return;
  }
  const auto* list = from.as<Setting::List>();
  if (list == nullptr || list->empty()) fail_kind(place, "a number or a list of numbers", from);
  for (const Setting& element : *list) to.push_back(number_of(element, spec, place));
}

std::array<int, 2> two_integers(const std::vector<double>& numbers, const std::string& place) {
  const auto whole = [](double number) { return number == std::round(number); };
  if (numbers.empty() || numbers.size() > 2 || !std::ranges::all_of(numbers, whole)) {
    fail_kind(place, "one or two whole numbers", to_setting(numbers));
  }
  return {static_cast<int>(numbers.front()), static_cast<int>(numbers.back())};
}

FieldType type_of(double) { return FieldType::kNumber; }
FieldType type_of(int) { return FieldType::kInteger; }
FieldType type_of(bool) { return FieldType::kBoolean; }
FieldType type_of(const std::string&) { return FieldType::kText; }
FieldType type_of(const Range&) { return FieldType::kRange; }
FieldType type_of(const IntRange&) { return FieldType::kIntRange; }
FieldType type_of(const AxisRanges&) { return FieldType::kAxisRanges; }
FieldType type_of(const Rgb&) { return FieldType::kColour; }
FieldType type_of(const Border&) { return FieldType::kBorder; }
FieldType type_of(const Interpolation&) { return FieldType::kInterpolation; }
FieldType type_of(const std::vector<double>&) { return FieldType::kNumbers; }

Setting to_setting(double value) { return {value}; }
Setting to_setting(int value) { return {static_cast<double>(value)}; }
Setting to_setting(bool value) { return {value}; }
Setting to_setting(const std::string& value) { return {value}; }
Setting to_setting(const Range& value) { return range_setting(value.low, value.high); }
Setting to_setting(const IntRange& value) {
  return range_setting(static_cast<double>(value.low), static_cast<double>(value.high));
}
Setting to_setting(const AxisRanges& value) {
  if (value.x == value.y) return to_setting(value.x);
  return {Setting::Members{{"x", to_setting(value.x)}, {"y", to_setting(value.y)}}};
}
Setting to_setting(const Rgb& value) {
  if (value.r == value.g && value.g == value.b) return {static_cast<double>(value.r)};
  return {Setting::List{Setting{static_cast<double>(value.r)},
                        Setting{static_cast<double>(value.g)},
                        Setting{static_cast<double>(value.b)}}};
}
Setting to_setting(const Border& value) { return {kBorders[static_cast<std::size_t>(value)]}; }
Setting to_setting(const Interpolation& value) {
  return {kInterpolations[static_cast<std::size_t>(value)]};
}
Setting to_setting(const std::vector<double>& value) {
  Setting::List list;
  for (const double number : value) list.push_back({number});
  return {list};
}

}  // namespace labelloom::augment
