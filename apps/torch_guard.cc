#include "apps/torch_guard.h"

#include <string>

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include "apps/terminal.h"
#include "formats/error.h"
#include "model/out_of_memory.h"

namespace labelloom::apps {

void with_torch_errors(const std::function<void()>& command, std::string_view helpful_options) {
  try {
    command();
  } catch (const c10::Error& error) {
    if (!model::says_out_of_memory(error.what_without_backtrace())) throw;
    throw Error(Errc::kLimit,
                {},
                helpful_options.empty()
                    ? std::string("out of memory")
                    : fmt::format("out of memory; a smaller {} needs less", helpful_options));
  }
}

void warn_of_slow_bfloat16(std::string_view precision, torch::Device device) {
#if defined(__x86_64__)
  if (precision != "bf16" || !device.is_cpu() || __builtin_cpu_supports("avx512bf16") != 0) return;
  log_warning("this processor does not compute in bfloat16: --precision fp32 is faster");
#else
  static_cast<void>(precision);
  static_cast<void>(device);
#endif
}

}  // namespace labelloom::apps
