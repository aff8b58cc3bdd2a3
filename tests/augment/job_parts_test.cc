#include <deque>
#include <fstream>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "augment/manifest.h"
#include "augment/output_names.h"
#include "augment/parts.h"
#include "augment/work_list.h"
#include "formats/coco.h"
#include "formats/error.h"
#include "formats/fingerprint.h"
#include "tests/support/temp_dir.h"

namespace labelloom::augment {
namespace {

using test::read_file;
using test::TempDir;
using ::testing::HasSubstr;

TEST(OutputNames, AreNamesInOneFolderThatNeverClash) {
  std::deque<Image> images;
  for (const char* name : {"a/one.jpg",
                           "b/one.jpg",
                           "A/ONE.png",
                           "two.jpg",
                           "../../etc/passwd",
                           "C:\\x\\three.jpg",
                           ".hidden",
                           "x/.jpg",
                           "four five.jpg",
                           "one_v0001.jpg",
                           "b/one.jpg",
                           "\xFFz.jpg",
                           "caf\xC3\xA9.jpg"}) {
    images.push_back({.id = 1, .file_name = name, .size = {1, 1}, .extra = {}});
  }
  images.push_back(
      {.id = 1, .file_name = std::string(400, 'l') + ".jpg", .size = {1, 1}, .extra = {}});
  const OutputNames names(images);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < images.size(); ++i) {
    for (const std::uint32_t variant : {0U, 1U, 9999U, 10000U}) {
      const std::string name = names.name(i, variant, ".jpg");
      EXPECT_EQ(name.find_first_of("/\\: "), std::string::npos) << name;
      EXPECT_NE(name.front(), '.') << name;
      EXPECT_LT(name.size(), 200U);
      EXPECT_TRUE(seen.insert(name).second) << name;
    }
  }
  EXPECT_EQ(names.name(3, 7, ".jpg"), "two_v0007.jpg");
  EXPECT_EQ(names.name(12, 7, ".png"), "caf\xC3\xA9_v0007.png");
  EXPECT_EQ(plain_extension("a/b.JPEG"), ".jpeg");
  EXPECT_EQ(plain_extension("a.b/c"), "");
  EXPECT_EQ(plain_extension("x.j/g"), "");
}

TEST(ListWork, CoversEveryOutputOnceInOrderWhateverTheShards) {
  for (const std::uint32_t variants : {1U, 5U, 31U, 32U, 33U, 100U}) {
    for (const bool originals : {false, true}) {
      JobSettings settings;
      settings.variants = variants;
      settings.keep_originals = originals;
      std::vector<std::pair<std::size_t, std::uint32_t>> outputs;
      for (std::uint32_t number = 1; number <= 3; ++number) {
        for (const WorkItem& item : list_work(7, settings, {number, 3})) {
          EXPECT_LE(item.outputs(), kOutputsPerPart);
          for (std::size_t i = 0; i < item.image_count; ++i) {
            for (std::uint32_t v = 0; v < item.variant_count; ++v) {
              outputs.emplace_back(item.first_image + i, item.first_variant + v);
            }
          }
        }
      }
      EXPECT_TRUE(std::ranges::is_sorted(outputs));
      EXPECT_EQ(std::set(outputs.begin(), outputs.end()).size(), outputs.size());
      EXPECT_EQ(outputs.size(), 7U * (variants + (originals ? 1 : 0)));
      EXPECT_EQ(outputs.front().second, originals ? 0U : 1U);
      EXPECT_EQ(outputs.back().second, variants);
    }
  }
}

TEST(SpreadVariants, TakesFromTheWholeSetAndNoMoreThanThereAre) {
  JobSettings settings;
  settings.variants = 3;
  const auto all = spread_variants(2, settings, {}, 100);
  EXPECT_EQ(all.size(), 6U);
  EXPECT_EQ(all.back().image, 1U);
  EXPECT_EQ(all.back().variant, 3U);
  const auto two = spread_variants(100, settings, {}, 2);
  EXPECT_EQ(two[0].image, 25U);
  EXPECT_EQ(two[1].image, 75U);
}

/// Two images with a hole, a mask, key points, unknown members.
Dataset small_set() {
  Dataset dataset;
  dataset.root_members = {{"info", R"({"year":2026})"}};
  dataset.categories = {{.id = 5, .name = "a", .keypoints = {"k"}}, {.id = 6, .name = "b"}};
  for (int i = 1; i <= 2; ++i) {
    dataset.images.push_back({.id = i,
                              .file_name = i == 1 ? "x.jpg" : "y.jpg",
                              .size = {40, 30},
                              .extra = R"("z":[1])"});
    Instance instance;
    instance.id = i;
    instance.image_id = i;
    instance.category_id = 5;
    instance.bbox = {1.5, 2, 20, 20};
    instance.area = 1.0 / 3;
    instance.rings.add(std::vector<Point2d>{{1, 2}, {21, 2}, {21, 22}, {1, 22}});
    if (i == 2) instance.rings.add(std::vector<Point2d>{{5, 5}, {9, 5}, {9, 9}, {5, 9}}, true);
    instance.keypoints = {{{3.25, 4.5}, Visibility::kVisible}};
    instance.ensure_extra().members = R"("note":"\u00e9")";
    dataset.instances.push_back(instance);
  }
  return dataset;
}

TEST(Parts, JoinedAreWhatTheWriterWrites) {
  const TempDir folder;
  for (const KeypointOrigin origin : {KeypointOrigin::kContinuous, KeypointOrigin::kPixelCentre}) {
    Dataset dataset = small_set();
    dataset.keypoint_origin = origin;
    std::vector<std::filesystem::path> paths;
    for (std::size_t i = 0; i < 2; ++i) {
      Part part;
      part.add(dataset.images[i]);
      part.add(dataset.instances[i], dataset.images[i].size, coco_style(dataset));
      paths.push_back(folder / part_name(i));
      part.write(paths.back());
    }
    join_parts(paths, dataset, folder / "joined.json");
    write_coco(dataset, folder / "written.json");
    EXPECT_EQ(read_file(folder / "joined.json"), read_file(folder / "written.json"));
  }
  join_parts({}, small_set(), folder / "none.json");
  EXPECT_THAT(read_file(folder / "none.json"), HasSubstr("\"images\":[],\n\"annotations\":[],"));
}

TEST(Parts, SayWhatIsInThemOrThatTheyAreNotWhole) {
  const TempDir folder;
  Part part;
  part.add(small_set().images[0]);
  part.head.skipped.push_back({3, 2, "a\"b.jpg", "is\nbad"});
  part.write(folder / "x.part");
  const auto head = read_part_head(folder / "x.part");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->images, 1U);
  EXPECT_EQ(head->annotations, 0U);
  EXPECT_EQ(head->skipped, part.head.skipped);
  const std::string whole = read_file(folder / "x.part");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    folder.write("y.part", whole.substr(0, length));
    EXPECT_FALSE(read_part_head(folder / "y.part")) << length;
  }
  EXPECT_FALSE(read_part_head(folder / "missing.part"));
}

