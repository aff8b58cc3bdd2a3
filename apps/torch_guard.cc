#include "apps/torch_guard.h"

#include <c10/util/Exception.h>

#include "formats/error.h"
#include "model/out_of_memory.h"

namespace labelloom::apps {

void with_torch_errors(const std::function<void()>& command) {
  try {
    command();
  } catch (const c10::Error& error) {
    if (!model::says_out_of_memory(error.what_without_backtrace())) throw;
    throw Error(Errc::kLimit, {}, "out of memory; a smaller --batch or --input needs less");
  }
}

}  // namespace labelloom::apps
