#include "apps/torch_guard.h"

#include <string_view>

#include <c10/util/Exception.h>

#include "formats/error.h"

namespace labelloom::apps {

void with_torch_errors(const std::function<void()>& command) {
  try {
    command();
  } catch (const c10::Error& error) {
    // CPU and GPU have no common type for it in all versions.
    const std::string_view text(error.what_without_backtrace());
    for (const std::string_view sign : {"out of memory", "not enough memory", "OUT_OF_MEMORY"}) {
      if (text.find(sign) != std::string_view::npos) {
        throw Error(Errc::kLimit, {}, "out of memory; a smaller --batch or --input needs less");
      }
    }
    throw;
  }
}

}  // namespace labelloom::apps