TEST(Manifest, NamesTheFirstDifference) {
  const TempDir folder;
  Manifest before;
  before.set_text("input", "abc");
  before.set("seed", 1.0);
  before.set("pipeline", std::string_view(R"({"transforms":[]})"));
  const auto path = folder.write("manifest.json", before.text());
  before.check_same(path);
  const auto message = [&](const Manifest& now) -> std::string {
    try {
      now.check_same(path);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::kArgument);
      return error.what();
    }
    return "no error";
  };
  Manifest seed;
  seed.set_text("input", "abc");
  seed.set("seed", 2.0);
  EXPECT_THAT(message(seed), HasSubstr("manifest.json: was made with seed 1, this run has 2"));
  Manifest input;
  input.set_text("input", "abd");
  EXPECT_THAT(message(input), HasSubstr("another version of the annotations file"));
  folder.write("manifest.json", "{");
  EXPECT_THROW(before.check_same(path), Error);
}

TEST(Fingerprint, ChangesWithEveryByte) {
  const std::string text = "some longer text of annotations";
  std::set<std::string> seen{fingerprint(text), fingerprint("")};
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] ^= 1;
    EXPECT_TRUE(seen.insert(fingerprint(other)).second);
  }
  EXPECT_TRUE(seen.insert(fingerprint(text + '\0')).second);
}

}  // namespace
}  // namespace labelloom::augment
