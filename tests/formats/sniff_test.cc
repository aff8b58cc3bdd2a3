#include "formats/sniff.h"

#include <gtest/gtest.h>

namespace labelloom {
namespace {

TEST(Sniff, DataOfTheUsersDoNotMakeARowAResult) {
  EXPECT_EQ(
      look_at_json(R"([{"image":"a.jpg","image_id":17,"category_id":2,"id":1,"annotator":1}])"),
      JsonLook::kLabelStudio);
  EXPECT_EQ(look_at_json(R"([{"image_id":17,"label":[{"x":1,"original_width":10)"),
            JsonLook::kLabelStudio)
      << "as far as the file's head goes";
}

TEST(Sniff, ResultsAreKnownByTheirFirst) {
  EXPECT_EQ(
      look_at_json(R"([{"image_id":1,"category_id":2,"bbox":[1,2,3,4],"score":1},{"annotator")"),
      JsonLook::kCocoResults);
  EXPECT_EQ(look_at_json(R"([{"category_id":2,"segmentation":{"size":[1,2],"counts":"aa)"),
            JsonLook::kCocoResults);
}

}  // namespace
}  // namespace labelloom
