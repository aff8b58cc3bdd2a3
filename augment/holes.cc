#include "augment/holes.h"

#include <utility>

namespace labelloom::augment {

void adapt_hole_fill(Settings& settings) {
  settings.rename("fill_value", "fill");
  const Setting* fill = settings.find("fill");
  if (fill == nullptr || fill->as<std::string>() == nullptr) return;
  settings.set("fill_with", settings.take("fill"));
}

Erase erase(std::vector<PixelRect> rects, const HoleFill& fill, Random& random) {
  Erase effect;
  effect.rects = std::move(rects);
  if (fill.with == "random") {
    effect.noise_key = random.derive();
  } else if (fill.with == "random_uniform") {
    for (std::size_t i = 0; i < effect.rects.size(); ++i) {
      const std::uint32_t bits = random.bits();
      effect.fills.push_back({static_cast<std::uint8_t>(bits),
                              static_cast<std::uint8_t>(bits >> 8U),
                              static_cast<std::uint8_t>(bits >> 16U)});
    }
  } else {
    effect.fills = {fill.colour};
  }
  return effect;
}

void join_settings(Settings& settings,
                   std::initializer_list<const char*> names,
                   const char* list,
                   double missing) {
  Setting::List values;
  bool any = false;
  for (const char* name : names) {
    Setting value = settings.take(name);
    any = any || !value.is_null();
    values.push_back(value.is_null() ? Setting{missing} : std::move(value));
  }
  if (any && !settings.has(list)) settings.set(list, {std::move(values)});
}

void join_range(
    Settings& settings, const char* min, const char* max, const char* range, double max_missing) {
  Setting low = settings.take(min);
  Setting high = settings.take(max);
  if ((low.is_null() && high.is_null()) || settings.has(range)) return;
  if (high.is_null()) high = {max_missing};
  if (low.is_null()) low = high;
  settings.set(range, {Setting::List{std::move(low), std::move(high)}});
}

}  // namespace labelloom::augment
