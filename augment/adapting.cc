#include "augment/adapting.h"

namespace labelloom::augment {

void join_ends(Settings& settings,
               std::string_view low,
               std::string_view high,
               std::string_view range,
               Range usual) {
  if (settings.has(range) || (!settings.has(low) && !settings.has(high))) return;
  const Setting from = settings.has(low) ? settings.take(low) : Setting{usual.low};
  const Setting to = settings.has(high) ? settings.take(high) : Setting{usual.high};
  settings.set(range, {Setting::List{from, to}});
}

}  // namespace labelloom::augment
