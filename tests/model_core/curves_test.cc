#include "model/curves.h"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "formats/error.h"
#include "tests/support/temp_dir.h"

namespace labelloom::model {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> kColumns = {"epoch", "step", "loss", "mIoU"};

std::string message_of(const std::string& text) {
  try {
    static_cast<void>(parse_curves(text, "curves.csv"));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(CurvesFile, WritesARowAtOnceWithEmptyCellsForWhatIsNotThere) {
  const test::TempDir folder;
  CurvesFile file(folder / "curves.csv", kColumns);
  file.append({0, 10, 1.5, std::nullopt});
  EXPECT_EQ(test::read_file(folder / "curves.csv"), "epoch,step,loss,mIoU\n0,10,1.5,\n");
  file.append({1, 20, 0.25, 0.75});
  EXPECT_EQ(test::read_file(folder / "curves.csv"),
            "epoch,step,loss,mIoU\n0,10,1.5,\n1,20,0.25,0.75\n");
  EXPECT_THROW(file.append({1, 2}), Error);
}

TEST(CurvesFile, AResumedRunForgetsRowsAfterItsCheckpointAndALineCutByAKill) {
  const test::TempDir folder;
  const auto path =
      folder.write("curves.csv", "epoch,step,loss,mIoU\n0,10,1.5,\n0,20,1.25,0.5\n1,30,1,\n1,4");
  CurvesFile file = CurvesFile::resume(path, kColumns, 20);
  file.append({1, 30, 1.125, std::nullopt});
  EXPECT_EQ(test::read_file(path), "epoch,step,loss,mIoU\n0,10,1.5,\n0,20,1.25,0.5\n1,30,1.125,\n");
}

TEST(CurvesFile, SaysWhenOnlyPartOfARowCouldBeWritten) {
  const test::TempDir folder;
  CurvesFile file(folder / "curves.csv", kColumns);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit little = before;
  little.rlim_cur = std::filesystem::file_size(folder / "curves.csv") + 3;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &little), 0);
  errno = ENOENT;  // of something else
  std::string message;
  try {
    file.append({0, 10, 1.5, std::nullopt});
  } catch (const Error& error) {
    message = error.what();
  }
  EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(message, HasSubstr("curves.csv: only 3 of a row's 10 bytes were written"));
}

TEST(CurvesFile, RefusesAFileOfOtherColumns) {
  const test::TempDir folder;
  const auto path = folder.write("curves.csv", "epoch,step,loss\n0,10,1.5\n");
  EXPECT_THROW(static_cast<void>(CurvesFile::resume(path, kColumns, 20)), Error);
  EXPECT_EQ(test::read_file(path), "epoch,step,loss\n0,10,1.5\n");
  EXPECT_THROW(CurvesFile(folder / "other.csv", {"a,b"}), Error);
}

TEST(Curves, ReadBackWhatWasWritten) {
  const Curves curves = parse_curves("step,loss\n1,0.5\n2,\n", "curves.csv");
  ASSERT_EQ(curves.rows.size(), 2);
  EXPECT_EQ(curves.rows[0][curves.column("loss")], 0.5);
  EXPECT_FALSE(curves.rows[1][1].has_value());
  EXPECT_THROW(static_cast<void>(curves.column("mAP")), Error);
  EXPECT_TRUE(parse_curves("", "curves.csv").columns.empty());
}

TEST(Curves, SayWhereAFileIsDamaged) {
  EXPECT_THAT(message_of("step,loss\n1,0.5\n2,x\n"), HasSubstr("curves.csv:3: \"x\": expected"));
  EXPECT_THAT(message_of("step,loss\n1,0.5,7\n"), HasSubstr("curves.csv:2: 3 cells, expected 2"));
  EXPECT_THAT(message_of("step,loss\n1,nan\n"), HasSubstr("curves.csv:2"));
  EXPECT_THAT(message_of(std::string(5000, ',') + "\n"), HasSubstr("too many columns"));
}

}  // namespace
}  // namespace labelloom::model
