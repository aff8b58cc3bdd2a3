#pragma once

// Between a file's tree of settings and the pipeline: steps, the same for all dialects.

#include <optional>
#include <string>
#include <vector>

#include "augment/setting.h"
#include "augment/transform.h"
#include "formats/error.h"

namespace labelloom::augment {

/// A transform or a container as a file has it, its parameters not yet read.
struct FileStep {
  std::string name;
  Where where;
  Settings settings;
  std::vector<FileStep> children = {};

  [[noreturn]] void fail(const std::string& message) const {
    throw Error(Errc::kInvalidData, where, message);
  }
};

[[nodiscard]] bool is_container(std::string_view name);

/// The steps of LabelLoom's own form: {"labelloom_pipeline": 1, "transforms": [...]} or the bare
/// list. A step is {"Name": {parameters}} or "Name".
[[nodiscard]] std::vector<FileStep> read_own_steps(const Setting& root, const std::string& file);

/// True for what Albumentations saves: `transform` and `__version__`, or the inner object alone.
[[nodiscard]] bool is_albumentations(const Setting& root);
[[nodiscard]] Dialect albumentations_dialect(const Setting& root);
/// The outermost step, mostly a Compose.
[[nodiscard]] FileStep read_albumentations_step(const Setting& root, const std::string& file);

/// Puts our name in the place of another that Albumentations has or had for the same.
void use_our_name(FileStep& step);

/// What Albumentations has for training and a file on disk has no use for.
[[nodiscard]] bool does_nothing(std::string_view name);

}  // namespace labelloom::augment
