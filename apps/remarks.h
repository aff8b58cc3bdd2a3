#pragma once

#include <string_view>

namespace labelloom::apps {

/// What a kind of remark in a Report means, in one sentence for users; empty for unknown kinds.
[[nodiscard]] std::string_view explanation(std::string_view kind);

}  // namespace labelloom::apps
