#include "apps/number_checks.h"

#include <string>

#include <gtest/gtest.h>

namespace labelloom::apps {
namespace {

bool passes(const CLI::Validator& check, std::string text) { return check(text).empty(); }

TEST(NumberChecks, RefuseWhatIsOutsideTheirRange) {
  for (const char* good : {"0", "0.5", "1", "1e-9"}) EXPECT_TRUE(passes(in_range(0, 1), good));
  for (const char* bad : {"-0.1", "1.1", "", "one", "0.5x"})
    EXPECT_FALSE(passes(in_range(0, 1), bad)) << bad;
  EXPECT_TRUE(passes(in_range_below(0, 1), "0.999"));
  EXPECT_FALSE(passes(in_range_below(0, 1), "1"));
  EXPECT_TRUE(passes(not_negative(), "0"));
  EXPECT_FALSE(passes(not_negative(), "-1"));
  EXPECT_TRUE(passes(positive(), "1e-300"));
  EXPECT_FALSE(passes(positive(), "0"));
}

TEST(NumberChecks, RefuseWhatIsNoNumber) {
  for (const CLI::Validator& check :
       {in_range(0, 1), in_range_below(0, 1), not_negative(), positive()}) {
    EXPECT_FALSE(passes(check, "nan")) << check.get_description();
    EXPECT_FALSE(passes(check, "-nan"));
    EXPECT_FALSE(passes(check, "inf"));
  }
}

TEST(NumberChecks, SayTheirRangeInHelp) {
  EXPECT_EQ(in_range(1, 1e9).get_description(), "FLOAT in [1 - 1e+09]");
  EXPECT_EQ(in_range_below(0, 1).get_description(), "FLOAT in [0 - 1)");
}

}  // namespace
}  // namespace labelloom::apps
