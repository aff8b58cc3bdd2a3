#include "augment/job.h"

#include <atomic>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <tbb/parallel_for.h>

#include "augment/mask_pixels.h"
#include "formats/error.h"
#include "tests/support/temp_dir.h"

namespace labelloom::augment {
namespace {

using test::read_file;
using test::TempDir;
using ::testing::HasSubstr;

std::string png(const cv::Mat& pixels) {
  std::vector<unsigned char> bytes;
  cv::imencode(".png", pixels, bytes);
  return {bytes.begin(), bytes.end()};
}

/// Images of 40 x 30, each with a rectangle and a mask where it is bright.
class JobTest : public ::testing::Test {
 protected:
  JobTest() {
    dataset.categories = {{.id = 1, .name = "a"}};
    for (int i = 0; i < 4; ++i) add_image(i);
  }

  void add_image(int i) {
    const std::string name = "p" + std::to_string(i) + ".png";
    cv::Mat pixels(30, 40, CV_8UC3, cv::Scalar(20, 20, 20));
    pixels(cv::Rect(4 + i, 6, 16, 10)).setTo(cv::Scalar(220, 220, 220));
    folder.write("images/" + name, png(pixels));
    dataset.images.push_back({.id = i + 1, .file_name = name, .size = {40, 30}, .extra = {}});
    const double x = 4.0 + i;
    Instance ring;
    ring.id = 2 * i + 1;
    ring.image_id = i + 1;
    ring.category_id = 1;
    ring.bbox = {x, 6, 16, 10};
    ring.area = 160;
    ring.rings = Rings({{x, 6}, {x + 16, 6}, {x + 16, 16}, {x, 16}});
    Instance mask = ring;
    mask.id = 2 * i + 2;
    mask.ensure_extra().mask = rasterise(ring.rings, {40, 30});
    mask.rings = {};
    dataset.instances.push_back(ring);
    dataset.instances.push_back(mask);
  }

  [[nodiscard]] JobOptions options(const char* output) const {
    JobOptions result;
    result.settings.images = folder / "images";
    result.settings.variants = 5;
    result.settings.variant.encode.format = ImageFormat::kPng;
    result.output = folder / output;
    result.threads = 2;
    return result;
  }

  static PipelineFile pipeline(const std::string& text) {
    Report report;
    return parse_pipeline(text, "test", report);
  }

