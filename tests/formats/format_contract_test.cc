// What every registered format must keep. A new format is tested as soon as it is in the table.

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/format.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_dir.h"

namespace labelloom {
namespace {

using test::read_file;
using test::TempDir;
using testing::HasSubstr;

Dataset every_annotation_type() {
  Dataset d;
  d.images = {{.id = 4, .file_name = "dir/a \"b\".jpg", .size = {40, 30}, .extra = "\"task_id\":7"},
              {.id = 5, .file_name = "empty.jpg", .size = {1, 1}}};
  d.categories = {{.id = 2, .name = "bolt", .keypoints = {"head", "tip"}, .skeleton = {{1, 2}}},
                  {.id = 9, .name = "rod", .supercategory = "part"}};
  for (std::int64_t id = 1; id <= 4; ++id) {
    Instance& instance = d.instances.emplace_back();
    instance.id = id;
    instance.image_id = 4;
    instance.category_id = id == 1 ? 2 : 9;
    instance.bbox = {1, 2, 10, 12};
    instance.area = 100.125;
  }
  d.instances[0].rings = Rings(std::vector<Point2d>{{1, 2}, {11, 2}, {11, 14.0625}});
  d.instances[0].keypoints = {{{3.25, 4}, Visibility::kVisible}, {}};
  d.instances[1].ensure_extra().mask = Rle{{40, 30}, {100, 50, 1050}};
  d.instances[1].iscrowd = true;
  d.instances[2].ensure_extra().score = 0.1;
  d.instances[2].extra->members = "\"note\":[1,2]";
  return d;
}

class EveryFormat : public testing::TestWithParam<std::string> {};
std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const Format& format : formats()) out.emplace_back(format.name);
  return out;
}
INSTANTIATE_TEST_SUITE_P(Registered, EveryFormat, testing::ValuesIn(names()), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST_P(EveryFormat, IsFoundByItsNameAndDescribed) {
  const Format& format = format_named(GetParam());
  EXPECT_EQ(format.name, GetParam());
  EXPECT_FALSE(format.description.empty());
  EXPECT_NE(format.sniff, nullptr);
  EXPECT_NE(format.read, nullptr);
}

TEST_P(EveryFormat, WriteReadWriteGivesTheSameBytes) {
  const Format& format = format_named(GetParam());
  if (format.write == nullptr) GTEST_SKIP() << "is only read";
  const TempDir dir;
  format.write(every_annotation_type(), dir / "1");
  EXPECT_EQ(&format_of(dir / "1"), &format);
  Report report;
  format.write(format.read(dir / "1", {}, report).dataset, dir / "2");
  EXPECT_EQ(read_file(dir / "1"), read_file(dir / "2"));
  EXPECT_TRUE(report.empty());
}

TEST_P(EveryFormat, RefusesRubbishWithAnErrorThatNamesTheFile) {
  const Format& format = format_named(GetParam());
  const TempDir dir;
  for (const char* text : {"", "x", "[", "{}", "[{}]", "{\"a\":[[[]]]}", "[null]", "\x00\x01"}) {
    Report report;
    try {
      static_cast<void>(format.read(dir.write("bad.json", text), {}, report));
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("bad.json")) << text;
    }
  }
}

TEST(Formats, UnknownNamesAreAnsweredWithTheKnownOnes) {
  try {
    static_cast<void>(format_named("cocoa"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("unknown format \"cocoa\"; known: "));
    EXPECT_THAT(error.what(), HasSubstr("coco"));
  }
}

TEST(Formats, NamesAreUnique) {
  const auto all = names();
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
}

TEST(Formats, FilesAreToldApartByContent) {
  const TempDir dir;
  const auto name = [&](const std::string& text) { return format_of(dir.write("a", text)).name; };
  EXPECT_EQ(name(R"({"annotations":[{"segmentation":[[1,2]],"id":1}]})"), "coco");
  EXPECT_EQ(name(R"({"info":{"data":1},"licenses":[]})"), "coco");
  EXPECT_EQ(name(R"({"annotations":[{"id":1,"result":[]}],"id":3})"), "label-studio");
  EXPECT_EQ(name(R"({"id":1,"data":{"image":"a.jpg"}})"), "label-studio");
  EXPECT_EQ(name(R"([{"image":"a.jpg","id":1}])"), "label-studio");
  EXPECT_THROW(name("{}"), Error);
  EXPECT_THROW(name("[{\"image_id\":1,\"category_id\":2,\"score\":0.5}]"), Error);
  EXPECT_THROW(name("not json"), Error);
}

TEST(Formats, LossesAreNamedBeforeWriting) {
  Dataset d = every_annotation_type();
  Rings rings(std::vector<Point2d>{{0, 0}, {4, 0}, {4, 4}, {0, 4}});
  rings.add(std::vector<Point2d>{{1, 1}, {3, 1}, {3, 3}}, true);
  d.instances[3].rings = rings;
  EXPECT_THAT(losses(d, format_named("coco")),
              testing::ElementsAre(HasSubstr("polygons with holes")));
}

}  // namespace
}  // namespace labelloom
