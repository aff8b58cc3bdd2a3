#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace labelloom {

/// Whether a string of a task's data looks like the address of an image.
[[nodiscard]] bool looks_like_image(std::string_view url);

/// File names that an image address of Label Studio may stand for, the most likely first, from
/// the shortest to the one that says most: `img-1.jpg`, `ab12cd34-img-1.jpg`,
/// `upload/3/ab12cd34-img-1.jpg` for `/data/upload/3/ab12cd34-img-1.jpg`; the last one begins with
/// the host or bucket of an address that has one. All are relative paths
/// that stay inside their folder; empty when the address names no file (a data: URL).
[[nodiscard]] std::vector<std::string> image_name_candidates(std::string_view url);

/// The first of these; empty when there is none.
[[nodiscard]] std::string image_name(std::string_view url);

}  // namespace labelloom
