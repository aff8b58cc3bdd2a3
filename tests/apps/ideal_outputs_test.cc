// A network that says exactly what its targets are must score 1: pictures, letterbox, targets,
// decoding, the way back and COCO's measures all mean the same places.

#include <cstdint>
#include <random>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "apps/detections.h"
#include "apps/model_setup.h"
#include "apps/training_source.h"
#include "evaluate/coco_evaluation.h"
#include "model/decode.h"
#include "model/targets.h"
#include "tests/apps/training_support.h"
#include "tests/model_core/dense_support.h"

namespace labelloom::apps {
namespace {

constexpr int kPictures = 20;
constexpr int kSpacing = 40;  // of the grid objects stand on

/// Pictures of several shapes with objects of three categories, one of them without key points; a
/// key point may be hidden, lie outside its object's box, or be missing.
struct ManyThings {
  test::TempDir folder;
  Dataset dataset;
  std::mt19937 random{7};

  double between(double low, double high) {
    return std::uniform_real_distribution(low, high)(random);
  }

  ManyThings() {
    dataset.categories.push_back({.id = 3, .name = "bolt", .keypoints = {"head", "tip"}});
    dataset.categories.push_back({.id = 5, .name = "washer", .keypoints = {}});
    dataset.categories.push_back({.id = 9, .name = "arm", .keypoints = {"pad", "pivot", "end"}});
    for (int i = 0; i < kPictures; ++i) add_picture(i);
  }

  void add_picture(int index) {
    Image image;
    image.id = 100 + index;
    image.file_name = fmt::format("{}.png", index);
    image.size = {120 + 7 * (index % 5), 100 + 9 * (index % 7)};
    test::write_picture(folder / image.file_name, image.size, {0, 0, 8, 8});
    for (int row = 0; (row + 1) * kSpacing <= image.size.height; ++row) {
      for (int column = 0; (column + 1) * kSpacing <= image.size.width; ++column) {
        add_object(image.id, {double(column * kSpacing), double(row * kSpacing)});
      }
    }
    dataset.images.push_back(image);
  }

  void add_object(std::int64_t image, Point2d corner) {
    const double width = between(20, 32);
    const double height = between(20, 32);
    const Box box{corner.x + between(0, 6), corner.y + between(0, 6), width, height};
    const Category& category = dataset.categories[random() % 3];
    const auto id = static_cast<std::int64_t>(dataset.instances.size()) + 1;
    Instance instance = test::instance_of(id, image, category.id, box);
    for (std::size_t slot = 0; slot < category.keypoints.size(); ++slot) {
      const Point2d at = {box.x + between(0, width + 1), box.y + between(0, height + 1)};
      const auto visibility = slot == 0 ? 1 + random() % 2 : random() % 3;
      instance.keypoints.push_back(
          visibility == 0 ? Keypoint{} : Keypoint{at, static_cast<Visibility>(visibility)});
    }
    dataset.instances.push_back(instance);
  }
};

TEST(IdealOutputs, ScoreOne) {
  const ManyThings things;
  SetupOptions setup;
  setup.input = {128, 96};
  const model::ModelConfig config = make_model_config(things.dataset, "a.json", nullptr, setup);
  TrainingSource source(things.dataset, config, {.file = "a.json", .images = things.folder.path()});
  const std::vector<std::int64_t> ids = category_ids(things.dataset.categories, config);
  std::vector<Detection> detections;
  for (std::size_t i = 0; i < source.count(); ++i) {
    const model::Sample sample = source.load(i, 0);
    const test::IdealOutputs ideal(model::make_targets(sample, config), config);
    const auto found = model::decode(ideal.outputs(), config, {});
    for (Detection& one :
         in_original(found, sample.image.placement, config, things.dataset.images[i].id, ids)) {
      detections.push_back(std::move(one));
    }
  }
  const evaluate::CocoScores boxes = evaluate::evaluate_coco(things.dataset, detections);
  EXPECT_GT(boxes.average_precision(), 0.999);
  std::erase_if(detections, [](const Detection& one) { return one.keypoints.empty(); });
  evaluate::CocoOptions options;
  options.task = evaluate::Task::kKeypoints;
  options.sigmas = sigmas_by_class(config);
  const evaluate::CocoScores keypoints =
      evaluate::evaluate_coco(things.dataset, detections, options);
  EXPECT_GT(keypoints.ap50(), 0.999);
  EXPECT_GT(keypoints.average_precision(), 0.95);
}

}  // namespace
}  // namespace labelloom::apps
