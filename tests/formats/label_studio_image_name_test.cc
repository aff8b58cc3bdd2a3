#include "formats/label_studio_image_name.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/file_io.h"

namespace labelloom {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ImageName, TheUploadPrefixIsStrippedOnceAndDashesAreKept) {
  EXPECT_THAT(image_name_candidates("/data/upload/7/ab12cd34-my-image-1.jpg"),
              ElementsAre("my-image-1.jpg",
                          "ab12cd34-my-image-1.jpg",
                          "7/ab12cd34-my-image-1.jpg",
                          "upload/7/ab12cd34-my-image-1.jpg",
                          "data/upload/7/ab12cd34-my-image-1.jpg"));
  EXPECT_EQ(image_name_candidates("/data/upload/7/ab12cd34-ab12cd34-a.jpg").front(),
            "ab12cd34-a.jpg");
  EXPECT_EQ(image_name_candidates("/data/upload/93c07154ae641da9.jpg").front(),
            "93c07154ae641da9.jpg");
}

TEST(ImageName, NamesThatWereNeverUploadedKeepTheirHexDigits) {
  EXPECT_EQ(image_name_candidates("photos/deadbeef-1.jpg").front(), "deadbeef-1.jpg");
}

TEST(ImageName, EveryKnownAddressFormGivesItsFile) {
  EXPECT_EQ(image_name_candidates("/data/local-files/?d=dir%2Fa%20b.jpg").back(), "dir/a b.jpg");
  EXPECT_EQ(image_name_candidates("/storage-data/uploaded/?filepath=upload/3/a.jpg").front(),
            "a.jpg");
  EXPECT_EQ(image_name_candidates("s3://bucket/dir/a.jpg").back(), "bucket/dir/a.jpg");
  EXPECT_EQ(image_name_candidates("https://host:80/p/a.jpg?x=/b.png#c").back(), "host_80/p/a.jpg");
  EXPECT_EQ(image_name_candidates("https://host/v0/b%2Fo%2Fname.png?Expires=1").front(),
            "name.png");
  EXPECT_EQ(image_name_candidates("repo://0a1b/path with (spaces).jpg").back(),
            "0a1b/path with (spaces).jpg");
  // base64 of s3://bucket/img/a.jpg
  EXPECT_EQ(image_name_candidates("/tasks/1/resolve/?fileuri=czM6Ly9idWNrZXQvaW1nL2EuanBn").back(),
            "bucket/img/a.jpg");
  EXPECT_EQ(image_name("/tasks/1/resolve/?fileuri=no!base64"), "?fileuri=no!base64");
  EXPECT_EQ(image_name_candidates("C:\\data\\a.jpg").back(), "data/a.jpg");
  EXPECT_THAT(image_name_candidates("data:image/png;base64,AAAA"), IsEmpty());
  EXPECT_THAT(image_name_candidates("https://host/"), IsEmpty());
  EXPECT_EQ(image_name("data:image/png;base64,AAAA"), "");
  EXPECT_EQ(image_name("https://host/"), "");
}

TEST(ImageName, NoAddressLeavesTheFolder) {
  for (const std::string& url : {std::string("../../etc/passwd"),
                                 std::string("/data/local-files/?d=../../etc/passwd"),
                                 std::string("http://h/%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
                                 std::string("C:\\..\\..\\x.jpg"),
                                 std::string("/a/%00/b.jpg"),
                                 std::string("a\0/b.jpg", 8),
                                 std::string("//host/x.jpg")}) {
    const std::vector<std::string> candidates = image_name_candidates(url);
    EXPECT_EQ(image_name(url), candidates.empty() ? "" : candidates.front());
    for (const std::string& name : candidates) {
      EXPECT_NO_THROW(static_cast<void>(safe_relative_path(name))) << url << " -> " << name;
    }
  }
}

TEST(ImageName, ImagesAreToldFromOtherData) {
  EXPECT_TRUE(looks_like_image("/data/upload/1/a.JPG"));
  EXPECT_TRUE(looks_like_image("https://host/a.png?token=x"));
  EXPECT_TRUE(looks_like_image("data:image/png;base64,AA"));
  EXPECT_FALSE(looks_like_image("https://host/a.flac.wav"));
  EXPECT_FALSE(looks_like_image("some text about a jpg"));
}

}  // namespace
}  // namespace labelloom
