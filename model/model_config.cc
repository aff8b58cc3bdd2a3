#include "model/model_config.h"

#include "formats/error.h"

namespace labelloom::model {

std::string_view name_of(NetworkSize size) {
  switch (size) {
    case NetworkSize::kBase:
      return "base";
    case NetworkSize::kLarge:
      return "large";
    case NetworkSize::kSmall:
      break;
  }
  return "small";
}

NetworkSize network_size(std::string_view name) {
  for (const NetworkSize size : {NetworkSize::kSmall, NetworkSize::kBase, NetworkSize::kLarge}) {
    if (name == name_of(size)) return size;
  }
  throw Error(Errc::kArgument, {}, quoted(name) + ": expected small, base or large");
}

}  // namespace labelloom::model
