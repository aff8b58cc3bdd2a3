#include "model/manifest.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "model/model_file.h"
#include "tests/support/temp_dir.h"

namespace labelloom::model {
namespace {

using ::testing::HasSubstr;

ModelConfig small_config() {
  ModelConfig config;
  config.classes = {"bolt"};
  config.seg_classes = {"background", "bolt"};
  config.seg_of_class = {1};
  config.keypoints = {{0, "head", 0}};
  return config;
}

std::string with(const std::string& members) {
  std::string json = to_json(small_config());
  return "{" + members + "," + json.substr(1);
}

template <typename Call>
std::string error_of(Call&& call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Manifest, OfATrainingRunIsItsConfiguration) {
  const Manifest manifest = parse_manifest(to_json(small_config()), "model.json");
  EXPECT_EQ(manifest.kind, ModelKind::kNative);
  EXPECT_EQ(manifest.config, small_config());
  EXPECT_EQ(manifest.multiple_of, ModelConfig::kStride);
}

TEST(Manifest, SaysKindNamesAndScores) {
  const Manifest manifest = parse_manifest(
      with(R"("kind":"dense","outputs":{"segmentation":"seg"},"probabilities":["center"],)"
           R"("multiple_of":16,"made_with":"x")"),
      "m");
  EXPECT_EQ(manifest.kind, ModelKind::kDense);
  EXPECT_EQ(manifest.names.at("segmentation"), "seg");
  EXPECT_TRUE(manifest.is_probability("center"));
  EXPECT_FALSE(manifest.is_probability("classes"));
  EXPECT_EQ(manifest.multiple_of, 16);
  EXPECT_THAT(
      manifest.required_outputs(),
      ::testing::ElementsAre("center", "classes", "box", "keypoints", "offsets", "segmentation"));
}

TEST(Manifest, SaysTheOrderOfATuple) {
  const Manifest manifest =
      parse_manifest(with(R"("kind":"detections","outputs":["boxes","scores","labels"])"), "m");
  EXPECT_THAT(manifest.order, ::testing::ElementsAre("boxes", "scores", "labels"));
  EXPECT_THAT(manifest.required_outputs(),
              ::testing::ElementsAre("boxes", "scores", "labels", "segmentation"));
}

TEST(Manifest, NamesTheMemberThatIsWrong) {
  const auto error = [](const std::string& members) {
    return error_of([&] { return parse_manifest(with(members), "m.json"); });
  };
  EXPECT_THAT(error(R"("kind":"yolo")"), HasSubstr("m.json: kind: \"yolo\" is not one of native"));
  EXPECT_THAT(error(R"("outputs":["boxen"])"), HasSubstr("outputs[0]: \"boxen\" is not one of"));
  EXPECT_THAT(error(R"("outputs":["box","box"])"), HasSubstr("outputs[1]: \"box\" stands there"));
  EXPECT_THAT(error(R"("outputs":{"boxen":"x"})"), HasSubstr("unknown member \"boxen\""));
  EXPECT_THAT(error(R"("outputs":3)"), HasSubstr("outputs: expected an object"));
  EXPECT_THAT(error(R"("probabilities":["box"])"), HasSubstr("probabilities[0]"));
  EXPECT_THAT(error(R"("multiple_of":0)"), HasSubstr("multiple_of"));
  EXPECT_THAT(error(R"("multiple_of":96)"), HasSubstr("m.json: multiple_of: the input, 512x512"));
  EXPECT_THAT(error(R"("colour":1)"), HasSubstr("unknown member \"colour\""));
}

TEST(FindManifest, LooksBesideTheModel) {
  const test::TempDir folder;
  const auto model = folder.path() / "net.pt";
  EXPECT_THAT(error_of([&] { return find_manifest(model); }), HasSubstr("net.json"));
  write_file(folder.path() / "manifest.json", "{}");
  EXPECT_EQ(find_manifest(model).filename(), "manifest.json");
  write_file(folder.path() / "net.json", "{}");
  EXPECT_EQ(find_manifest(model).filename(), "net.json");
}

TEST(IdentifyModelFile, SaysWhatAFileIsInstead) {
  const test::TempDir folder;
  const auto error = [&](std::string_view bytes) {
    write_file(folder.path() / "net.pt", bytes);
    return error_of([&] { return identify_model_file(folder.path() / "net.pt"); });
  };
  EXPECT_THAT(error(""), HasSubstr("is empty"));
  EXPECT_THAT(error("hello\n"), HasSubstr("is a text file"));
  EXPECT_THAT(error(std::string_view("\x00\x01\x02", 3)), HasSubstr("of an unknown kind"));
  EXPECT_THAT(error("\x80\x02}q."), HasSubstr("is a pickle"));
  EXPECT_THAT(error("PK\x03\x04 and so on"), HasSubstr("end is missing"));
}

TEST(IdentifyModelFile, KnowsWeightsByTheirHeader) {
  const test::TempDir folder;
  write_file(folder.path() / "w", std::string_view("\x02\0\0\0\0\0\0\0{}", 10));
  EXPECT_EQ(identify_model_file(folder.path() / "w"), ModelFile::kWeights);
}

}  // namespace
}  // namespace labelloom::model
