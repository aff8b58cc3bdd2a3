#pragma once

// Internal: what must hold for a row, whether it is written or was read.

#include "select/score_row.h"

namespace labelloom::select {

/// @throws Error(kInvalidData) naming the first member that is wrong.
void check_row(const ScoreRow& row, const ScoreHeader& header);
void check_header(const ScoreHeader& header);

}  // namespace labelloom::select
