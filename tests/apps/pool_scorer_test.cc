// Scoring a pool with a model whose answers can be read off the picture: channel 0 of the first
// pixel says what the detector does, the means over cells are the segmentation's logits.

#include "apps/pool_scorer.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "apps/cald_views.h"
#include "apps/forward_passes.h"
#include "formats/error.h"
#include "select/boxmask_combine.h"

namespace labelloom::apps {
namespace {

using select::BoxState;
using select::ScoreRow;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kSide = 96;

/// What the detector does.
enum Answer : std::uint8_t {
  kNothing,
  kObject,     ///< a box of 20 x 24 pixels at (30, 40)
  kPixel,      ///< a box of one pixel
  kWhole,      ///< a box over the whole input
  kUnmapped,   ///< a class that the segmentation lacks
  kBadLogits,  ///< as kObject, but a logit is no number
  kBadBoxes,   ///< the boxes are no numbers
  kInPadding,  ///< a box in the lowest eight rows
  kBadMirror,  ///< as kObject, but the mirror image's boxes are no numbers
};

class StubModel final : public model::Predictor {
 public:
  StubModel() {
    config_.heads.loss_prediction = false;
    config_.classes = {"nut", "ghost"};
    config_.seg_classes = {"bench", "nut", "oil"};
    config_.seg_of_class = {1, -1};
    config_.input = {kSide, kSide};
    config_.mean = {0, 0, 0};
    config_.deviation = {1 / 255.0F, 1 / 255.0F, 1 / 255.0F};
  }
  [[nodiscard]] const model::ModelConfig& config() const override { return config_; }
  [[nodiscard]] torch::Device device() const override { return torch::kCPU; }
  [[nodiscard]] const std::string& fingerprint() const override { return fingerprint_; }
  [[nodiscard]] bool runs_in_threads() const override { return true; }

  [[nodiscard]] model::Prediction predict(const torch::Tensor& images,
                                          const model::DecodeOptions&) override {
    model::Prediction result;
    result.segmentation = segment(images);
    for (std::int64_t n = 0; n < images.size(0); ++n) {
      const auto answer = static_cast<int>(std::lround(images[n][0][0][0].item<float>()));
      if (has_bad_boxes(images[n])) throw Error(Errc::kInvalidData, {.file = "stub"}, "box is nan");
      if (answer == kBadLogits)
        result.segmentation[n][1][0][0] = std::numeric_limits<float>::quiet_NaN();
      result.detections.push_back(detections(answer, images));
    }
    return result;
  }
  [[nodiscard]] model::NamedOutputs outputs(const torch::Tensor& images) override {
    torch::Tensor box = torch::zeros({images.size(0), 4, 1, 1});
    for (std::int64_t n = 0; n < images.size(0); ++n) {
      if (has_bad_boxes(images[n])) box[n].fill_(std::numeric_limits<float>::quiet_NaN());
    }
    return {{"box", box}};
  }
  [[nodiscard]] model::Prediction decoded(const model::NamedOutputs&,
                                          Size,
                                          const model::DecodeOptions&) const override {
    return {};  // scoring does not ask for it
  }
  [[nodiscard]] torch::Tensor segment(const torch::Tensor& images) override {
    return torch::avg_pool2d(images, 4) / 16;
  }

 private:
  /// A picture that is mirrored ends with what the detector is to do.
  static bool has_bad_boxes(const torch::Tensor& image) {
    const auto at = [&](std::int64_t column) {
      return std::lround(image[0][0][column].item<float>());
    };
    return at(0) == kBadBoxes || at(image.size(2) - 1) == kBadMirror;
  }
  static std::vector<model::Detection> detections(int answer, const torch::Tensor& images) {
    model::Detection found;
    found.box = {30, 40, 20, 24};
    found.score = 0.8;
    found.class_probabilities = {0.9F, 0.1F};
    if (answer == kNothing) return {};
    if (answer == kPixel) found.box = {31, 41, 1, 1};
    if (answer == kInPadding) found.box = {10, kSide - 8, 10, 8};
    if (answer == kWhole) {
      found.box = {0, 0, static_cast<double>(images.size(3)), static_cast<double>(images.size(2))};
    }
    if (answer == kUnmapped) {
      found.class_index = 1;
      found.class_probabilities = {0.2F, 0.8F};
    }
    return {found};
  }

