#include "formats/image_folder.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_dir.h"

namespace labelloom {
namespace {

using test::TempDir;
using Match = ImageFolder::Match;

std::filesystem::path picture(const std::string& name) {
  return test::source_dir() / "tests/fuzz/seeds/image_size" / name;
}

TEST(ImageSize, IsReadFromTheHeaderOfEveryKind) {
  for (const char* name : {"a.png", "a.gif", "a.bmp", "lossless.webp", "lossy.webp", "x.webp"}) {
    EXPECT_EQ(read_image_size(picture(name)), (Size{5, 3})) << name;
  }
}

TEST(ImageSize, IsAsTheBrowserShowsIt) {
  EXPECT_EQ(read_image_size(picture("exif6.jpg")), (Size{3, 5})) << "turned by a quarter";
}

TEST(ImageSize, OtherFilesAreRefused) {
  const TempDir dir;
  EXPECT_THROW(static_cast<void>(read_image_size(dir.write("a.jpg", "no image"))), Error);
  EXPECT_THROW(static_cast<void>(read_image_size(dir.write("a.jpg", ""))), Error);
  EXPECT_THROW(static_cast<void>(read_image_size(dir / "none.jpg")), Error);
}

TEST(ImageFolder, FindsByNameAndByTheLongestTail) {
  const TempDir dir;
  dir.write("a.jpg", "");
  dir.write("left/b.jpg", "");
  dir.write("right/b.jpg", "");
  dir.write("deep/right/c.jpg", "");
  const ImageFolder folder(dir.path());
  EXPECT_EQ(folder.size(), 4U);
  EXPECT_EQ(folder.find("a.jpg").relative, "a.jpg");
  EXPECT_EQ(folder.find("upload/3/a.jpg").relative, "a.jpg");
  EXPECT_EQ(folder.find("right/b.jpg").relative, "right/b.jpg");
  EXPECT_EQ(folder.find("data/left/b.jpg").relative, "left/b.jpg");
  EXPECT_EQ(folder.find("c.jpg").relative, "deep/right/c.jpg");
  EXPECT_EQ(folder.find("b.jpg").match, Match::kSeveral);
  EXPECT_EQ(folder.find("other/b.jpg").match, Match::kSeveral);
  EXPECT_EQ(folder.find("d.jpg").match, Match::kNone);
}

TEST(ImageFolder, AMissingFolderIsNamed) {
  const TempDir dir;
  try {
    const ImageFolder folder(dir / "none");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("none: cannot read the image folder"));
  }
}

TEST(ImageFolder, ALinkBackUpIsNotFollowedForEver) {
  const TempDir dir;
  dir.write("sub/a.jpg", "");
  std::filesystem::create_directory_symlink(dir.path(), dir / "sub/up");
  EXPECT_GE(ImageFolder(dir.path()).size(), 1U);
}

}  // namespace
}  // namespace labelloom
