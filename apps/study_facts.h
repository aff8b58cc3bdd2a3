#pragma once

#include <cstddef>

#include "apps/study_folder.h"
#include "apps/study_run.h"
#include "apps/train_setup.h"

namespace labelloom::apps {

/// All that a study's cells depend on but strategies and seeds, which can be added. Folders count
/// by their names, files by what is in them: a study may go on elsewhere.
/// @param steps of every training, and of that with all labels
[[nodiscard]] StudyFacts study_facts(const StudyOptions& options,
                                     const TrainingSets& sets,
                                     std::size_t steps,
                                     std::size_t reference_steps);

}  // namespace labelloom::apps
