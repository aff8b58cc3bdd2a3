#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "augment/pipeline.h"
#include "formats/report.h"

namespace labelloom::augment {

/// A pipeline as a file says it, and what else the file said that a job must know.
struct PipelineFile {
  Pipeline pipeline;
  Dialect dialect = Dialect::kLabelLoom;
  /// The whole pipeline with every parameter, as LabelLoom's own compact JSON: two files that mean
  /// the same have the same text.
  std::string canonical;
  /// What bbox_params of Albumentations ask for, when not 0: pixels, and a share of the object.
  std::optional<double> min_area = {};
  std::optional<double> min_visibility = {};
};

/// Reads a pipeline: LabelLoom's own JSON, JSON or YAML saved by Albumentations 1, 2 or X, or lines
/// like `HorizontalFlip(p=1)`; told apart by content. Nothing is evaluated. What is accepted and
/// does nothing here (Normalize, ToTensorV2, foreign parameters) is noted in `report`.
/// @throws Error(kParse, kInvalidData, kLimit) naming file, place and what is known there.
[[nodiscard]] PipelineFile read_pipeline(const std::filesystem::path& path, Report& report);

/// The same for text; `name` stands for it in messages.
[[nodiscard]] PipelineFile parse_pipeline(std::string_view text,
                                          const std::string& name,
                                          Report& report);

/// JSON Schema (draft 2020-12) of LabelLoom's own pipeline files, made from the table of
/// transforms.
[[nodiscard]] std::string pipeline_schema();

}  // namespace labelloom::augment
