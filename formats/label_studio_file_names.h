#pragma once

// What the images of an export are called in the data set.

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/label_studio_annotation.h"

namespace labelloom::label_studio {

/// A file name for the address of every image of the `chosen` annotations, all different: the
/// shortest that no other address has. Addresses that no name tells apart, or that name no file,
/// are called after their tasks. Only addresses that were found as the same file share its name.
/// Borrows the addresses.
[[nodiscard]] std::unordered_map<std::string_view, std::string> name_images(
    const std::vector<Annotation>& annotations,
    const std::vector<std::size_t>& chosen,
    Report& report);

}  // namespace labelloom::label_studio
