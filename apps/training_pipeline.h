#pragma once

#include <optional>
#include <string>

#include "augment/pipeline_file.h"
#include "formats/report.h"

namespace labelloom::apps {

/// The pipeline that training draws from: of a file, the built-in one when the name is empty, none
/// for "none". @throws Error, see read_pipeline.
[[nodiscard]] std::optional<augment::PipelineFile> training_pipeline(const std::string& name,
                                                                     Report& report);

}  // namespace labelloom::apps
