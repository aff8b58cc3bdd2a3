#include "model/model_config.h"

#include <gtest/gtest.h>

#include "formats/error.h"

namespace labelloom::model {
namespace {

TEST(NetworkSize, IsNamedAndFoundByItsName) {
  EXPECT_EQ(network_size("small"), NetworkSize::kSmall);
  EXPECT_EQ(network_size(name_of(NetworkSize::kLarge)), NetworkSize::kLarge);
  EXPECT_THROW(static_cast<void>(network_size("tiny")), Error);
}

}  // namespace
}  // namespace labelloom::model
