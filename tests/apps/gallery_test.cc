#include "apps/gallery.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <rapidjson/document.h>
#include <tbb/global_control.h>

#include "apps/doubtful.h"
#include "apps/view_job.h"
#include "formats/error.h"
#include "tests/support/temp_dir.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

/// A folder with a few small images and the data set that goes with them.
class ViewTest : public ::testing::Test {
 protected:
  ViewTest() {
    options.images = folder / "in";
    options.output = folder / "out";
    options.title = "set.json";
    fs::create_directories(options.images);
    dataset.categories = {{.id = 1, .name = "part", .keypoints = {"nose"}},
                          {.id = 2, .name = "</script><b>'\"&"}};
  }

  void add_image(const std::string& name, Size size, bool write = true) {
    const auto id = static_cast<std::int64_t>(dataset.images.size()) + 1;
    dataset.images.push_back({.id = id, .file_name = name, .size = size});
    if (write) {
      const cv::Mat pixels(
          size.height, size.width, CV_8UC3, cv::Scalar(90, 120.0 + double(id), 60));
      fs::create_directories((options.images / name).parent_path());
      ASSERT_TRUE(cv::imwrite((options.images / name).string(), pixels));
    }
    Instance instance;
    instance.id = 100 + id;
    instance.image_id = id;
    instance.category_id = 1 + id % 2;
    instance.bbox = {4, 4, 10, 8};
    instance.rings = Rings({{4, 4}, {14, 4}, {14, 12}, {4, 12}});
    if (instance.category_id == 1) instance.keypoints = {{{6, 6}, Visibility::kHidden}};
    dataset.instances.push_back(instance);
  }

  [[nodiscard]] std::string page() const { return test::read_file(options.output / "index.html"); }

  /// The page's data, as the browser will parse it.
  [[nodiscard]] rapidjson::Document data() const {
    const std::string html = page();
    const std::string begin = "id=\"data\">";
    const std::size_t first = html.find(begin) + begin.size();
    rapidjson::Document document;
    // With its length: the SSE2 parser reads past the end of a text of unknown length.
    document.Parse(html.data() + first, html.find("</script>", first) - first);
    EXPECT_FALSE(document.HasParseError());
    return document;
  }

  [[nodiscard]] std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> result;
    for (const auto& entry : fs::recursive_directory_iterator(options.output)) {
      if (!entry.is_regular_file()) continue;
      result[entry.path().lexically_relative(options.output).string()] =
          test::read_file(entry.path());
    }
    return result;
  }

  test::TempDir folder;
  Dataset dataset;
  ViewOptions options;
};

TEST_F(ViewTest, WritesThePageAndThreePicturesOfEachImage) {
  add_image("a.png", {40, 30});
  add_image("sub/b.jpg", {40, 30});
  const ViewSummary summary = write_gallery(dataset, options);
  EXPECT_EQ(summary.images, 2U);
  EXPECT_EQ(summary.instances, 2U);
  for (const char* name : {"00001_a.jpg", "00002_b.jpg"}) {
    for (const char* kind : {"images", "overlays", "thumbs"}) {
      EXPECT_FALSE(cv::imread((options.output / kind / name).string()).empty()) << name;
    }
  }
  EXPECT_EQ(test::read_file(options.output / "images/00002_b.jpg"),
            test::read_file(options.images / "sub/b.jpg"));
  const auto document = data();
  EXPECT_EQ(document["images"].Size(), 2U);
  EXPECT_STREQ(document["images"][1]["a"][0][5].GetString(), "M40 40l100 0 0 80-100 0z");
  EXPECT_EQ(document["images"][1]["a"][0][6][3].GetInt(), 1);
}

TEST_F(ViewTest, LargeImagesAreScaledAndTheirAnnotationsToo) {
  add_image("large.jpg", {3300, 2200});
  write_gallery(dataset, options);
  const cv::Mat shown = cv::imread((options.output / "images/00001_large.jpg").string());
  EXPECT_EQ(shown.size(), cv::Size(1600, 1067));
  EXPECT_EQ(data()["images"][0]["a"][0][4][2].GetInt(), 48);  // 10 px in tenths, times 1600 / 3300
}

TEST_F(ViewTest, HostileNamesNeitherEndTheScriptNorLeaveTheFolder) {
  add_image("../evil.png", {40, 30}, false);
  add_image("a</script><script>alert(1)</script>.png", {40, 30}, false);
  add_image(std::string("nul\0byte.png", 12), {40, 30}, false);
  add_image("bad\xFF\xFEutf.png", {40, 30}, false);
  add_image("\xE2\x80\xAEgnp.exe", {40, 30}, false);
  const ViewSummary summary = write_gallery(dataset, options);
  EXPECT_EQ(summary.missing, 5U);
  EXPECT_THAT(page(), Not(HasSubstr("alert(1)</script>")));
  EXPECT_STREQ(data()["images"][1]["n"].GetString(), "a</script><script>alert(1)</script>.png");
  EXPECT_STREQ(data()["categories"][1]["n"].GetString(), "</script><b>'\"&");
  EXPECT_FALSE(fs::exists(folder / "evil.png"));
}

