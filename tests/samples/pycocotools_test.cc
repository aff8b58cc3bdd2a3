// The converted samples as pycocotools sees them (tests/peers/make_samples_golden.py).

#include <cmath>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "convert/group_keypoints.h"
#include "formats/coco.h"
#include "formats/image_folder.h"
#include "formats/label_studio.h"
#include "tests/support/golden.h"

namespace labelloom {
namespace {

Dataset converted_samples() {
  const auto folder = test::source_dir() / "samples" / "engine_parts";
  const ImageFolder images(folder / "images");
  const LabelConfig config = read_label_config(folder / "label_config.xml");
  Report report;
  LabelStudioExport got =
      read_label_studio(folder / "export.min.json", {.images = &images, .config = &config}, report);
  group_keypoints(got.dataset, {.label_order = got.keypoint_labels});
  return std::move(got.dataset);
}

TEST(Pycocotools, AgreesOnEveryAreaBoxAndMaskOfTheSamples) {
  const rapidjson::Document golden = test::golden("samples_golden.json");
  const Dataset d = converted_samples();
  ASSERT_EQ(d.instances.size(), golden.Size());
  for (rapidjson::SizeType i = 0; i < golden.Size(); ++i) {
    const auto& wanted = golden[i];
    const Instance& instance = d.instances[i];
    ASSERT_EQ(instance.id, wanted["id"].GetInt64());
    EXPECT_DOUBLE_EQ(instance.area, wanted["area"].GetDouble()) << instance.id;
    EXPECT_DOUBLE_EQ(instance.bbox.x, wanted["bbox"][0].GetDouble());
    EXPECT_DOUBLE_EQ(instance.bbox.width, wanted["bbox"][2].GetDouble());
    const Rle mask =
        instance.mask() != nullptr ? *instance.mask() : rasterise(instance.rings, {1280, 720});
    EXPECT_EQ(compress(mask), test::text_of(wanted["counts"])) << instance.id;
    EXPECT_EQ(pixel_count(mask), wanted["pixels"].GetUint64());
    EXPECT_EQ(extent(mask).x, wanted["mask_bbox"][0].GetDouble());
    EXPECT_EQ(extent(mask).height, wanted["mask_bbox"][3].GetDouble());
    const auto& keypoints = wanted["keypoints"];
    ASSERT_EQ(3 * instance.keypoints.size(), keypoints.Size());
    for (rapidjson::SizeType k = 0; k < instance.keypoints.size(); ++k) {
      EXPECT_EQ(instance.keypoints[k].point.x, keypoints[3 * k].GetDouble());
      EXPECT_EQ(static_cast<int>(instance.keypoints[k].visibility), keypoints[3 * k + 2].GetInt());
    }
  }
}

}  // namespace
}  // namespace labelloom
