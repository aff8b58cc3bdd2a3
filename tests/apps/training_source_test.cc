#include "apps/training_source.h"

#include <algorithm>
#include <memory>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/image_source.h"
#include "augment/pipeline_file.h"
#include "formats/error.h"
#include "formats/png_values.h"
#include "tests/apps/training_support.h"

namespace labelloom::apps {
namespace {

using model::kIgnoredLabel;
using model::ModelConfig;
using model::Sample;
using test::OneThing;
using ::testing::HasSubstr;

constexpr int kInput = 64;

ModelConfig config_of(const Dataset& dataset, const LabelMapping* mapping = nullptr) {
  SetupOptions options;
  options.input = {kInput, kInput};
  return make_model_config(dataset, "a.json", mapping, options);
}

augment::PipelineFile pipeline(const std::string& transforms) {
  Report report;
  return augment::parse_pipeline(
      R"({"labelloom_pipeline":1,"transforms":[)" + transforms + "]}", "p", report);
}

/// A data set, its configuration and a source; settings are changed before `load`.
struct Loader {
  OneThing one;
  TrainingSourceOptions options{.file = "a.json", .images = one.folder.path()};
  std::unique_ptr<LabelMapping> mapping;

  Sample load(std::uint64_t epoch = 0) {
    const ModelConfig config = config_of(one.dataset, mapping.get());
    options.mapping = mapping.get();
    TrainingSource source(one.dataset, config, options);
    source.check();
    return source.load(0, epoch);
  }

