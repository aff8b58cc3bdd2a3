#pragma once

#include "augment/pipeline_file.h"
#include "augment/pipeline_step.h"

namespace labelloom::augment {

/// Makes a pipeline of steps that follow each other, with its canonical text.
/// @throws Error(kInvalidData, kLimit) with the place of the step.
[[nodiscard]] PipelineFile build_pipeline(std::vector<FileStep> steps,
                                          Dialect dialect,
                                          Report& report);

}  // namespace labelloom::augment
