#include "apps/training_pipeline.h"

#include "embedded/training_pipeline_json.h"

namespace labelloom::apps {

std::optional<augment::PipelineFile> training_pipeline(const std::string& name, Report& report) {
  if (name == "none") return std::nullopt;
  if (!name.empty()) return augment::read_pipeline(name, report);
  return augment::parse_pipeline(
      embedded::training_pipeline_json(), "the built-in training pipeline", report);
}

}  // namespace labelloom::apps
