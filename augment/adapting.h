#pragma once

// Small helps for those who translate the parameters of other dialects.

#include <string_view>

#include "augment/options.h"
#include "augment/setting.h"

namespace labelloom::augment {

/// Two parameters that were one range's ends become the range; an end that is missing is `usual`'s.
void join_ends(Settings& settings,
               std::string_view low,
               std::string_view high,
               std::string_view range,
               Range usual);

}  // namespace labelloom::augment
