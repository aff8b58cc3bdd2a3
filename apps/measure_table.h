#pragma once

#include <filesystem>
#include <vector>

#include "convert/measure.h"

namespace labelloom::apps {

/// Writes one line an object. Numbers are the shortest that read back to the same double; what is
/// not known is empty. The depth columns are there if `with_depth`.
/// @throws Error(kIo); then no file is left.
void write_measure_csv(const std::filesystem::path& path,
                       const Dataset& dataset,
                       const std::vector<ObjectMeasure>& objects,
                       bool with_depth);
/// The same as an array of JSON objects, null for what is not known.
void write_measure_json(const std::filesystem::path& path,
                        const Dataset& dataset,
                        const std::vector<ObjectMeasure>& objects,
                        bool with_depth);

}  // namespace labelloom::apps
