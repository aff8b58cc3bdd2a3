#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace labelloom {

/// What kind of failure an Error reports.
enum class Errc {
  kParse,             ///< The text is not well-formed (JSON, XML, PNG, RLE).
  kUnexpectedFormat,  ///< Another kind of file than was expected.
  kInvalidData,       ///< Well-formed, but a value is missing, of the wrong type or out of range.
  kLimit,             ///< A size or depth limit was exceeded.
  kIo,                ///< The operating system refused a read or a write.
  kArgument,          ///< A caller's or a user's argument does not make sense.
};

/// The user's place of a failure: a file, a position in it, a path inside its JSON.
struct Where {
  std::string file = {};
  std::optional<std::uint64_t> line = {};    ///< 1-based
  std::optional<std::uint64_t> offset = {};  ///< bytes from the start of the file
  std::string path = {};                     ///< JSON path, e.g. `annotations[17].bbox`

  /// "file:line: byte N: path", only the parts that are known.
  [[nodiscard]] std::string text() const;
};

/// The only exception LabelLoom throws on purpose. `what()` is one line: place, then message.
class Error : public std::runtime_error {
 public:
  Error(Errc code, Where where, const std::string& message);

  [[nodiscard]] Errc code() const { return code_; }
  [[nodiscard]] const Where& where() const { return where_; }
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  Errc code_;
  Where where_;
  std::string message_;
};

/// `text` made safe for a one-line message: control characters escaped, cut to `max_length` bytes
/// at a UTF-8 boundary, in double quotes.
[[nodiscard]] std::string quoted(std::string_view text, std::size_t max_length = 80);

}  // namespace labelloom
