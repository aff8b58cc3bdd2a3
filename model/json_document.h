#pragma once

// Internal: small JSON texts (configurations, headers of tensor files) as RapidJSON documents, and
// their values with the place of what does not fit. Needs RapidJSON, which users need not have.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapidjson/document.h>

namespace labelloom::model::json {

/// @throws Error(kParse) with file, line and byte (of the file: `offset` more than of the text) for
/// what is not one JSON object, and for members of the same name in one object.
[[nodiscard]] rapidjson::Document parse_object(std::string_view text,
                                               const std::string& file,
                                               std::size_t offset = 0);

/// A value and its place: "keypoints[2].sigma" in a file.
class Place {
 public:
  Place(const rapidjson::Value& value, std::string file, std::string path = {})
      : value_(&value), file_(std::move(file)), path_(std::move(path)) {}

  [[nodiscard]] std::string_view string() const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] double number() const;
  /// A whole number in [low, high].
  [[nodiscard]] std::int64_t integer(std::int64_t low, std::int64_t high) const;

  /// Number of elements of an array; its elements.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] Place operator[](std::size_t index) const;

  /// Names of an object's members, in the file's order.
  [[nodiscard]] std::vector<std::string> members() const;
  /// The same with their values. To look each one up by its name is quadratic.
  [[nodiscard]] std::vector<std::pair<std::string, Place>> entries() const;
  [[nodiscard]] bool has(std::string_view member) const;
  /// @throws Error(kInvalidData) when there is none, or this is no object.
  [[nodiscard]] Place operator[](std::string_view member) const;
  /// @throws Error(kInvalidData) for a member that is none of these; says which there are.
  void expect_members(std::span<const std::string_view> known) const;

  /// @throws Error(kInvalidData), always.
  [[noreturn]] void fail(const std::string& message) const;

 private:
  const rapidjson::Value* value_;
  std::string file_;
  std::string path_;
};

}  // namespace labelloom::model::json
