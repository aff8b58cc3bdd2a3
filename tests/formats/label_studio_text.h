#pragma once

#include <string>

#include "formats/label_studio.h"
#include "tests/support/temp_dir.h"

namespace labelloom::test {

/// Reads an export that is given as text.
inline LabelStudioExport read_export(const std::string& text,
                                     Report& report,
                                     const LabelStudioOptions& options = {}) {
  const TempDir dir;
  return read_label_studio(dir.write("a.json", text), options, report);
}

}  // namespace labelloom::test