  TempDir folder;
  Dataset dataset;
};

TEST_F(JobTest, MasksRingsBoxesAndPixelsMoveTogether) {
  const PipelineFile flips = pipeline("HorizontalFlip(p=0.5)\nVerticalFlip(p=0.5)\n");
  JobContext context(dataset, flips, options("out").settings, 0);
  for (std::size_t image = 0; image < 4; ++image) {
    for (std::uint32_t variant = 1; variant <= 5; ++variant) {
      const auto output = context.make(*context.load(image), image, variant);
      const std::vector<unsigned char> bytes(output.file.begin(), output.file.end());
      cv::Mat bright = cv::imdecode(bytes, cv::IMREAD_GRAYSCALE) > 128;
      ASSERT_EQ(output.instances.size(), 2U);
      ASSERT_NE(output.instances[1].mask(), nullptr);
      EXPECT_EQ(*output.instances[1].mask(), mask_runs(bright));
      EXPECT_EQ(rasterise(output.instances[0].rings, {40, 30}), mask_runs(bright));
      EXPECT_EQ(output.instances[0].bbox, output.instances[1].bbox);
    }
  }
}

TEST_F(JobTest, AVariantIsTheSameWhateverElseIsInTheSet) {
  const PipelineFile turns = pipeline("Affine(rotate=(-30, 30), p=1)\n");
  JobContext all(dataset, turns, options("out").settings, 0);
  Dataset fewer = dataset;
  fewer.images.erase(fewer.images.begin(), fewer.images.begin() + 2);
  JobContext some(fewer, turns, options("out").settings, 0);
  EXPECT_EQ(all.make(*all.load(3), 3, 4).file, some.make(*some.load(1), 1, 4).file);
  EXPECT_NE(all.make(*all.load(3), 3, 4).file, all.make(*all.load(3), 3, 5).file);
}

TEST_F(JobTest, IdsAreAboveThoseOfTheSetAndItsSources) {
  dataset.images[1].extra = R"("source_image_id":500,"variant":3,"augmentation":[],"note":1)";
  const PipelineFile nothing = pipeline("HorizontalFlip(p=1)\n");
  JobContext context(dataset, nothing, options("out").settings, 0);
  EXPECT_EQ(context.make(*context.load(0), 0, 1).image.id, 501);
  const Image second = context.make(*context.load(1), 1, 2).image;
  EXPECT_EQ(second.id, 507);
  EXPECT_EQ(second.extra,
            R"("note":1,"source_image_id":500,"source_file_name":"p1.png","variant":2,)"
            R"("augmentation":[{"transform":"HorizontalFlip"}])");
  dataset.images[0].id = std::int64_t{1} << 60;
  EXPECT_THROW(JobContext(dataset, nothing, options("out").settings, 0), Error);
}

TEST_F(JobTest, LabelsFollowPicturesThatAreReduced) {
  JobOptions reduced = options("out");
  reduced.settings.max_side = 20;
  Sources sources(dataset, reduced.settings.images, 20);
  const SourceImage source = sources.load(0);
  EXPECT_TRUE(source.is_reduced);
  EXPECT_EQ(source.pixels.size(), cv::Size(20, 15));
  ASSERT_EQ(source.instances.size(), 2U);
  EXPECT_EQ(source.instances[0]->bbox, (Box{2, 3, 8, 5}));
  EXPECT_EQ(source.instances[0]->area, 40);
  EXPECT_EQ(extent(*source.instances[1]->mask()), (Box{2, 3, 8, 5}));
}

TEST_F(JobTest, AFinishedJobIsLeftAsItIs) {
  const PipelineFile flip = pipeline("HorizontalFlip(p=0.5)\n");
  const JobSummary first = run_job(dataset, flip, options("out"));
  EXPECT_EQ(first.images, 20U);
  EXPECT_EQ(first.annotations, 40U);
  EXPECT_EQ(first.resumed, 0U);
  const std::string coco = read_file(folder / "out/coco.json");
  folder.write("out/coco.json", "looked at");
  const JobSummary second = run_job(dataset, flip, options("out"));
  EXPECT_EQ(second.images, 20U);
  EXPECT_EQ(second.resumed, 20U);
  EXPECT_EQ(read_file(folder / "out/coco.json"), "looked at");
  std::filesystem::remove(folder / "out/report.json");
  run_job(dataset, flip, options("out"));
  EXPECT_EQ(read_file(folder / "out/coco.json"), coco);
}

TEST_F(JobTest, CountsProgressToTheEndAlsoWhereImagesAreSkipped) {
  folder.write("images/p2.png", "rubbish");
  std::size_t last = 0;
  std::size_t all = 0;
  const JobSummary summary = run_job(dataset,
                                     pipeline("HorizontalFlip(p=0.5)\n"),
                                     options("out"),
                                     [&](std::size_t done, std::size_t total) {
                                       EXPECT_GT(done, last);
                                       last = done;
                                       all = total;
                                     });
  EXPECT_EQ(last, 20U);
  EXPECT_EQ(all, 20U);
  EXPECT_EQ(summary.images, 15U);
  ASSERT_EQ(summary.skipped.size(), 1U);
  EXPECT_EQ(summary.skipped[0].file_name, "p2.png");
}

TEST_F(JobTest, SourceThatIsSkippedInManyPartsIsNamedOnce) {
  folder.write("images/p1.png", "rubbish");
  JobOptions many = options("out");
  many.settings.variants = 100;
  const JobSummary summary = run_job(dataset, pipeline("HorizontalFlip(p=0.5)\n"), many);
  EXPECT_EQ(summary.images, 300U);
  EXPECT_EQ(summary.skipped.size(), 1U);
}

/// Gives an image another size.
void resize_image(Dataset& dataset, const TempDir& folder, std::size_t image, Size size) {
  dataset.images[image].size = size;
  folder.write("images/" + dataset.images[image].file_name,
               png(cv::Mat::zeros(size.height, size.width, CV_8UC3)));
}

TEST_F(JobTest, AnImageThatIsTooSmallForACropIsSkippedLikeADamagedOne) {
  resize_image(dataset, folder, 2, {20, 20});
  JobOptions many = options("out");
  many.settings.variants = 40;  // more than one part
  const PipelineFile crop = pipeline("RandomCrop(width=32, height=24)\n");
  for (const bool keep_originals : {false, true}) {
    many.settings.keep_originals = keep_originals;
    many.output = folder / (keep_originals ? "kept" : "out");
    const std::uint64_t expected = keep_originals ? 123 : 120;
    const JobEstimate estimate = estimate_job(dataset, crop, many);
    EXPECT_EQ(estimate.images, expected);
    EXPECT_GT(estimate.bytes, 0U);
    const JobSummary summary = run_job(dataset, crop, many);
    EXPECT_EQ(summary.images, expected);
    for (const auto& skipped : {estimate.skipped, summary.skipped}) {
      ASSERT_EQ(skipped.size(), 1U);
      EXPECT_EQ(skipped[0].file_name, "p2.png");
      EXPECT_EQ(skipped[0].variant, 0U);
      EXPECT_THAT(skipped[0].reason, HasSubstr("larger than the picture, 20 x 20"));
    }
  }
  std::vector<SkippedImage> skipped;
  EXPECT_EQ(write_preview(dataset, crop, many, 8, folder / "preview", skipped).images.size(), 6U);
  EXPECT_EQ(skipped.size(), 2U);
}

TEST_F(JobTest, VariantsThatAreDrawnTooSmallForACropAreSkippedAlone) {
  JobOptions many = options("out");
  many.settings.variants = 20;
  const PipelineFile sometimes =
      pipeline("RandomScale(scale_limit=(-0.5, 0.5), p=1)\nRandomCrop(width=40, height=30)\n");
  const JobEstimate estimate = estimate_job(dataset, sometimes, many);
  const JobSummary summary = run_job(dataset, sometimes, many);
  EXPECT_GT(summary.images, 20U);
  EXPECT_GT(summary.skipped.size(), 20U);
  EXPECT_EQ(summary.images + summary.skipped.size(), 80U);
  EXPECT_EQ(estimate.images, summary.images);
  EXPECT_EQ(estimate.skipped, summary.skipped);
  EXPECT_GT(summary.skipped.front().variant, 0U);
}

TEST_F(JobTest, WhatDoesNotSuitIsRefusedBeforeThereIsAFolder) {
  resize_image(dataset, folder, 2, {20, 20});
  const auto refusal = [&](const char* text, const JobOptions& job) -> std::string {
    try {
      run_job(dataset, pipeline(text), job);
    } catch (const PlanError& error) {
      EXPECT_FALSE(std::filesystem::exists(job.output));
      return error.what();
    }
    return "none";
  };
  JobOptions strict = options("strict");
  strict.strict = true;
  EXPECT_THAT(refusal("RandomCrop(width=32, height=24)\n", strict),
              HasSubstr("p2.png: RandomCrop"));
  EXPECT_THAT(refusal("RandomCrop(width=100, height=100)\n", options("all")),
              HasSubstr("p0.png: RandomCrop"));
  strict.shard = {1, 2};
  EXPECT_EQ(refusal("RandomCrop(width=32, height=24)\n", strict), "none");
}

TEST_F(JobTest, AShardOfWhichNothingSuitsIsWrittenAllTheSame) {
  resize_image(dataset, folder, 3, {20, 20});
  JobOptions last = options("out");
  last.shard = {4, 4};
  const JobSummary summary = run_job(dataset, pipeline("RandomCrop(width=32, height=24)\n"), last);
  EXPECT_EQ(summary.images, 0U);
  EXPECT_EQ(summary.skipped.size(), 1U);
}

TEST_F(JobTest, AMissingImageIsNotReplacedByAnotherOfTheSet) {
  folder.write("images/deep/q.png", read_file(folder / "images/p0.png"));
  dataset.images[0].file_name = "elsewhere/q.png";
  dataset.images[1].file_name = "elsewhere/p2.png";
  Sources sources(dataset, folder / "images", 0);
  EXPECT_EQ(sources.file(0), folder / "images/deep/q.png");
  EXPECT_THROW(static_cast<void>(sources.file(1)), Error);
}

TEST_F(JobTest, CachedImagesAreDecodedOnceAndForgottenInTime) {
  Sources sources(dataset, folder / "images", 0);
  SourceCache cache(sources, 0);
  std::vector<std::shared_ptr<const SourceImage>> images(64);
  tbb::parallel_for(
      std::size_t{0}, images.size(), [&](std::size_t i) { images[i] = cache.get(2); });
  for (const auto& image : images) EXPECT_EQ(image, images[0]);
  for (const std::size_t index : {0U, 1U, 3U}) EXPECT_NE(cache.get(index), nullptr);
  EXPECT_NE(cache.get(2), images[0]);
  folder.write("images/p0.png", "rubbish");
  static_cast<void>(cache.get(2));
  static_cast<void>(cache.get(3));
  EXPECT_THROW(static_cast<void>(cache.get(0)), Error);
  EXPECT_THROW(static_cast<void>(cache.get(0)), Error);
}

TEST_F(JobTest, DonorsAreTheImagesThatCanBeUsed) {
  folder.write("images/p1.png", "rubbish");
  dataset.images[2].size = {41, 30};
  Sources sources(dataset, folder / "images", 0);
  SourceCache cache(sources, 1 << 20);
  const SetDonors donors(sources, cache);
  ASSERT_EQ(donors.count(), 2U);
  EXPECT_EQ(donors.size(1), (Size{40, 30}));
  EXPECT_EQ(donors.instances(1).front()->id, 7);
  EXPECT_EQ(donors.pixels(1).cols, 40);
  folder.write("images/p3.png", read_file(folder / "images/p0.png").substr(0, 60));
  SourceCache other(sources, 1 << 20);
  EXPECT_THROW(static_cast<void>(SetDonors(sources, other).pixels(1)), DonorError);
}

}  // namespace
}  // namespace labelloom::augment