TEST(PictureName, IsOurOwnWhateverTheImageIsCalled) {
  EXPECT_EQ(picture_name(0, "../../etc/passwd"), "00001_passwd.jpg");
  EXPECT_EQ(picture_name(1, "a b\xC3\xA9<>.tar.png"), "00002_a_b_____tar.jpg");
  EXPECT_EQ(picture_name(2, ""), "00003_.jpg");
  EXPECT_EQ(picture_name(123456, std::string(300, 'x')).size(), 6U + 1 + 40 + 4);
}

TEST_F(ViewTest, ImagesThatCannotBeShownAreCountedAndNamed) {
  add_image("gone.png", {40, 30}, false);
  add_image("broken.png", {40, 30}, false);
  std::ofstream(options.images / "broken.png") << "not an image";
  add_image("empty.png", {40, 30}, false);
  std::ofstream(options.images / "empty.png").close();
  const ViewSummary summary = write_gallery(dataset, options);
  EXPECT_EQ(summary.missing, 1U);
  EXPECT_EQ(summary.undecodable, 2U);
  const auto document = data();
  EXPECT_EQ(document["images"][0]["s"].GetInt(), 1);
  EXPECT_EQ(document["images"][1]["s"].GetInt(), 2);
  EXPECT_STREQ(document["images"][1]["f"].GetString(), "");
}

TEST_F(ViewTest, AnImageOfAnotherSizeIsShownWithoutAnnotationsAndSaysSo) {
  add_image("turned.png", {40, 30});
  dataset.images[0].size = {30, 40};
  const ViewSummary summary = write_gallery(dataset, options);
  EXPECT_EQ(summary.other_size, 1U);
  const auto document = data();
  EXPECT_THAT(document["images"][0]["m"].GetString(), HasSubstr("turned by 90 degrees"));
  EXPECT_EQ(document["images"][0]["a"][0].Size(), 3U);
  EXPECT_EQ(cv::norm(cv::imread((options.output / "overlays/00001_turned.jpg").string()),
                     cv::imread((options.output / "images/00001_turned.jpg").string())),
            0);
}

// A JPEG of `wide` pixels with an EXIF header that says: turn by 90 degrees clockwise.
void write_turned_jpeg(const fs::path& file, cv::Size size) {
  std::vector<unsigned char> jpeg;
  cv::imencode(".jpg", cv::Mat(size, CV_8UC3, cv::Scalar(20, 90, 200)), jpeg);
  const std::string exif =
      std::string("\xFF\xE1\x00\x22", 4) + std::string("Exif\0\0", 6) +
      std::string("MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0", 26);
  std::ofstream out(file, std::ios::binary);
  out << "\xFF\xD8" << exif << std::string(jpeg.begin() + 2, jpeg.end());
}

TEST_F(ViewTest, ExifOrientationIsAppliedAlsoToReducedImages) {
  for (const cv::Size size : {cv::Size(60, 40), cv::Size(3400, 200)}) {
    const std::string name = std::to_string(size.width) + ".jpg";
    add_image(name, {size.height, size.width}, false);
    write_turned_jpeg(options.images / name, size);
  }
  const ViewSummary summary = write_gallery(dataset, options);
  EXPECT_EQ(summary.other_size, 0U);
  EXPECT_EQ(cv::imread((options.output / "thumbs/00001_60.jpg").string()).size(), cv::Size(40, 60));
  EXPECT_EQ(cv::imread((options.output / "images/00002_3400.jpg").string()).size(),
            cv::Size(94, 1600));
}

TEST_F(ViewTest, MaxTakesImagesEvenlySpread) {
  for (int i = 0; i < 10; ++i) add_image("i" + std::to_string(i) + ".png", {20, 20});
  options.max_images = 2;
  const ViewSummary summary = write_gallery(dataset, options);
  EXPECT_EQ(summary.images, 2U);
  EXPECT_EQ(summary.total_images, 10U);
  const auto document = data();
  EXPECT_STREQ(document["images"][0]["n"].GetString(), "i2.png");
  EXPECT_STREQ(document["images"][1]["n"].GetString(), "i7.png");
}