  std::string failure() {
    try {
      static_cast<void>(load());
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing failed";
  }

  void write_labels(const LabelMap& map) {
    std::filesystem::create_directories(one.folder / "labels");
    write_label_map(one.folder / "labels/a.png", map);
    options.label_maps = one.folder / "labels";
  }
};

std::uint8_t label(const Sample& sample, int x, int y) {
  const int index = y * kInput + x;
  return sample.labels[static_cast<std::size_t>(index)];
}

std::uint8_t red(const Sample& sample, int x, int y) {
  const int index = y * kInput + x;
  return sample.image.rgb[std::size_t{3} * static_cast<std::size_t>(index)];
}

TEST(TrainingSource, APictureIsLetterboxedWithItsLabels) {
  const Sample sample = Loader().load();  // 64 x 32: 16 rows of fill above and below
  ASSERT_EQ(sample.image.rgb.size(), 3U * kInput * kInput);
  ASSERT_EQ(sample.objects.size(), 1U);
  EXPECT_EQ(sample.objects[0].box, (Box{16, 24, 16, 16}));
  EXPECT_EQ(sample.objects[0].keypoints[1], (Keypoint{{32, 24}, Visibility::kHidden}));
  EXPECT_EQ(red(sample, 20, 30), 255);
  EXPECT_EQ(red(sample, 20, 5), 124);  // the mean colour
  EXPECT_EQ(label(sample, 20, 30), 1);
  EXPECT_EQ(label(sample, 2, 30), 0);
  EXPECT_EQ(label(sample, 20, 5), kIgnoredLabel);
  EXPECT_EQ(sample.image.placement.to_original({20, 30}), (Point2d{20, 14}));
}

TEST(TrainingSource, MirroringSwapsTheKeyPointsOfTheTwoSides) {
  Loader loader;
  const augment::PipelineFile flip = pipeline(R"({"HorizontalFlip":{"p":1}})");
  loader.options.pipeline = &flip.pipeline;
  const Sample sample = loader.load();
  ASSERT_EQ(sample.objects.size(), 1U);
  EXPECT_EQ(sample.objects[0].box, (Box{32, 24, 16, 16}));
  EXPECT_EQ(sample.objects[0].keypoints[0], (Keypoint{{32, 24}, Visibility::kHidden}));
  EXPECT_EQ(sample.objects[0].keypoints[1], (Keypoint{{48, 24}, Visibility::kVisible}));
  EXPECT_EQ(label(sample, 40, 30), 1);
  EXPECT_EQ(red(sample, 40, 30), 255);
}

TEST(TrainingSource, LabelsFollowThePixelsThroughAnyPipeline) {
  Loader loader;
  const augment::PipelineFile any = pipeline(
      R"({"Affine":{"p":1,"scale":[0.6,1.7],"rotate":[-180,180],"translate_percent":[-0.1,0.1]}})");
  loader.options.pipeline = &any.pipeline;
  for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
    const Sample sample = loader.load(epoch);
    int wrong = 0;
    for (int y = 0; y < kInput; ++y) {
      for (int x = 0; x < kInput; ++x) {
        const std::uint8_t level = red(sample, x, y);
        if (level > 250 && label(sample, x, y) != 1) ++wrong;
        if (level == 128 && label(sample, x, y) == 1) ++wrong;
        if (level == 0 && label(sample, x, y) != kIgnoredLabel) ++wrong;  // beyond the picture
      }
    }
    EXPECT_LE(wrong, 8) << epoch;  // pixels that a border runs through
  }
}

TEST(TrainingSource, EveryEpochIsDrawnAnewAndTheSameEpochIsTheSame) {
  Loader loader;
  const augment::PipelineFile any = pipeline(R"({"Affine":{"p":1,"rotate":[-90,90]}})");
  loader.options.pipeline = &any.pipeline;
  EXPECT_EQ(loader.load(3).image.rgb, loader.load(3).image.rgb);
  EXPECT_NE(loader.load(3).image.rgb, loader.load(4).image.rgb);
}

TEST(TrainingSource, ALabelMapWithoutFoldersIsOfThePictureThatAloneHasItsName) {
  OneThing one;
  for (const char* name : {"cam1/0001.png", "cam2/0001.png", "cam2/0002.png"}) {
    test::write_picture(one.folder / name, {64, 32}, {16, 8, 16, 16});
    Image image;
    image.id = static_cast<std::int64_t>(10 + one.dataset.images.size());
    image.file_name = name;
    image.size = {64, 32};
    one.dataset.images.push_back(image);
  }
  const LabelMap map{{64, 32}, std::vector<std::uint8_t>(std::size_t{64} * 32, 1)};
  write_label_map(one.folder / "labels/0001.png", map);
  write_label_map(one.folder / "labels/0002.png", map);
  write_label_map(one.folder / "labels/cam2/0001.png", map);
  const LabelMapping mapping = parse_label_mapping(R"({"classes":["wall","thing"]})", "map.json");
  const ModelConfig config = config_of(one.dataset, &mapping);
  TrainingSource source(one.dataset,
                        config,
                        {.file = "a.json",
                         .images = one.folder.path(),
                         .label_maps = one.folder / "labels",
                         .mapping = &mapping});
  EXPECT_FALSE(source.load(1, 0).has_segmentation);  // cam1/0001.png
  EXPECT_TRUE(source.load(2, 0).has_segmentation);
  EXPECT_TRUE(source.load(3, 0).has_segmentation);
}

TEST(TrainingSource, ALabelMapMovesWithItsPicture) {
  Loader loader;
  LabelMap map{{64, 32}, std::vector<std::uint8_t>(std::size_t{64} * 32, 5)};
  for (std::size_t row = 0; row < 32; ++row) map.values[row * 64] = 200;  // the left column
  loader.write_labels(map);
  loader.mapping = std::make_unique<LabelMapping>(parse_label_mapping(
      R"({"classes":["wall","thing"],"map":{"5":"thing","200":"wall"}})", "map.json"));
  const augment::PipelineFile flip = pipeline(R"({"HorizontalFlip":{"p":1}})");
  loader.options.pipeline = &flip.pipeline;
  const Sample sample = loader.load();
  EXPECT_EQ(label(sample, 0, 30), 1);
  EXPECT_EQ(label(sample, 63, 30), 0);
  EXPECT_EQ(label(sample, 30, 2), kIgnoredLabel);
}

TEST(TrainingSource, AValueOutsideTheClassMapIsNamed) {
  Loader loader;
  LabelMap map{{64, 32}, std::vector<std::uint8_t>(std::size_t{64} * 32, 0)};
  map.values[std::size_t{64} * 3 + 9] = 17;
  loader.write_labels(map);
  loader.mapping =
      std::make_unique<LabelMapping>(parse_label_mapping(R"({"classes":["wall"]})", "map.json"));
  EXPECT_THAT(loader.failure(),
              HasSubstr("a.png: the pixel in column 9, row 3 has the value 17, which is not in the "
                        "class map (map.json)"));
}

TEST(TrainingSource, AMissingPictureIsNamed) {
  Loader loader;
  std::filesystem::remove(loader.one.folder / "a.png");
  EXPECT_THAT(loader.failure(), HasSubstr("a.png: no such file"));
}

TEST(TrainingSource, APictureOfAnotherSizeIsNamed) {
  Loader loader;
  test::write_picture(loader.one.folder / "a.png", {32, 64}, {0, 0, 1, 1});
  EXPECT_THAT(loader.failure(), HasSubstr("the file is 32 x 64, its annotations are for 64 x 32"));
}

TEST(TrainingSource, CrowdsAndTinyObjectsAreIgnored) {
  Loader loader;
  Dataset& dataset = loader.one.dataset;
  dataset.instances.push_back(test::instance_of(2, 7, 3, {40, 4, 2, 10}));
  dataset.instances.push_back(test::instance_of(3, 7, 3, {50, 4, 8, 8}));
  dataset.instances.back().iscrowd = true;
  const Sample sample = loader.load();
  ASSERT_EQ(sample.objects.size(), 3U);
  EXPECT_FALSE(sample.objects[0].ignored);
  EXPECT_TRUE(sample.objects[1].ignored);
  EXPECT_TRUE(sample.objects[2].ignored);
  EXPECT_EQ(label(sample, 54, 24), kIgnoredLabel);
}

TEST(TrainingSource, AnInstanceWithoutShapeMakesItsBoxUnknown) {
  Loader loader;
  loader.one.dataset.instances.push_back(test::instance_of(2, 7, 3, {40, 8, 8, 8}));
  loader.one.dataset.instances.back().rings = {};
  const Sample sample = loader.load();
  EXPECT_TRUE(sample.has_segmentation);
  EXPECT_EQ(label(sample, 44, 28), kIgnoredLabel);
  EXPECT_EQ(label(sample, 20, 30), 1);
}

TEST(TrainingSource, TasksWithoutLabelsAreLeftOutOfAPicture) {
  Loader loader;
  Dataset& dataset = loader.one.dataset;
  // Another picture has what the first has not.
  Image second = dataset.images[0];
  second.id = 8;
  dataset.images.push_back(second);
  dataset.instances.push_back(dataset.instances[0]);
  dataset.instances.back().id = 2;
  dataset.instances.back().image_id = 8;
  dataset.instances[0].rings = {};
  dataset.instances[0].keypoints.clear();
  const Sample sample = loader.load();
  EXPECT_TRUE(sample.has_boxes);
  EXPECT_FALSE(sample.has_segmentation);
  EXPECT_FALSE(sample.has_keypoints);
  EXPECT_TRUE(sample.labels.empty());
  ASSERT_EQ(sample.objects.size(), 1U);
  EXPECT_TRUE(sample.objects[0].keypoints.empty());
}

TEST(TrainingSource, LabelMapsMaySayNothing) {
  Loader loader;
  loader.mapping = std::make_unique<LabelMapping>(category_mapping(loader.one.dataset.categories));
  LabelMap map{{64, 32}, std::vector<std::uint8_t>(std::size_t{64} * 32, 255)};
  const auto has_mapped_pixel = [&] {
    loader.write_labels(map);
    loader.options.mapping = loader.mapping.get();
    const ModelConfig config = config_of(loader.one.dataset, loader.mapping.get());
    return TrainingSource(loader.one.dataset, config, loader.options).has_mapped_pixel();
  };
  EXPECT_FALSE(has_mapped_pixel());
  map.values.back() = 0;
  EXPECT_TRUE(has_mapped_pixel());
}

TEST(ImageSource, APictureIsPlacedAsInTraining) {
  OneThing one;
  const ModelConfig config = config_of(one.dataset);
  FolderSource source(one.dataset.images, one.folder.path(), config);
  const model::InputImage image = source.load(0);
  EXPECT_EQ(image.rgb, Loader().load().image.rgb);
  EXPECT_EQ(image.placement.original, (Size{64, 32}));
  EXPECT_EQ(image.placement.to_original({16, 24}), (Point2d{16, 8}));
}

TEST(ImageSource, APictureOfAnotherSizeThanItsRecordIsRefused) {
  OneThing one;
  const ModelConfig config = config_of(one.dataset);
  FolderSource source(one.dataset.images, one.folder.path(), config);
  const auto failure = [&]() -> std::string {
    try {
      static_cast<void>(source.load(0));
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing failed";
  };
  one.dataset.images[0].size = {32, 64};
  EXPECT_THAT(failure(), HasSubstr("a.png: the file is 64 x 32, its annotations are for 32 x 64"));
  one.dataset.images[0].size = {};  // of a folder without a COCO file
  EXPECT_EQ(failure(), "nothing failed");
}

TEST(ImageSource, AFoldersPicturesAreListedByName) {
  const test::TempDir folder;
  test::write_picture(folder / "b/2.png", {8, 8}, {});
  test::write_picture(folder / "1.png", {8, 8}, {});
  static_cast<void>(folder.write("notes.txt", "no picture"));
  const Dataset found = pictures_below(folder.path());
  ASSERT_EQ(found.images.size(), 2U);
  EXPECT_EQ(found.images[0].file_name, "1.png");
  EXPECT_EQ(found.images[1].file_name, "b/2.png");
  EXPECT_EQ(found.images[1].id, 2);
}

}  // namespace
}  // namespace labelloom::apps