  model::ModelConfig config_;
  std::string fingerprint_ = "0123456789abcdef";
};

/// Pictures of noise; each begins with what the detector is to do.
class StubPictures final : public model::ImageSource {
 public:
  explicit StubPictures(std::vector<Answer> answers) : answers_(std::move(answers)) {
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      Image image;
      image.id = static_cast<std::int64_t>(i) + 1;
      image.file_name = "picture_" + std::to_string(i) + ".png";
      pool.images.push_back(image);
    }
  }
  [[nodiscard]] std::size_t count() const override { return answers_.size(); }
  [[nodiscard]] model::InputImage load(std::size_t index) override {
    if (index == unreadable)
      throw Error(Errc::kParse, {.file = pool.images[index].file_name}, "cut off");
    model::InputImage input;
    input.name = pool.images[index].file_name;
    input.size = {kSide, kSide};
    input.placement = placement;
    std::uint32_t noise = static_cast<std::uint32_t>(index) * 7919U + 1;
    for (int i = 0; i < kSide * kSide * 3; ++i) {
      noise = noise * 1664525U + 1013904223U;
      input.rgb.push_back(static_cast<std::uint8_t>(noise >> 24U));
    }
    input.rgb[0] = answers_[index];
    input.rgb[std::size_t{3} * (kSide - 1)] = 200;  // no answer
    return input;
  }

  Dataset pool;
  model::Placement placement{{kSide, kSide}, 1, {0, 0}};
  std::size_t unreadable = std::numeric_limits<std::size_t>::max();

