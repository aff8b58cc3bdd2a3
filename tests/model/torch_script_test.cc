#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/script.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "model/check_model.h"
#include "model/model_file.h"
#include "model/predictor.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_dir.h"

namespace labelloom::model {
namespace {

using ::testing::HasSubstr;

constexpr const char* kManifest = R"({"kind": "dense", "classes": ["bolt", "nut"],
  "heads": {"keypoints": false, "loss_prediction": false},
  "seg_classes": ["background", "bolt", "nut"], "seg_of_class": [1, 2],
  "input": {"width": 64, "height": 32}, "multiple_of": 8)";

/// Bright cells of the red channel are objects of class 1, two cells wide and high.
constexpr const char* kForward = R"(
def forward(self, x):
    p = torch.avg_pool2d(x, 4)
    red = p[:, 0:1]
    classes = torch.cat([torch.zeros_like(red), 10 * torch.ones_like(red)], 1)
    segmentation = torch.cat([torch.zeros_like(red), torch.zeros_like(red) - 1, red * 10 - 5], 1)
    return {"center": red * 20 - 10, "classes": classes, "box": torch.ones_like(p[:, 0:1]).repeat(1, 4, 1, 1), "segmentation": segmentation}
)";

/// A TorchScript file made of source text, with a manifest beside it.
class ScriptFolder {
 public:
  std::filesystem::path write(const std::string& forward,
                              const std::string& members = "",
                              const std::string& manifest = kManifest) {
    torch::jit::Module module("Model");
    module.define(forward);
    std::filesystem::path file = folder_.path() / "net.pt";
    module.save(file.string());
    write_file(folder_.path() / "net.json", manifest + members + "}");
    return file;
  }

 private:
  test::TempDir folder_;
};

torch::Tensor picture_with_a_red_cell() {
  torch::Tensor images = torch::zeros({2, 3, 32, 64});
  images.narrow(0, 1, 1).narrow(2, 8, 4).narrow(3, 20, 4).fill_(1);
  return images;
}

