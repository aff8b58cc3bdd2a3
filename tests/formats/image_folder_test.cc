#include "formats/image_folder.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "formats/exif.h"
#include "formats/file_io.h"
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
  for (const char* name : {"a.png", "a.gif", "a.bmp", "lossless.webp", "lossy.webp"}) {
    EXPECT_EQ(read_image_size(picture(name)), (Size{5, 3})) << name;
  }
}

TEST(ImageSize, IsAsTheBrowserShowsIt) {
  for (const char* name : {"exif6.jpg", "exif6.png", "exif6.webp"}) {
    EXPECT_EQ(read_image_size(picture(name)), (Size{3, 5})) << name << ": turned by a quarter";
  }
}

TEST(ImageSize, CutAndDamagedFilesGiveASizeOrAreRefused) {
  const TempDir dir;
  const auto read = [&](const std::string& bytes) {
    try {
      const Size size = read_image_size(dir.write("cut", bytes));
      EXPECT_EQ(size.width * size.height, 15);
    } catch (const Error&) {
    }
  };
  for (const char* name : {"exif6.jpg", "exif6.png", "exif6.webp"}) {
    const InputFile file(picture(name));
    const std::string whole(file.text());
    constexpr std::size_t kHead = 120;  // EXIF is in it
    for (std::size_t length = 0; length < std::min(whole.size(), kHead); ++length) {
      read(whole.substr(0, length));
    }
    // Lengths of chunks that lead out of the file.
    for (std::size_t at = name == std::string("exif6.webp") ? 30 : 33; at < whole.size(); ++at) {
      std::string damaged = whole;
      damaged[at] = '\xFE';
      static_cast<void>(exif_orientation(damaged));
    }
  }
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
