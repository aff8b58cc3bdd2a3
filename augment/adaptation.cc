#include "augment/adaptation.h"

#include <algorithm>
#include <array>

namespace labelloom::augment {

void reflect_by_default(Settings& settings, Dialect dialect) {
  constexpr std::array<const char*, 3> kNames{"border_mode", "mode", "pad_mode"};
  if (dialect != Dialect::kAlbumentations1) return;
  if (std::ranges::any_of(kNames, [&](const char* name) { return settings.has(name); })) return;
  settings.set("border_mode", Setting{static_cast<double>(Border::kReflect101)});
}

void split_size(Settings& settings, Dialect /*dialect*/) {
  const Setting* size = settings.find("size");
  const auto* pair = size == nullptr ? nullptr : size->as<Setting::List>();
  if (pair == nullptr || pair->size() != 2) return;
  const Setting height = pair->front();
  const Setting width = pair->back();
  settings.take("size");
  settings.set("height", height);
  settings.set("width", width);
}

Setting negated(const Setting& range) {
  if (const auto* number = range.as<double>()) return {-*number};
  if (const auto* list = range.as<Setting::List>()) {
    Setting::List turned;
    for (auto element = list->rbegin(); element != list->rend(); ++element) {
      turned.push_back(negated(*element));
    }
    return {turned};
  }
  return range;
}

}  // namespace labelloom::augment
