#pragma once

#include <string>
#include <vector>

namespace labelloom::select {

/// What Label Studio would refuse in an import file of tasks with predictions, one sentence each:
/// sizes of the file, unique ids that are strings, types, controls and labels of the interface,
/// per cent values, polygons, brush masks that decode, parents that exist, scores.
[[nodiscard]] std::vector<std::string> task_faults(const std::string& tasks,
                                                   const std::string& config_xml);

}  // namespace labelloom::select
