#pragma once

#include <string>
#include <vector>

#include "select/score_row.h"

namespace labelloom::select {

/// Two classes of boxes with a key point each, three of pixels.
inline ScoreHeader small_header() {
  ScoreHeader header;
  header.config = "c0ffee";
  header.model = "0123456789abcdef";
  header.model_name = "mtnet-s@0123456";
  header.classes = {{"bolt", {"head", "tail"}, 1}, {"nut", {}, 2}};
  header.seg_classes = {"road", "bolt", "nut"};
  return header;
}

/// Header of a pool of these keys.
inline ScoreHeader header_of(const std::vector<std::string>& keys, int shard = 0, int shards = 1) {
  ScoreHeader header = small_header();
  header.pool = pool_hash(keys);
  header.images = keys.size();
  header.shard = shard;
  header.shards = shards;
  return header;
}

/// An image of 160x120 without anything.
inline ScoreRow empty_row(const std::string& key) {
  ScoreRow row;
  row.key = key;
  row.size = {160, 120};
  return row;
}

/// A row with every member: two boxes, a grid of 40x30 cells, the road in the lower half.
inline ScoreRow full_row(const std::string& key, double entropy = 0.1) {
  ScoreRow row = empty_row(key);
  row.image_id = 7;
  row.source_image_id = 3;
  row.source_file_name = "raw/" + key;
  row.variant = 2;
  row.scores = {{"entropy.seg", entropy}, {"entropy.det", 1.0 / 3}, {"cald", -0.0}};
  row.vectors["embedding"] = {0.1F, -2.5F, 1e-30F, static_cast<float>(entropy)};
  row.boxes = {{.box = {8, 8, 40, 32.5},
                .class_index = 0,
                .score = 0.81,
                .class_probabilities = {0.9F, 0.1F},
                .keypoints = {{0, {10, 12}, 0.7}, {1, {30.25, 33}, 0.1}},
                .mask = {82, 10, 30, 10, 30, 10},
                .mislabelled = {85, 3},
                .divergent = {82, 2, 38, 2}},
               {.box = {100, 60, 30, 30},
                .class_index = 1,
                .score = 0.4,
                .class_probabilities = {},
                .keypoints = {},
                .mask = {},
                .mislabelled = {},
                .divergent = {}}};
  row.segmentation = PredictedSegmentation{.grid = {40, 30, {0, 0}, 4, 4},
                                           .labels = {{-1, 82}, {1, 518}, {0, 600}},
                                           .detectable_outside = {200, 12}};
  ImageComponents components;
  components.outside_cells = 1100;
  components.detectable_cells = 488;
  components.detectable_mass = 500 * kFixedOne;
  BoxComponents masked;
  masked.domain_cells = 80;
  masked.box_cells = 70;
  masked.mask_cells = 30;
  masked.mislabelled_cells = 3;
  masked.symmetric = 60 * kFixedOne + 1;
  masked.pixels_from_box = 31 * kFixedOne;
  masked.jensen_shannon = 9 * kFixedOne;
  masked.keypoints = 2;
  masked.keypoints_outside = 1;
  BoxComponents unmasked;
  unmasked.state = BoxState::kEmptyMask;
  unmasked.domain_cells = 64;
  unmasked.box_cells = 64;
  unmasked.mislabelled_cells = 64;
  unmasked.symmetric = std::int64_t{192} * kFixedOne;
  components.boxes = {masked, unmasked};
  row.boxmask = components;
  return row;
}

}  // namespace labelloom::select
