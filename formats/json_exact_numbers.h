#pragma once

// Internal: numbers of RapidJSON's events.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace labelloom::json {

/// Hands a RapidJSON reader's events on to `Handler`. To be used with kParseNumbersAsStringsFlag:
/// numbers come as text and are read by the standard library, to the last bit. RapidJSON's own
/// exact reading (kParseFullPrecisionFlag) has undefined behaviour for zeros of thirty digits. A
/// number that no double can hold ends the parse with kParseErrorTermination.
template <typename Handler>
class ExactNumbers {
 public:
  using Ch = char;

  explicit ExactNumbers(Handler& target) : target_(target) {}

  bool RawNumber(const char* text, unsigned length, bool /*copy*/) {
    const std::string_view number(text, length);
    const char* const end = text + length;
    std::int64_t whole = 0;
    if (number.find_first_of(".eE") == std::string_view::npos &&
        std::from_chars(text, end, whole).ec == std::errc{}) {
      return target_.Int64(whole);
    }
    double real = 0;
    return std::from_chars(text, end, real).ec == std::errc{} && target_.Double(real);
  }
  bool Null() { return target_.Null(); }
  bool Bool(bool value) { return target_.Bool(value); }
  bool String(const char* text, unsigned length, bool copy) {
    return target_.String(text, length, copy);
  }
  bool Key(const char* text, unsigned length, bool copy) { return target_.Key(text, length, copy); }
  bool StartObject() { return target_.StartObject(); }
  bool EndObject(unsigned count) { return target_.EndObject(count); }
  bool StartArray() { return target_.StartArray(); }
  bool EndArray(unsigned count) { return target_.EndArray(count); }

  // Never called: numbers come as text.
  bool Int(int /*value*/) { return false; }
  bool Uint(unsigned /*value*/) { return false; }
  bool Int64(std::int64_t /*value*/) { return false; }
  bool Uint64(std::uint64_t /*value*/) { return false; }
  bool Double(double /*value*/) { return false; }

 private:
  Handler& target_;
};

}  // namespace labelloom::json
