#pragma once

#include <string>

namespace labelloom::test {

/// What Label Studio exports of tasks.json once annotators have submitted every prediction as it
/// is: annotations instead of predictions.
[[nodiscard]] std::string submitted(const std::string& tasks);

/// The same of annotators who correct: every task gets a box of this label on its left half besides
/// what is predicted, and brush strokes are taken away.
[[nodiscard]] std::string corrected(const std::string& tasks, const std::string& label);

}  // namespace labelloom::test