 private:
  std::vector<Answer> answers_;
};

PoolScoringOptions options() {
  PoolScoringOptions result;
  result.columns = {
      .boxmask = true, .uncertainty = true, .cald = true, .equal = true, .cdal = true};
  result.window.min_size = 32;
  return result;
}

struct Scored {
  std::vector<ScoreRow> rows;
  PoolScoringTimes times;
  std::vector<std::string> lines;
};

Scored score(StubPictures& pictures, const PoolScoringOptions& given = options()) {
  StubModel model;
  Scored scored;
  const select::ScoreHeader header = score_header(model, "stub", pictures.pool, given);
  scored.times = score_pool(
      model,
      pictures.pool,
      pictures,
      given,
      [](const std::string&) { return true; },
      [&](ScoreRow row) {
        scored.lines.push_back(select::row_text(row, header));
        scored.rows.push_back(std::move(row));
      });
  return scored;
}

TEST(PoolScorer, EveryKindOfAnswerHasItsRow) {
  StubPictures pictures({kNothing, kObject, kPixel, kWhole, kUnmapped});
  const std::vector<ScoreRow> rows = score(pictures).rows;
  ASSERT_THAT(rows, SizeIs(5));
  EXPECT_THAT(rows[0].boxes, IsEmpty());
  EXPECT_EQ(rows[0].boxmask->outside_cells, 24U * 24U);
  EXPECT_EQ(select::terms_of(*rows[0].boxmask, {}).boxes, 0);
  EXPECT_EQ(rows[0].scores.at("cald"), 0);

  EXPECT_EQ(rows[1].boxes.at(0).box, (Box{30, 40, 20, 24}));
  EXPECT_EQ(rows[1].boxmask->boxes.at(0).domain_cells, 30U);
  EXPECT_EQ(rows[2].boxmask->boxes.at(0).domain_cells, 1U);
  EXPECT_EQ(rows[3].boxmask->boxes.at(0).domain_cells, 24U * 24U);
  EXPECT_EQ(rows[4].boxmask->boxes.at(0).state, BoxState::kUnmapped);
  for (const ScoreRow& row : rows) {
    ASSERT_TRUE(row.segmentation.has_value());
    EXPECT_EQ(row.segmentation->grid.cells(), 24U * 24U);
    for (std::size_t i = 0; i < row.boxes.size(); ++i) {
      EXPECT_EQ(select::cell_count(row.boxes[i].mask), row.boxmask->boxes[i].mask_cells);
    }
  }
}

TEST(PoolScorer, ARowDoesNotDependOnBatchThreadsOrNeighbours) {
  StubPictures pictures({kObject, kNothing, kWhole, kBadBoxes, kPixel, kObject, kBadLogits});
  const std::vector<std::string> lines = score(pictures).lines;
  for (const std::size_t batch : {std::size_t{1}, std::size_t{3}}) {
    PoolScoringOptions other = options();
    other.batch = batch;
    other.workers = 3;
    other.row_workers = 2;
    for (const int threads : {1, 3}) {
      at::set_num_threads(threads);
      EXPECT_EQ(score(pictures, other).lines, lines) << batch << ", " << threads;
    }
  }
}

TEST(PoolScorer, OutputsThatAreNoNumbersPutTheirOwnPictureLast) {
  StubPictures pictures({kObject, kBadBoxes, kBadLogits, kObject});
  const Scored scored = score(pictures);
  EXPECT_EQ(scored.times.not_finite, 2U);
  EXPECT_TRUE(scored.rows[0].boxmask->finite);
  EXPECT_FALSE(scored.rows[1].boxmask->finite);
  EXPECT_THAT(scored.rows[1].boxes, IsEmpty());
  EXPECT_TRUE(std::isnan(scored.rows[1].scores.at("entropy.det")));
  EXPECT_TRUE(std::isnan(scored.rows[1].scores.at("cald")));
  EXPECT_FALSE(scored.rows[2].boxmask->finite);
  EXPECT_THAT(scored.rows[2].boxes, SizeIs(1));  // the boxes are still good
  EXPECT_TRUE(std::isnan(scored.rows[2].scores.at("entropy.seg")));
  EXPECT_FALSE(std::isnan(scored.rows[2].scores.at("entropy.det")));
  EXPECT_TRUE(scored.rows[3].boxmask->finite);
}

TEST(PoolScorer, AChangedViewWhoseOutputsAreNoNumbersCostsItsPictureCaldAlone) {
  StubPictures pictures({kObject, kBadMirror, kObject});
  const Scored scored = score(pictures);
  EXPECT_EQ(scored.times.not_finite, 1U);
  const ScoreRow& row = scored.rows[1];
  EXPECT_TRUE(std::isnan(row.scores.at("cald")));
  EXPECT_FALSE(row.vectors.contains("cald.classes"));
  EXPECT_TRUE(row.boxmask->finite);
  EXPECT_THAT(row.boxes, SizeIs(1));
  for (const char* name : {"entropy.seg", "entropy.det", "equal.kl", "equal.entropy"})
    EXPECT_FALSE(std::isnan(row.scores.at(name))) << name;
  for (const std::size_t i : {std::size_t{0}, std::size_t{2}})
    EXPECT_FALSE(std::isnan(scored.rows[i].scores.at("cald")));
  PoolScoringOptions alone = options();
  alone.batch = 1;
  EXPECT_EQ(score(pictures, alone).lines, scored.lines);
}

TEST(PoolScorer, AnEmptyPoolAndAPoolOfOne) {
  StubPictures none({});
  EXPECT_EQ(score(none).times.images, 0U);
  StubPictures one({kObject});
  EXPECT_THAT(score(one).rows, SizeIs(1));
}

TEST(PoolScorer, ANameTwiceIsRefused) {
  StubPictures pictures({kObject, kObject});
  pictures.pool.images[1].file_name = pictures.pool.images[0].file_name;
  StubModel model;
  EXPECT_THROW(static_cast<void>(score_header(model, "stub", pictures.pool, options())), Error);
}

TEST(PoolScorer, AnUnreadablePictureEndsTheRunOrHasARowWithoutASize) {
  StubPictures pictures({kObject, kObject, kObject});
  pictures.unreadable = 1;
  EXPECT_THROW(static_cast<void>(score(pictures)), Error);
  PoolScoringOptions skipping = options();
  skipping.skip_bad = true;
  std::vector<std::string> told;
  skipping.bad = [&](const std::string& message) { told.push_back(message); };
  const Scored scored = score(pictures, skipping);
  EXPECT_EQ(scored.times.unreadable, 1U);
  EXPECT_EQ(scored.times.not_finite, 0U);
  EXPECT_THAT(told, ElementsAre(HasSubstr("picture_1.png")));
  ASSERT_THAT(scored.rows, SizeIs(3));
  EXPECT_EQ(scored.rows[1].key, "picture_1.png");
  EXPECT_FALSE(scored.rows[1].boxmask->finite);
  EXPECT_FALSE(scored.rows[1].readable());
  EXPECT_TRUE(scored.rows[0].readable());
}

TEST(PoolScorer, AWindowThatIsTheWholePictureNeedsNoSecondPass) {
  StubPictures pictures({kWhole, kObject});
  PoolScoringOptions plain = options();
  plain.columns = {.boxmask = true};
  EXPECT_EQ(score(pictures, plain).times.crops, 1U);
}

TEST(PoolScorer, ThresholdsShareAPassAndGiveTheRowsOfEach) {
  StubPictures pictures({kObject, kBadBoxes, kWhole, kObject, kPixel});
  pictures.unreadable = 3;
  PoolScoringOptions given = options();
  given.skip_bad = true;
  given.batch = 3;
  given.taus = {0.34, 0.6};
  const Scored both = score(pictures, given);
  ASSERT_THAT(both.lines, SizeIs(10));
  EXPECT_EQ(both.times.images, 5U);
  EXPECT_EQ(both.times.not_finite, 1U);
  given.taus.clear();
  std::vector<std::vector<std::string>> each;
  for (const double tau : {0.34, 0.6}) {
    given.scoring.tau = tau;
    each.push_back(score(pictures, given).lines);
  }
  EXPECT_NE(each[0], each[1]);
  for (std::size_t i = 0; i < both.lines.size(); ++i) EXPECT_EQ(both.lines[i], each[i % 2][i / 2]);
}

TEST(PoolScorer, AMirrorImageThatIsSegmentedAlikeIsConsistent) {
  StubPictures pictures({kObject});
  const ScoreRow row = score(pictures).rows.at(0);
  EXPECT_NEAR(row.scores.at("equal.kl"), 0, 1e-6);
  EXPECT_NEAR(row.scores.at("equal.entropy"), row.scores.at("entropy.seg"), 1e-6);
}

TEST(PoolScorer, PaddingIsNoPartOfThePicture) {
  StubPictures pictures({kInPadding, kWhole});
  // Twice as wide as high: 96 x 48 pixels in the middle of the input.
  pictures.placement = {{192, 96}, 0.5, {0, 24}};
  const std::vector<ScoreRow> rows = score(pictures).rows;
  EXPECT_THAT(rows[0].boxes, IsEmpty());
  EXPECT_EQ(rows[0].size, (Size{192, 96}));
  EXPECT_EQ(rows[1].boxes.at(0).box, (Box{0, 0, 192, 96}));
  EXPECT_EQ(rows[1].boxmask->boxes.at(0).domain_cells, 24U * 12U);
  EXPECT_EQ(rows[1].segmentation->grid,
            (select::Grid2d{
                .columns = 24, .rows = 12, .origin = {0, 0}, .cell_width = 8, .cell_height = 8}));
}

TEST(PoolScorer, NativeCropsOfALocalModelGiveThePicturesOwnBoxMask) {
  // The stub's cells see nothing but themselves, so that cutting changes nothing.
  StubPictures pictures({kObject});
  PoolScoringOptions cut = options();
  PoolScoringOptions uncut = options();
  uncut.window.margin = 10;  // the whole picture
  const ScoreRow a = score(pictures, cut).rows.at(0);
  const ScoreRow b = score(pictures, uncut).rows.at(0);
  EXPECT_EQ(a.boxmask, b.boxmask);
  for (const select::WindowBorder border :
       {select::WindowBorder::kClip, select::WindowBorder::kPad}) {
    cut.window.border = border;
    EXPECT_EQ(score(pictures, cut).rows.at(0).boxmask, b.boxmask);
  }
}

TEST(PoolScorer, StretchedCropsFitTheirWindows) {
  StubPictures pictures({kObject, kPixel, kWhole});
  for (const int size : {32, 64, 160}) {
    PoolScoringOptions stretched = options();
    stretched.window.crop_size = size;
    const Scored scored = score(pictures, stretched);
    EXPECT_EQ(scored.times.crops, 3U);
    EXPECT_EQ(scored.rows[0].boxmask->boxes.at(0).domain_cells, 30U);
  }
  PoolScoringOptions zoomed = options();
  zoomed.window.max_zoom = 2;
  EXPECT_TRUE(score(pictures, zoomed).rows[0].boxmask->finite);
}

TEST(ScorePlan, StrategiesSayWhatTheyNeed) {
  const ModelAbilities all{.boxes = true,
                           .segmentation = true,
                           .loss_tasks = 3,
                           .losses = {"ll4al.det", "ll4al.seg", "ll4al.kp"},
                           .embedding = true};
  std::vector<LeftOut> left_out;
  const auto columns = [&](const std::vector<std::string>& names, const ModelAbilities& model) {
    return columns_for(names, model, left_out);
  };
  EXPECT_EQ(columns({"boxmask-loc"}, all), (ScoreColumns{.boxmask = true, .loss_tasks = 3}));
  EXPECT_EQ(columns({"entropy", "coreset"}, all),
            (ScoreColumns{.uncertainty = true, .loss_tasks = 3, .embedding = true}));
  EXPECT_EQ(columns({"alternation"}, all),
            (ScoreColumns{.cald = true, .equal = true, .loss_tasks = 3}));
  EXPECT_EQ(columns({"all"}, all), (ScoreColumns{true, true, true, true, true, 3, true, true}));
  EXPECT_THAT(left_out, IsEmpty());
  EXPECT_THROW(static_cast<void>(columns({"boxmaks"}, all)), Error);
  EXPECT_THROW(static_cast<void>(columns({"boxmask"}, {.boxes = true})), Error);
  EXPECT_THROW(static_cast<void>(columns({"ll4al"}, {.boxes = true, .segmentation = true})), Error);
  const ScoreColumns some = columns({"all"}, {.boxes = true});
  EXPECT_TRUE(some.cald && some.uncertainty);
  EXPECT_FALSE(some.boxmask || some.equal || some.ll4al || some.cdal || some.embedding);
  EXPECT_EQ(left_out.front().strategy, "boxmask");
  EXPECT_EQ(left_out.front().lacks, "a segmentation");
}

TEST(ScorePlan, StrategiesOfPredictedLossesNeedThoseThatTheyName) {
  const ModelAbilities boxes{.boxes = true, .loss_tasks = 3, .losses = {"ll4al.det"}};
  const auto said = [&](const char* name) -> std::string {
    std::vector<LeftOut> left_out;
    try {
      static_cast<void>(columns_for(std::vector<std::string>{name}, boxes, left_out));
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(said("ll4al"), "accepted");
  EXPECT_EQ(said("ll4al-det"), "accepted");
  for (const char* name : {"ll4al-seg", "ll4al-turns"})
    EXPECT_THAT(said(name), HasSubstr("needs a predicted loss of the segmentation"));
  std::vector<LeftOut> left_out;
  EXPECT_TRUE(columns_for(std::vector<std::string>{"all"}, boxes, left_out).ll4al);
  for (const char* name : {"ll4al-seg", "ll4al-turns"}) {
    EXPECT_THAT(left_out, ::testing::Contains(::testing::Field(&LeftOut::strategy, name)));
  }
}

TEST(ScorePlan, OptionsThatChangeScoresChangeTheHeader) {
  StubPictures pictures({kObject});
  StubModel model;
  const auto config = [&](const PoolScoringOptions& o) {
    return score_header(model, "stub", pictures.pool, o).config;
  };
  PoolScoringOptions same = options();
  same.batch = 3;
  same.workers = 9;
  EXPECT_EQ(config(same), config(options()));
  PoolScoringOptions tau = options();
  tau.scoring.tau = 0.4;
  PoolScoringOptions margin = options();
  margin.window.margin = 1;
  PoolScoringOptions columns = options();
  columns.columns.embedding = true;
  PoolScoringOptions precision = options();
  precision.precision = model::Precision::kBfloat16;
  PoolScoringOptions ids = options();
  ids.has_ids = true;
  for (const PoolScoringOptions& other : {tau, margin, columns, precision, ids})
    EXPECT_NE(config(other), config(options()));
}

TEST(ValidCells, AreThoseWhoseCentresAreInThePicture) {
  const model::Placement placement{{100, 50}, 1, {-2, 7}};
  EXPECT_EQ(valid_cells(placement, 4, 24, 24), (select::Cells{0, 2, 24, 12}));
  EXPECT_EQ(valid_cells({{1, 1}, 1, {48, 48}}, 4, 24, 24), (select::Cells{12, 12, 1, 1}));
}

TEST(CaldViews, BoxesGoWhereTheirPixelsGo) {
  StubModel model;
  torch::Tensor images = torch::zeros({1, 3, kSide, kSide});
  const Box box{20, 50, 30, 12};
  images.narrow(2, 50, 12).narrow(3, 20, 30).fill_(1);
  const std::vector<std::vector<Box>> boxes{{box}};
  const std::vector<std::string> names{"a.png"};
  const auto views = cald_views(images, boxes, names, model.config(), 32, 0);
  ASSERT_THAT(views, SizeIs(4));
  for (const std::size_t v : {std::size_t{0}, std::size_t{2}, std::size_t{3}}) {
    const torch::Tensor lit = torch::nonzero(views[v].images[0][0] > 0.5).to(torch::kFloat64);
    const Box& where = views[v].boxes[0][0];
    EXPECT_NEAR(lit.select(1, 1).min().item<double>(), where.x, 1.5) << v;
    EXPECT_NEAR(lit.select(1, 0).min().item<double>(), where.y, 1.5) << v;
    EXPECT_NEAR(lit.select(1, 1).max().item<double>() + 1, where.right(), 1.5) << v;
    EXPECT_NEAR(lit.select(1, 0).max().item<double>() + 1, where.bottom(), 1.5) << v;
  }
  EXPECT_EQ(views[2].images.size(2), 96);  // 77 pixels, rounded up
  EXPECT_LT(views[1].images.sum().item<double>(), images.sum().item<double>());
}

}  // namespace
}  // namespace labelloom::apps
