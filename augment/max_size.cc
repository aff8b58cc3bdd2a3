#include "augment/max_size.h"

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::augment {

void adapt_max_size(Settings& settings, Dialect /*dialect*/) {
  if (const Setting* size = settings.find("max_size"); size != nullptr && size->is_null()) {
    settings.take("max_size");
  }
  const Setting* sides = settings.find("max_size_hw");
  const auto* list = sides == nullptr ? nullptr : sides->as<Setting::List>();
  if (list == nullptr) return;
  Setting::List numbers = *list;
  for (Setting& side : numbers) {
    if (side.is_null()) side = Setting{0.0};
  }
  settings.set("max_size_hw", {numbers});
}

void check_max_size_hw(const std::optional<std::vector<double>>& sides, const char* transform) {
  if (!sides) return;
  if (sides->size() == 2 && sides->front() + sides->back() > 0) return;
  throw Error(Errc::kInvalidData,
              {},
              fmt::format("{}: max_size_hw must be [height, width], not both free", transform));
}

}  // namespace labelloom::augment
