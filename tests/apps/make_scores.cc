// make_scores COCO.json SCORES [SHARDS]: a row for each image, its predictions the annotations with
// mistakes that look like noise and are the same every time.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "formats/coco.h"
#include "select/score_shard.h"

namespace {

using namespace labelloom;          // NOLINT(google-build-using-namespace): a program of one file
using namespace labelloom::select;  // NOLINT(google-build-using-namespace)

constexpr int kCell = 4;

/// In [0, 1), of a name and a number.
double chance(const std::string& key, std::size_t number) {
  return static_cast<double>(hash64(key, number) >> 11U) / 9007199254740992.0;
}

struct Cells {
  int columns;
  int rows;
  std::vector<int> labels;

  explicit Cells(Size size)
      : columns((size.width + kCell - 1) / kCell),
        rows((size.height + kCell - 1) / kCell),
        labels(index(0, rows), 0) {}
  [[nodiscard]] std::size_t index(int column, int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
           static_cast<std::size_t>(column);
  }
  [[nodiscard]] std::vector<std::uint8_t> inside(const Box& box) const {
    std::vector<std::uint8_t> cells(labels.size(), 0);
    for (int r = 0; r < rows; ++r) {
      for (int c = 0; c < columns; ++c) {
        const double x = (c + 0.5) * kCell;
        const double y = (r + 0.5) * kCell;
        const bool in = x > box.x && x < box.right() && y > box.y && y < box.bottom();
        cells[index(c, r)] = in;
      }
    }
    return cells;
  }
};

std::vector<std::uint8_t> cells_of_instance(const Instance& instance,
                                            const Cells& cells,
                                            Size size) {
  const Rle mask = instance.mask() != nullptr ? *instance.mask() : rasterise(instance.rings, size);
  const std::vector<std::uint8_t> pixels = decode(mask);
  std::vector<std::uint8_t> taken(cells.labels.size(), 0);
  for (int r = 0; r < cells.rows; ++r) {
    for (int c = 0; c < cells.columns; ++c) {
      const int x = std::min(c * kCell + kCell / 2, size.width - 1);
      const int y = std::min(r * kCell + kCell / 2, size.height - 1);
      taken[cells.index(c, r)] =
          pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) +
                 static_cast<std::size_t>(x)];
    }
  }
  return taken;
}

