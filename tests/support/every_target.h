#pragma once

#include <cstdint>

#include <gtest/gtest.h>
#include <hwy/targets.h>

namespace labelloom {

/// Calls `make` once with the best instruction set of this machine, then with every lesser one that
/// was compiled, and expects the same result.
template <typename Make>
void expect_same_on_every_target(Make&& make) {
  const std::int64_t supported = hwy::SupportedTargets();
  const auto best = make();
  for (std::int64_t rest = supported; rest != 0; rest &= rest - 1) {
    hwy::SetSupportedTargetsForTest(rest);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    EXPECT_TRUE(make() == best) << hwy::TargetName(rest & -rest);
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace labelloom
