#include "apps/train_report.h"

#include <cmath>
#include <csignal>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/line_chart.h"
#include "apps/stop_signal.h"
#include "tests/support/temp_dir.h"

namespace labelloom::apps {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TrainReport small_report() {
  TrainReport report;
  report.title = "levers <b>& \"rods\"";
  report.facts = {{"size", "small"}, {"batch", "8"}};
  report.results = {{"mAP50", "0.912"}};
  report.curves.columns = {
      "epoch", "step", "learning_rate", "loss", "boxes", "keypoints", "images_per_second", "mAP50"};
  for (int step = 10; step <= 3000; step += 10) {
    const double x = step / 3000.0;
    std::vector<std::optional<double>> row = {step / 300.0,
                                              step,
                                              2e-3 * (1 - x),
                                              8 * std::exp(-4 * x) + 0.2,
                                              4 * std::exp(-3 * x),
                                              0.0,
                                              90 + 5 * std::sin(40 * x),
                                              std::nullopt};
    if (step % 300 == 0) row.back() = 0.95 * (1 - std::exp(-5 * x));
    report.curves.rows.push_back(row);
  }
  report.metrics = {"mAP50"};
  report.examples = {{"first.jpg", jpeg_url(std::vector<unsigned char>{0xFF, 0xD8, 0xFF})}};
  return report;
}

TEST(TrainReport, ShowsCurvesResultsPicturesAndSettings) {
  const std::string page = train_report_html(small_report());
  EXPECT_THAT(page,
              AllOf(HasSubstr("aria-label=\"Loss of boxes\""),
                    HasSubstr("aria-label=\"Validation\""),
                    HasSubstr("<b>0.912</b><span>mAP50</span>"),
                    HasSubstr("data:image/jpeg;base64,/9j/"),
                    HasSubstr("<th>batch</th><td>8</td>")));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
}

TEST(TrainReport, LeavesOutTheLossOfAHeadThatIsNotThere) {
  const std::string page = train_report_html(small_report());
  EXPECT_THAT(page, Not(HasSubstr("aria-label=\"Loss of key points\"")));
}

TEST(TrainReport, HostileNamesAreText) {
  TrainReport report = small_report();
  report.title = "</title><script>alert(1)</script>{{facts}}\xFF";
  report.examples[0] = {"<img src=x onerror=alert(1)>", "a\"><script>alert(2)</script>"};
  report.metrics = {"<script>"};
  const std::string page = train_report_html(report);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(page, HasSubstr("{{facts}}?"));
}

TEST(TrainReport, OfARunWithoutARowIsAPageAllTheSame) {
  TrainReport report;
  report.title = "nothing";
  EXPECT_THAT(train_report_html(report), HasSubstr("nothing was measured"));
  const test::TempDir folder;
  write_train_report(small_report(), folder / "report.html");
  EXPECT_EQ(test::read_file(folder / "report.html"), train_report_html(small_report()));
}

TEST(JpegUrl, IsBase64) {
  const auto url = [](std::vector<unsigned char> bytes) {
    return jpeg_url(bytes).substr(std::string("data:image/jpeg;base64,").size());
  };
  // RFC 4648 section 10.
  EXPECT_EQ(url({}), "");
  EXPECT_EQ(url({'f'}), "Zg==");
  EXPECT_EQ(url({'f', 'o'}), "Zm8=");
  EXPECT_EQ(url({'f', 'o', 'o'}), "Zm9v");
  EXPECT_EQ(url({'f', 'o', 'o', 'b'}), "Zm9vYg==");
}

TEST(LineChart, DrawsLinesInsideItsFrameAndRoundTicks) {
  const std::string drawn = svg({.title = "t",
                                 .x_name = "step",
                                 .series = {{"a", {{0, 1}, {50, 3}, {100, 2}}}},
                                 .from_zero = true});
  EXPECT_THAT(drawn, HasSubstr("M54.0 "));
  EXPECT_THAT(drawn, HasSubstr("L440.0 "));
  EXPECT_THAT(drawn,
              AllOf(HasSubstr(">0<"), HasSubstr(">1<"), HasSubstr(">3<"), HasSubstr(">20<")));
}

TEST(LineChart, SurvivesOddNumbers) {
  const double nan = std::nan("");
  for (const bool logarithmic : {false, true}) {
    for (const std::vector<std::pair<double, double>>& points :
         {std::vector<std::pair<double, double>>{{0, 0}},
          {{5, 5}},
          {{0, -1}, {1, nan}, {nan, 2}},
          {{1, 1e-300}, {2, 1e300}},
          {{1, 7}, {2, 7}}}) {
      const std::string drawn =
          svg({.title = "t", .x_name = "x", .series = {{"a", points}}, .logarithmic = logarithmic});
      EXPECT_THAT(drawn, AllOf(HasSubstr("</svg>"), Not(HasSubstr("nan")), Not(HasSubstr("inf"))));
      EXPECT_LT(drawn.size(), 100000);
    }
  }
}

TEST(StopSignal, IsAskedForByInterruptAndTermination) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const StopSignal stop;
    EXPECT_FALSE(StopSignal::requested());
    ASSERT_EQ(std::raise(signal), 0);
    EXPECT_TRUE(StopSignal::requested());
  }
}

}  // namespace
}  // namespace labelloom::apps