ScoreRow row_of(const Image& image,
                const std::vector<const Instance*>& instances,
                const std::map<std::int64_t, int>& class_of,
                int classes) {
  const std::string& key = image.file_name;
  ScoreRow row;
  row.key = key;
  row.size = image.size;
  row.image_id = image.id;
  row.scores = {{"entropy.seg", chance(key, 1)},
                {"entropy.det", chance(key, 2)},
                {"ll4al.det", chance(key, 3)},
                {"ll4al.seg", chance(key, 4)}};
  row.vectors["embedding"] = {static_cast<float>(chance(key, 5)),
                              static_cast<float>(chance(key, 6)),
                              static_cast<float>(chance(key, 7))};
  Cells cells(image.size);
  std::vector<std::uint8_t> covered(cells.labels.size(), 0);
  ImageComponents components;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const Instance& instance = *instances[i];
    const double luck = chance(key, 100 + i);
    PredictedBox box;
    box.box = instance.bbox;
    box.box.x += 8 * (luck - 0.5);
    box.class_index = class_of.at(instance.category_id);
    box.score = 0.35 + 0.6 * chance(key, 200 + i);
    box.class_probabilities.assign(static_cast<std::size_t>(classes),
                                   static_cast<float>((1 - box.score) / std::max(classes - 1, 1)));
    box.class_probabilities[static_cast<std::size_t>(box.class_index)] =
        static_cast<float>(box.score);
    for (std::size_t k = 0; k < instance.keypoints.size(); ++k) {
      if (instance.keypoints[k].visibility == Visibility::kAbsent) continue;
      box.keypoints.push_back(
          {static_cast<int>(k), instance.keypoints[k].point, chance(key, 300 + 10 * i + k)});
    }
    const std::vector<std::uint8_t> truth = cells_of_instance(instance, cells, image.size);
    const std::vector<std::uint8_t> in_box = cells.inside(box.box);
    std::vector<std::uint8_t> mask(truth.size(), 0);
    std::vector<std::uint8_t> wrong(truth.size(), 0);
    std::vector<std::uint8_t> unsure(truth.size(), 0);
    BoxComponents sums;
    for (std::size_t c = 0; c < truth.size(); ++c) {
      sums.domain_cells += in_box[c];
      if (truth[c] == 0) continue;
      // Some objects the detector does not see; of others the right part is labelled as road.
      const int column = static_cast<int>(c) % cells.columns;
      const bool right =
          luck > 0.6 && (column + 0.5) * kCell > instance.bbox.x + 0.7 * instance.bbox.width;
      cells.labels[c] = right ? 0 : 1 + box.class_index;
      if (in_box[c] == 0 || luck < 0.1) continue;
      mask[c] = 1;
      covered[c] = 1;
      wrong[c] = right;
      unsure[c] = luck > 0.4 && luck < 0.6 && column % 3 == 0;
      ++sums.mask_cells;
      sums.mislabelled_cells += wrong[c];
    }
    sums.box_cells = sums.domain_cells;
    box.mask = cell_runs(mask);
    box.mislabelled = cell_runs(wrong);
    box.divergent = cell_runs(unsure);
    sums.state = sums.mask_cells > 0 ? BoxState::kMasked : BoxState::kEmptyMask;
    sums.symmetric =
        static_cast<std::int64_t>(sums.summed_cells()) *
        static_cast<std::int64_t>(chance(key, 400 + i) * 3 * static_cast<double>(kFixedOne));
    sums.pixels_from_box = sums.symmetric / 2;
    sums.jensen_shannon = sums.symmetric / 4;
    components.boxes.push_back(sums);
    row.boxes.push_back(std::move(box));
  }
  std::vector<std::uint8_t> blamed(covered.size(), 0);
  for (std::size_t c = 0; c < covered.size(); ++c) {
    components.outside_cells += covered[c] == 0;
    blamed[c] = covered[c] == 0 && cells.labels[c] != 0;
    components.detectable_cells += blamed[c];
  }
  components.detectable_mass = components.detectable_cells * kFixedOne;
  row.boxmask = components;
  row.segmentation = PredictedSegmentation{{cells.columns, cells.rows, {0, 0}, kCell, kCell},
                                           label_runs(cells.labels),
                                           cell_runs(blamed)};
  return row;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return EXIT_FAILURE;
  try {
    Report report;
    const Dataset dataset = read_coco(argv[1], {}, report);
    const int shards = argc > 3 ? std::atoi(argv[3]) : 1;
    ScoreHeader header;
    header.config = "invented";
    header.model = "none";
    header.model_name = "invented@0";
    header.seg_classes = {"bench"};
    std::map<std::int64_t, int> class_of;
    for (const Category& category : dataset.categories) {
      class_of[category.id] = static_cast<int>(header.classes.size());
      header.seg_classes.push_back(category.name);
      header.classes.push_back(
          {category.name, category.keypoints, static_cast<int>(header.seg_classes.size()) - 1});
    }
    std::vector<std::string> keys;
    for (const Image& image : dataset.images) keys.push_back(image.file_name);
    header.pool = pool_hash(keys);
    header.images = keys.size();
    header.shards = shards;
    const InstancesByImage by_image(dataset);
    for (header.shard = 0; header.shard < shards; ++header.shard) {
      ScoreShardWriter writer(argv[2], header);
      for (std::size_t i = 0; i < dataset.images.size(); ++i) {
        if (shard_of(keys[i], shards) != header.shard) continue;
        std::vector<const Instance*> instances;
        for (const std::uint32_t index : by_image[i])
          instances.push_back(&dataset.instances[index]);
        writer.add(row_of(
            dataset.images[i], instances, class_of, static_cast<int>(header.classes.size())));
      }
      writer.finish();
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
