#pragma once

// The parameters of a transform, said once: a struct whose static `fields` names each with its
// bounds and its meaning. Reading, documentation and the JSON Schema come from that one list.
//
//   struct Options {
//     Range limit{-90, 90};
//     template <typename Self, typename Visit>
//     static void fields(Self& self, Visit&& visit) {
//       visit("limit", self.limit, FieldSpec{.doc = "degrees, positive turns counter-clockwise",
//             .low = -360, .high = 360, .scalar = Scalar::kSymmetric, .aliases = {"angle_range"}});
//     }
//   };

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "augment/effect.h"
#include "augment/setting.h"

namespace labelloom::augment {

/// What a number is drawn from, evenly: [low, high].
struct Range {
  double low = 0;
  double high = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

/// The same for whole numbers, both ends included.
struct IntRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
  friend bool operator==(const IntRange&, const IntRange&) = default;
};

/// A range for each axis. Files write one for both, or {"x": ..., "y": ...}.
struct AxisRanges {
  Range x;
  Range y;
  friend bool operator==(const AxisRanges&, const AxisRanges&) = default;
};

/// What a single number r stands for where a range is expected.
enum class Scalar : std::uint8_t {
  kPoint,      ///< (r, r)
  kSymmetric,  ///< (-r, r)
  kFrom,       ///< (FieldSpec::from, r), in order
};

struct FieldSpec {
  const char* doc = "";
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  Scalar scalar = Scalar::kPoint;
  double from = 0;
  /// Other names the parameter has in files of other versions.
  std::vector<const char*> aliases = {};
  /// The texts allowed, for parameters that are text.
  std::vector<const char*> choices = {};
};

enum class FieldType : std::uint8_t {
  kNumber,
  kInteger,
  kBoolean,
  kText,
  kRange,
  kIntRange,
  kAxisRanges,
  kColour,
  kBorder,
  kInterpolation,
  kNumbers,
};

/// A parameter, for people and for the JSON Schema.
struct FieldDoc {
  std::string name;
  FieldType type = FieldType::kNumber;
  bool optional = false;  ///< may be null
  Setting default_value;
  FieldSpec spec;
};

// One overload a type. `place` names the parameter in messages.
// @throws Error(kInvalidData) for a value of another kind or out of bounds.
void read_field(const Setting& from, const FieldSpec& spec, const std::string& place, double& to);
void read_field(const Setting& from, const FieldSpec& spec, const std::string& place, int& to);
void read_field(const Setting& from, const FieldSpec& spec, const std::string& place, bool& to);
void read_field(const Setting& from,
                const FieldSpec& spec,
                const std::string& place,
                std::string& to);
void read_field(const Setting& from, const FieldSpec& spec, const std::string& place, Range& to);
void read_field(const Setting& from, const FieldSpec& spec, const std::string& place, IntRange& to);
void read_field(const Setting& from,
                const FieldSpec& spec,
                const std::string& place,
                AxisRanges& to);
void read_field(const Setting& from, const FieldSpec& spec, const std::string& place, Rgb& to);
void read_field(const Setting& from, const FieldSpec& spec, const std::string& place, Border& to);
void read_field(const Setting& from,
                const FieldSpec& spec,
                const std::string& place,
                Interpolation& to);
void read_field(const Setting& from,
                const FieldSpec& spec,
                const std::string& place,
                std::vector<double>& to);

template <typename T>
void read_field(const Setting& from,
                const FieldSpec& spec,
                const std::string& place,
                std::optional<T>& to) {
  if (from.is_null()) {
    to.reset();
    return;
  }
  T value{};
  read_field(from, spec, place, value);
  to = value;
}

[[nodiscard]] FieldType type_of(double);
[[nodiscard]] FieldType type_of(int);
[[nodiscard]] FieldType type_of(bool);
[[nodiscard]] FieldType type_of(const std::string&);
[[nodiscard]] FieldType type_of(const Range&);
[[nodiscard]] FieldType type_of(const IntRange&);
[[nodiscard]] FieldType type_of(const AxisRanges&);
[[nodiscard]] FieldType type_of(const Rgb&);
[[nodiscard]] FieldType type_of(const Border&);
[[nodiscard]] FieldType type_of(const Interpolation&);
[[nodiscard]] FieldType type_of(const std::vector<double>&);
template <typename T>
[[nodiscard]] FieldType type_of(const std::optional<T>&) {
  return type_of(T{});
}

[[nodiscard]] Setting to_setting(double value);
[[nodiscard]] Setting to_setting(int value);
[[nodiscard]] Setting to_setting(bool value);
[[nodiscard]] Setting to_setting(const std::string& value);
[[nodiscard]] Setting to_setting(const Range& value);
[[nodiscard]] Setting to_setting(const IntRange& value);
[[nodiscard]] Setting to_setting(const AxisRanges& value);
[[nodiscard]] Setting to_setting(const Rgb& value);
[[nodiscard]] Setting to_setting(const Border& value);
[[nodiscard]] Setting to_setting(const Interpolation& value);
[[nodiscard]] Setting to_setting(const std::vector<double>& value);
template <typename T>
[[nodiscard]] Setting to_setting(const std::optional<T>& value) {
  return value ? to_setting(*value) : Setting{};
}

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

/// Reads each field that is set; names taken are appended to `known` with their aliases.
template <typename Options>
[[nodiscard]] Options read_fields(const Settings& settings,
                                  const std::string& place,
                                  std::vector<std::string>& known) {
  Options options;
  Options::fields(options, [&](const char* name, auto& field, const FieldSpec& spec) {
    known.emplace_back(name);
    const Setting* setting = settings.find(name);
    for (const char* alias : spec.aliases) {
      known.emplace_back(alias);
      if (setting == nullptr) setting = settings.find(alias);
    }
    if (setting != nullptr) read_field(*setting, spec, place + ": " + name, field);
  });
  return options;
}

/// Every field with the value it has when these are read.
template <typename Options>
[[nodiscard]] Setting::Members spell_fields(const Settings& settings, const std::string& place) {
  std::vector<std::string> known;
  const Options options = read_fields<Options>(settings, place, known);
  Setting::Members members;
  Options::fields(options, [&](const char* name, const auto& field, const FieldSpec& /*spec*/) {
    members.emplace_back(name, to_setting(field));
  });
  return members;
}

template <typename Options>
[[nodiscard]] std::vector<FieldDoc> document_fields() {
  std::vector<FieldDoc> docs;
  const Options defaults;
  Options::fields(defaults, [&](const char* name, const auto& field, const FieldSpec& spec) {
    using Type = std::remove_cvref_t<decltype(field)>;
    docs.push_back({name, type_of(field), kIsOptional<Type>, to_setting(field), spec});
  });
  return docs;
}

// Fields that many transforms have.
inline const FieldSpec kInterpolationSpec{
    .doc = "how pixels are found between pixels: nearest, linear, cubic, area, lanczos (0 to 4)"};
inline const FieldSpec kBorderSpec{
    .doc =
        "what lies outside the picture: constant, replicate, reflect, wrap, reflect_101 (0 to "
        "4); copies of objects carry no labels",
    .aliases = {"mode", "pad_mode"}};
inline const FieldSpec kFillSpec{.doc = "colour outside the picture: one number or [r, g, b]",
                                 .aliases = {"value", "cval", "pad_val", "pad_cval", "fill_value"}};

/// interpolation, border_mode and fill, as all resampling transforms have them.
template <typename Self, typename Visit>
void sampling_fields(Self& sampling, Visit&& visit) {
  visit("interpolation", sampling.interpolation, kInterpolationSpec);
  visit("border_mode", sampling.border, kBorderSpec);
  visit("fill", sampling.fill, kFillSpec);
}

}  // namespace labelloom::augment
