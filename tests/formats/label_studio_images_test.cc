// Which picture a region of a Label Studio export lies on, and what that picture is called.

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/formats/label_studio_text.h"

namespace labelloom {
namespace {

using test::read_export;
using test::TempDir;
using testing::ElementsAre;

std::string box(double x, const std::string& members = "") {
  return fmt::format(R"({{"id":"b{0}",{1}"original_width":200,"original_height":100,"value":)"
                     R"({{"x":{0},"y":2,"width":3,"height":4,"rectanglelabels":["A"]}}}})",
                     x,
                     members);
}

std::string task(const std::string& id, const std::string& data, const std::string& results) {
  return R"({"id":)" + id + R"(,"data":{)" + data + R"(},"annotations":[{"id":1,"result":[)" +
         results + "]}]}";
}

std::vector<std::string> names(const LabelStudioExport& e) {
  std::vector<std::string> out;
  for (const Image& image : e.dataset.images) out.push_back(image.file_name);
  return out;
}

const char* const kTwo = R"("left":"/u/l.jpg","right":"/u/r.jpg")";
const std::string kOnBoth = box(1, R"("to_name":"left",)") + "," + box(5, R"("to_name":"right",)");

TEST(LabelStudioImages, RegionsOnTwoImagesAreOnNoSingleOne) {
  Report report;
  const LabelStudioExport e = read_export(
      "[" + task("1", kTwo, kOnBoth) + "," + task("2", R"("image":"a.jpg")", box(1)) + "]", report);
  EXPECT_THAT(names(e), ElementsAre("a.jpg"));
  EXPECT_EQ(e.summary.left_out.at("no-single-image"), 2U);
}

TEST(LabelStudioImages, TheConfigTellsWhichRegionsLieOnTheChosenOne) {
  const TempDir dir;
  const LabelConfig config = read_label_config(dir.write("c.xml", R"(<View>
      <Image name="left" value="$left"/><Image name="right" value="$right"/></View>)"));
  for (const auto& [key, name, x] :
       {std::tuple("", "l.jpg", 2.0), std::tuple("right", "r.jpg", 10.0)}) {
    Report report;
    const LabelStudioExport e = read_export(
        "[" + task("1", kTwo, kOnBoth) + "]", report, {.config = &config, .image_key = key});
    EXPECT_THAT(names(e), ElementsAre(name));
    ASSERT_EQ(e.dataset.instances.size(), 1U);
    EXPECT_EQ(e.dataset.instances[0].bbox.x, x);
    EXPECT_EQ(e.summary.left_out.at("of-another-image"), 1U);
  }
}

TEST(LabelStudioImages, AMemberThatIsCalledImageIsPreferred) {
  Report report;
  const LabelStudioExport e =
      read_export("[" + task("1", R"("thumbnail":"t.jpg","image":"a.jpg")", box(1)) + "]", report);
  EXPECT_THAT(names(e), ElementsAre("a.jpg"));
  EXPECT_EQ(report.count("several-image-members"), 1U);
}

TEST(LabelStudioImages, AKeyMayLeadIntoAnObject) {
  const TempDir dir;
  const LabelConfig config = read_label_config(
      dir.write("c.xml", R"(<View><Image name="i" value="$item.image"/></View>)"));
  Report report;
  EXPECT_THAT(names(read_export("[" + task("1", R"("item":{"image":"a.jpg"})", box(1)) + "]",
                                report,
                                {.config = &config})),
              ElementsAre("a.jpg"));
  EXPECT_THAT(
      names(read_export(
          "[" + task("1", R"("photo":"b.jpg")", box(1)) + "]", report, {.config = &config})),
      ElementsAre("b.jpg"))
      << "found by its look where the config is of another project";
}

TEST(LabelStudioImages, OneAddressIsOneImage) {
  const auto data = [](const std::string& url) { return R"("image":")" + url + "\""; };
  Report report;
  const LabelStudioExport e =
      read_export("[" + task("1", data("https://a.example/1.jpg"), box(1)) + "," +
                      task("2", data("https://b.example/1.jpg"), box(2)) + "," +
                      task("3", data("https://h/get?file=a.jpg"), box(3)) + "," +
                      task("4", data("https://h/get?file=b.jpg"), box(4)) + "," +
                      task("4", data("https://h/get?file=c.jpg"), box(4)) + "," +
                      task("5", data("data:image/png;base64,AAAA"), box(5)) + "," +
                      task("5", data("data:image/png;base64,BBBB"), box(5)) + "]",
                  report);
  EXPECT_THAT(names(e),
              ElementsAre("a.example/1.jpg",
                          "b.example/1.jpg",
                          "task-3/get",
                          "task-4/get",
                          "2-task-4/get",
                          "task-5",
                          "2-task-5"));
  EXPECT_EQ(e.dataset.instances.size(), 7U);
  EXPECT_EQ(e.dataset.instances[6].image_id, 7);
}

TEST(LabelStudioImages, TasksOfOneNumberThatShowOtherImagesAreOtherTasks) {
  Report report;
  const LabelStudioExport e = read_export("[" + task("1", R"("image":"a.jpg")", box(1)) + "," +
                                              task("1", R"("image":"b.jpg")", box(2)) + "]",
                                          report);
  EXPECT_THAT(names(e), ElementsAre("a.jpg", "b.jpg"));
  EXPECT_EQ(e.summary.tasks, 2U);
  EXPECT_EQ(e.summary.other_annotations, 0U);
}

TEST(LabelStudioImages, AFileThatCannotBeReadLeavesTheExportsSize) {
  const TempDir dir;
  dir.write("a.jpg", "no image");
  const ImageFolder folder(dir.path());
  Report report;
  const LabelStudioExport e =
      read_export("[" + task("1", R"("image":"a.jpg")", box(1)) + "]", report, {.images = &folder});
  EXPECT_EQ(e.dataset.images.at(0).size, (Size{200, 100}));
  EXPECT_EQ(report.count("image-unreadable"), 1U);
}

TEST(LabelStudioImages, OfTheSameNameInDeepFoldersAreToldApart) {
  const auto task = [](int id, const std::string& bucket_folder) {
    constexpr int kDepth = 2000;
    std::string url = "s3://bucket/" + bucket_folder;
    for (int i = 0; i < kDepth; ++i) url += "/x";
    return fmt::format(R"({{"id":{},"image":"{}/a.jpg","box":[{{"x":1,"y":1,"width":9,"height":9,)"
                       R"("rectanglelabels":["R"],"original_width":100,"original_height":100}}]}})",
                       id,
                       url);
  };
  Report report;
  const LabelStudioExport e = read_export("[" + task(1, "p") + "," + task(2, "q") + "]", report);
  ASSERT_EQ(e.dataset.images.size(), 2U);
  EXPECT_TRUE(e.dataset.images[0].file_name.starts_with("p/x/x/"));
  EXPECT_TRUE(e.dataset.images[1].file_name.starts_with("q/x/x/"));
}

}  // namespace
}  // namespace labelloom