std::string with_text(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string error_of(const std::filesystem::path& file) {
  try {
    static_cast<void>(open_model(file, torch::kCPU)->predict(picture_with_a_red_cell(), {}));
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(TorchScript, OneThatAssignsItsMembersIsForOneThread) {
  ScriptFolder folder;
  EXPECT_TRUE(open_model(folder.write(kForward), torch::kCPU)->runs_in_threads());
  torch::jit::Module module("Model");
  module.register_attribute("calls", c10::IntType::get(), 0);
  module.define(
      with_text(kForward, "    p = ", "    if x.size(0) > 1:\n        self.calls = 1\n    p = "));
  const std::filesystem::path file = folder.write(kForward);
  module.save(file.string());
  EXPECT_FALSE(open_model(file, torch::kCPU)->runs_in_threads());
}

TEST(TorchScript, FindsWhatTheModelSees) {
  ScriptFolder folder;
  const auto model = open_model(folder.write(kForward), torch::kCPU);
  const Prediction result = model->predict(picture_with_a_red_cell(), {});
  ASSERT_EQ(result.detections.size(), 2U);
  EXPECT_TRUE(result.detections[0].empty());
  ASSERT_EQ(result.detections[1].size(), 1U);
  EXPECT_EQ(result.detections[1][0].class_index, 1);
  EXPECT_EQ(result.detections[1][0].box, (Box{18, 6, 8, 8}));
  EXPECT_EQ(result.segmentation.size(1), 3);
  EXPECT_EQ(result.stride, 4);
  EXPECT_TRUE(model->segment(picture_with_a_red_cell()).equal(result.segmentation));
}

TEST(TorchScript, MayGiveProbabilitiesWhichBecomeLogitsBeforeDecoding) {
  ScriptFolder folder;
  const auto file = folder.write(
      with_text(
          kForward, "\"segmentation\": segmentation", "\"segmentation\": segmentation.softmax(1)"),
      R"(,"probabilities": ["segmentation"])");
  const auto model = open_model(file, torch::kCPU);
  const torch::Tensor expected =
      open_model(folder.write(kForward), torch::kCPU)->segment(picture_with_a_red_cell());
  const NamedOutputs outputs = model->outputs(picture_with_a_red_cell());
  const torch::Tensor& logits = outputs.at("segmentation");
  EXPECT_TRUE(logits.allclose(expected.log_softmax(1), 1e-4, 1e-4));
  // Threads that decode have nothing to compute with LibTorch.
  const Prediction decoded = model->decoded(outputs, {64, 32}, {});
  EXPECT_TRUE(decoded.segmentation.is_same(logits));
  EXPECT_TRUE(model->segment(picture_with_a_red_cell()).equal(logits));
}

TEST(TorchScript, MayGiveATupleWhoseOrderTheManifestSays) {
  ScriptFolder folder;
  const std::string forward = with_text(
      with_text(with_text(with_text(with_text(kForward, "{\"center\":", "("), "\"classes\":", ""),
                          "\"box\":",
                          ""),
                "\"segmentation\":",
                ""),
      "segmentation}",
      "segmentation)");
  const auto file =
      folder.write(forward, R"(,"outputs": ["center", "classes", "box", "segmentation"])");
  EXPECT_EQ(
      open_model(file, torch::kCPU)->predict(picture_with_a_red_cell(), {}).detections[1].size(),
      1U);
  EXPECT_THAT(error_of(folder.write(forward)), HasSubstr("gives a tuple or list"));
  EXPECT_THAT(error_of(folder.write(forward, R"(,"outputs": ["center"])")),
              HasSubstr("gives 4 outputs, but the manifest names 1"));
}

TEST(TorchScript, MayGiveBoxes) {
  ScriptFolder folder;
  const auto file = folder.write(R"(
def forward(self, x):
    n = x.size(0)
    boxes = torch.tensor([[[1.0, 2.0, 11.0, 12.0], [2.0, 2.0, 11.0, 12.0], [60.0, 0.0, 90.0, 8.0]]])
    scores = torch.tensor([[0.9, 0.8, 0.7]])
    labels = torch.tensor([[0, 0, 1]])
    return {"boxes": boxes.repeat(n, 1, 1), "scores": scores.repeat(n, 1), "labels": labels.repeat(n, 1)}
)",
                                 "",
                                 with_text(with_text(kManifest, "dense", "detections"),
                                           "\"keypoints\": false",
                                           "\"keypoints\": false, \"segmentation\": false"));
  const Prediction result = open_model(file, torch::kCPU)->predict(picture_with_a_red_cell(), {});
  ASSERT_EQ(result.detections[0].size(), 2U);
  EXPECT_EQ(result.detections[0][0].box, (Box{1, 2, 10, 10}));
  EXPECT_EQ(result.detections[0][1].box, (Box{60, 0, 4, 8}));
  EXPECT_NEAR(result.detections[0][1].class_probabilities[1], 0.7, 1e-6);
}

TEST(TorchScript, IsToldWhatDoesNotFit) {
  ScriptFolder folder;
  EXPECT_THAT(error_of(folder.write(with_text(kForward, "\"box\":", "\"bax\":"))),
              HasSubstr("gives no output \"box\""));
  EXPECT_THAT(error_of(folder.write(with_text(kForward, "repeat(1, 4", "repeat(1, 5"))),
              HasSubstr("output \"box\" has 5 channels, but the manifest says 4"));
  EXPECT_THAT(error_of(folder.write(with_text(kForward, "red * 20 - 10", "(red * 20 - 10) / 0"))),
              HasSubstr("output \"center\" is "));
  EXPECT_THAT(error_of(folder.write("def forward(self, x):\n    return 3\n")),
              HasSubstr("expected a dict, tuple or list"));
  EXPECT_THAT(
      error_of(folder.write(with_text(kForward, "avg_pool2d(x, 4)", "avg_pool2d(x.view(1), 4)"))),
      HasSubstr("net.pt: the model fails for 2 pictures of 64x32"));
  EXPECT_THAT(error_of(folder.write(kForward, R"(,"outputs": {"center": "heat"})")),
              HasSubstr("gives no \"heat\", which the manifest names as \"center\""));
}

TEST(TorchScript, IsRefusedWhenItsEndIsMissing) {
  ScriptFolder folder;
  const std::filesystem::path file = folder.write(kForward);
  const std::string bytes(InputFile(file).text());
  for (std::size_t length = 4; length < bytes.size(); length += 97) {
    write_file(file, std::string_view(bytes).substr(0, length));
    EXPECT_THAT(error_of(file), HasSubstr("whose end is missing")) << length;
  }
}

TEST(CheckModel, FindsNothingWrongWithAModelByPython) {
  const auto file = test::source_dir() / "tests/data/tiny_model.pt";
  const auto model = open_model(file, torch::kCPU);
  for (const ModelCheck& check : check_model(*model)) {
    EXPECT_TRUE(check.fits) << check.what << ": " << check.detail;
  }
}

std::vector<std::string> misfits(const std::filesystem::path& file) {
  std::vector<std::string> found;
  for (const ModelCheck& check : check_model(*open_model(file, torch::kCPU))) {
    if (!check.fits) found.push_back(check.what + ": " + check.detail);
  }
  return found;
}

TEST(CheckModel, SeesWhenABatchChangesAPicturesAnswer) {
  ScriptFolder folder;
  const auto file =
      folder.write(with_text(kForward, "p[:, 0:1]\n", "p[:, 0:1] - p.mean() * 100\n"));
  EXPECT_THAT(misfits(file),
              ::testing::ElementsAre(HasSubstr("depends on the others in its batch")));
}

TEST(CheckModel, SeesWhenAnOutputIsThereForSomeBatchesOnly) {
  ScriptFolder folder;
  const auto with_loss = [&](const std::string& condition) {
    return misfits(folder.write(with_text(kForward, "return {", "out = {") + "    if x.size(0) " +
                                condition +
                                ":\n        out[\"loss\"] = torch.zeros([x.size(0), 3])\n"
                                "    return out\n"));
  };
  EXPECT_THAT(with_loss("> 1"),
              ::testing::ElementsAre(HasSubstr("\"loss\" for two pictures, but not for one")));
  EXPECT_THAT(with_loss("== 1"),
              ::testing::ElementsAre(HasSubstr("\"loss\" for one picture, but not for two")));
  EXPECT_THAT(with_loss("> 0"), ::testing::IsEmpty());
}

TEST(CheckModel, SeesWhenTheShapeDoesNotFollowThePicture) {
  ScriptFolder folder;
  const auto file =
      folder.write(with_text(kForward, "avg_pool2d(x, 4)", "adaptive_avg_pool2d(x, [8, 16])"));
  EXPECT_THAT(misfits(file), ::testing::ElementsAre(HasSubstr("takes other sizes")));
}

TEST(ParseDevice, KnowsTheProcessorAndRefusesNonsense) {
  EXPECT_TRUE(parse_device("cpu").is_cpu());
  EXPECT_THROW(static_cast<void>(parse_device("gpu")), Error);
  EXPECT_THROW(static_cast<void>(parse_device("cuda:")), Error);
  EXPECT_THROW(static_cast<void>(parse_device("cuda:999")), Error);
}

TEST(ParseDevice, TakesNoNumberThatIsTooLargeForTheFirstDevice) {
  try {
    static_cast<void>(parse_device("cuda:99999999999"));
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("\"cuda:99999999999\": expected auto, cpu, cuda"));
  }
}

TEST(OpenModel, ChoosesNoPrecisionForACompiledPackage) {
  const test::TempDir folder;
  const auto file = folder.path() / "net.pt2";
  const auto package = test::source_dir() / "tests/fuzz/seeds/model_file/package";
  write_file(file, InputFile(package).text());
  write_file(folder.path() / "net.json", std::string(kManifest) + "}");
  try {
    static_cast<void>(open_model(file, torch::kCPU, Precision::kBfloat16));
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("net.pt2: a package computes in the precision"));
  }
}

}  // namespace
}  // namespace labelloom::model