TEST_F(ViewTest, TheSameInputGivesTheSameBytesOnAnyNumberOfThreads) {
  for (int i = 0; i < 9; ++i) add_image("i" + std::to_string(i) + ".png", {120, 90});
  write_gallery(dataset, options);
  const auto first = files();
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  write_gallery(dataset, options);
  EXPECT_EQ(files(), first);
}

TEST_F(ViewTest, ARerunLeavesNothingStaleAndTouchesNothingElse) {
  add_image("a.png", {20, 20});
  add_image("b.png", {20, 20});
  write_gallery(dataset, options);
  std::ofstream(options.output / "images/mine.jpg") << "mine";
  dataset.images.pop_back();
  write_gallery(dataset, options);
  EXPECT_FALSE(fs::exists(options.output / "images/00002_b.jpg"));
  EXPECT_TRUE(fs::exists(options.output / "images/mine.jpg"));
}

TEST_F(ViewTest, RefusesFoldersThatHoldOtherThings) {
  add_image("a.png", {20, 20});
  folder.write("out/thesis.txt", "years of work");
  EXPECT_THROW(write_gallery(dataset, options), Error);
  options.output = options.images / "gallery";
  EXPECT_THROW(write_gallery(dataset, options), Error);
  options.output = folder / "set";
  options.images = folder / "set/images";
  fs::create_directories(options.images);
  EXPECT_THROW(write_gallery(dataset, options), Error);
}

TEST_F(ViewTest, ProgressReachesTheTotal) {
  for (int i = 0; i < 5; ++i) add_image("i" + std::to_string(i) + ".png", {20, 20});
  std::vector<std::size_t> seen;
  write_gallery(dataset, options, [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 5U);
    seen.push_back(done);
  });
  EXPECT_THAT(seen, ::testing::ElementsAre(1, 2, 3, 4, 5));
}

constexpr const char* kReport = R"({"other": 1, "doubtful_keypoints": [
  {"image": "a.png", "image_id": 1, "label": "nose", "x": 6, "y": 6.5, "doubt": "ambiguous",
   "instance_id": 101, "other_id": 102, "distance_px": -2.0, "other_distance_px": -1.2},
  {"image": "a.png", "image_id": 1, "label": "</script>", "x": 1, "y": 1, "doubt": "no-owner",
   "instance_id": null, "other_id": null},
  {"image": "z.png", "image_id": 99, "label": "nose", "x": 1, "y": 1, "doubt": "taken",
   "instance_id": 5, "other_id": null, "distance_px": 3.25}]})";

TEST_F(ViewTest, EveryDoubtfulKeyPointHasItsCutOut) {
  add_image("a.png", {40, 30});
  options.doubtful = read_doubtful(folder.write("report.json", kReport));
  const ViewSummary summary = write_gallery(dataset, options);
  EXPECT_EQ(summary.doubtful, 3U);
  EXPECT_TRUE(fs::exists(options.output / "doubtful/00001_nose.jpg"));
  const auto document = data();
  const auto& doubts = document["doubtful"];
  EXPECT_STREQ(doubts[0]["t"].GetString(),
               "Given to </script><b>'\"& #101 (2.0 px inside it); it might also belong to "
               "instance #102 (1.2 px inside that).");
  EXPECT_EQ(doubts[0]["i"].GetInt(), 0);
  EXPECT_TRUE(fs::exists(options.output / "doubtful" / doubts[1]["f"].GetString()));
  EXPECT_STREQ(doubts[2]["f"].GetString(), "");
  EXPECT_THAT(doubts[2]["t"].GetString(), HasSubstr("no such image"));
}

TEST(ReadDoubtful, NamesThePlaceOfWhatIsWrong) {
  const test::TempDir folder;
  const auto message = [&folder](const char* json) -> std::string {
    try {
      (void)read_doubtful(folder.write("report.json", json));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message("{}"), "");
  EXPECT_THAT(message("{\"doubtful_keypoints\": 3}"), HasSubstr("doubtful_keypoints: expected"));
  EXPECT_THAT(message("{\"doubtful_keypoints\": [{}]}"),
              HasSubstr("doubtful_keypoints[0].image: expected a string"));
  EXPECT_THAT(message(R"({"doubtful_keypoints": [{"image": "a", "image_id": 1, "label": "n",
                         "x": 1, "y": 2, "doubt": "maybe"}]})"),
              HasSubstr("unknown doubt \"maybe\"; known: ambiguous"));
  EXPECT_THAT(message("{\"doubtful_keypoints\": [{\"x\": 1e"), HasSubstr("report.json"));
  EXPECT_THAT(message("[]"), HasSubstr("expected an object"));
  EXPECT_THROW((void)read_doubtful(folder / "absent.json"), Error);
}

}  // namespace
}  // namespace labelloom::apps
