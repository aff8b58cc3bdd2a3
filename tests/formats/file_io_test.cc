#include "formats/file_io.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/error.h"
#include "tests/support/temp_dir.h"

namespace labelloom {
namespace {

using test::read_file;
using test::TempDir;
using testing::HasSubstr;

std::size_t files_in(const std::filesystem::path& dir) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(dir), {}));
}

template <typename Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(InputFile, WhatAPipeGaveCanBeReadAgain) {
  const TempDir dir;
  const std::filesystem::path pipe = dir / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string text(100000, 'x');
  std::thread writer([&] { std::ofstream(pipe) << text; });
  const InputFile file(pipe);
  writer.join();
  file.release(0, text.size());
  EXPECT_EQ(file.text(), text);
}

TEST(OutputFile, AppearsOnlyWhenCommitted) {
  const TempDir dir;
  {
    OutputFile file(dir / "a.json");
    file.write("half");
    EXPECT_FALSE(std::filesystem::exists(dir / "a.json"));
  }
  EXPECT_EQ(files_in(dir.path()), 0U);
  write_file(dir / "sub/a.json", "whole");
  EXPECT_EQ(read_file(dir / "sub/a.json"), "whole");
  EXPECT_EQ(files_in(dir / "sub"), 1U);
}

TEST(OutputFile, KeepsTheOldFileUntilTheNewOneIsComplete) {
  const TempDir dir;
  dir.write("a.json", "old");
  {
    OutputFile file(dir / "a.json");
    file.write("half");
  }
  EXPECT_EQ(read_file(dir / "a.json"), "old");
  write_file(dir / "a.json", "new");
  EXPECT_EQ(read_file(dir / "a.json"), "new");
}

TEST(OutputFile, ALargeFileReplacesAnotherWhole) {
  const TempDir dir;
  dir.write("a.bin", "old");
  std::string all;
  {
    OutputFile file(dir / "a.bin");
    for (int i = 0; i < 3; ++i) {  // sent to the disk on the way, 8 MB at a time
      const std::string piece(std::size_t{7'000'001}, static_cast<char>('a' + i));
      file.write(piece);
      all += piece;
    }
    file.commit();
  }
  EXPECT_TRUE(read_file(dir / "a.bin") == all);
  EXPECT_EQ(files_in(dir.path()), 1U);
}

TEST(OutputFile, WritesThroughASymbolicLink) {
  const TempDir dir;
  dir.write("target.json", "old");
  std::filesystem::create_symlink(dir / "target.json", dir / "link.json");
  write_file(dir / "link.json", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(dir / "link.json"));
  EXPECT_EQ(read_file(dir / "target.json"), "new");
}

TEST(OutputFile, DevicesAreWrittenToNotReplaced) {
  write_file("/dev/null", "x");
  EXPECT_FALSE(std::filesystem::is_regular_file("/dev/null"));
}

TEST(OutputFile, NamesWhatCannotBeWritten) {
  const TempDir dir;
  dir.write("file", "x");
  EXPECT_THAT(error_of([&] { OutputFile file(dir.path()); }), HasSubstr("is a folder"));
  EXPECT_THAT(error_of([&] { OutputFile file(dir / "file/a.json"); }), HasSubstr("file"));
  EXPECT_THAT(error_of([&] { write_file("/dev/full", "x"); }), HasSubstr("No space left"));
  EXPECT_THAT(error_of([&] { OutputFile file("/proc/nothing/a.json"); }), HasSubstr("/proc"));
}

TEST(InputFile, NamesWhatCannotBeRead) {
  const TempDir dir;
  EXPECT_THAT(error_of([&] { InputFile file(dir / "none.json"); }), HasSubstr("No such file"));
  EXPECT_THAT(error_of([&] { InputFile file(dir.path()); }), HasSubstr("is a folder"));
  if (getuid() != 0) {
    const auto secret = dir.write("secret.json", "{}");
    std::filesystem::permissions(secret, std::filesystem::perms::none);
    EXPECT_THAT(error_of([&] { InputFile file(secret); }), HasSubstr("Permission denied"));
  }
}

TEST(InputFile, EmptyFilesAndFilesWithoutSizeAreRead) {
  const TempDir dir;
  EXPECT_EQ(InputFile(dir.write("empty", "")).text(), "");
  EXPECT_THAT(std::string(InputFile("/proc/self/status").text()), HasSubstr("Name:"));
}

TEST(SafeRelativePath, StaysInItsFolder) {
  EXPECT_EQ(safe_relative_path("a/b c.jpg"), std::filesystem::path("a/b c.jpg"));
  EXPECT_EQ(safe_relative_path("..a/b..jpg"), std::filesystem::path("..a/b..jpg"));
  for (const std::string& name : {std::string(""),
                                  std::string("/etc/passwd"),
                                  std::string("../a"),
                                  std::string("a/../../b"),
                                  std::string("a\\..\\b"),
                                  std::string("C:\\a"),
                                  std::string("c:a"),
                                  std::string("\\\\host\\a"),
                                  std::string("a\0b", 3),
                                  std::string("a/..")}) {
    EXPECT_THROW(static_cast<void>(safe_relative_path(name)), Error) << name;
  }
}

}  // namespace
}  // namespace labelloom
