#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "formats/dataset.h"

namespace labelloom::augment {

/// File names of the variants of a data set's images: `stem_v0007.jpg`. They depend on the whole
/// set alone, never clash (not even where letters' case is ignored), and are names in one folder,
/// whatever the names in the set are.
class OutputNames {
 public:
  explicit OutputNames(const std::deque<Image>& images);

  /// `extension` with its dot.
  [[nodiscard]] std::string name(std::size_t image,
                                 std::uint32_t variant,
                                 std::string_view extension) const;

 private:
  std::vector<std::string> stems_;  // [images]
};

/// The extension of a file name, with its dot, in lower case; empty when it is not a short one of
/// letters and digits.
[[nodiscard]] std::string plain_extension(std::string_view file_name);

}  // namespace labelloom::augment
