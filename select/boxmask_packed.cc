#include "select/boxmask_packed.h"

#include <algorithm>
#include <iterator>

namespace labelloom::select {
namespace {

void store(const Cells& cells, int (&to)[4]) {
  to[0] = cells.x;
  to[1] = cells.y;
  to[2] = cells.width;
  to[3] = cells.height;
}

LabelloomBox packed(const PreparedBox& box) {
  LabelloomBox out{};
  out.image = box.image;
  out.crop_batch = box.crop_batch;
  out.crop = box.crop;
  out.seg_class = box.state == BoxState::kMasked ? box.seg_class : -1;
  store(box.domain, out.domain);
  store(box.own, out.own);
  out.window[0] = box.window.x;
  out.window[1] = box.window.y;
  out.crop_cells[0] = box.crop_cells.width;
  out.crop_cells[1] = box.crop_cells.height;
  return out;
}

}  // namespace

PackedJob pack(const ScoringJob& job, const PreparedJob& prepared, const ScoringOptions& options) {
  PackedJob out;
  out.boxes.reserve(prepared.boxes.size());
  out.images.reserve(job.images.size());
  for (const PreparedBox& box : prepared.boxes) {
    const auto index = static_cast<int>(out.boxes.size());
    out.boxes.push_back(packed(box));
    out.sizes.most_domain_steps =
        std::max(out.sizes.most_domain_steps, box.domain.width * box.domain.height);
    for (const Cells& near : box.near_keypoints) {
      LabelloomKeypoint& point = out.keypoints.emplace_back();
      point.box = index;
      store(near, point.near);
    }
  }
  for (std::size_t i = 0; i < job.images.size(); ++i) {
    const Cells& valid = prepared.valid[i];
    LabelloomImage& image = out.images.emplace_back();
    store(valid, image.valid);
    store(prepared.valid_cells[i], image.cells);
    const std::vector<std::uint8_t>& ignored = job.images[i].ignored;
    image.ignored = ignored.empty() ? -1 : static_cast<long long>(out.ignored.size());
    std::ranges::copy(ignored, std::back_inserter(out.ignored));
    out.sizes.most_valid_steps = std::max(out.sizes.most_valid_steps, valid.width * valid.height);
  }
  out.sizes.image_count = static_cast<int>(out.images.size());
  out.sizes.box_count = static_cast<int>(out.boxes.size());
  out.sizes.keypoint_count = static_cast<int>(out.keypoints.size());
  out.sizes.classes = prepared.classes;
  out.sizes.scale = prepared.scale;
  out.sizes.rows = prepared.rows;
  out.sizes.columns = prepared.columns;
  out.sizes.jensen_shannon = options.jensen_shannon ? 1 : 0;
  out.sizes.tau = static_cast<float>(options.tau);
  out.sizes.union_words = (static_cast<long long>(prepared.rows) * prepared.columns + 31) / 32;
  return out;
}

std::vector<ImageComponents> unpack(const PreparedJob& prepared,
                                    const ScoringOptions& options,
                                    std::span<const LabelloomBoxSums> boxes,
                                    std::span<const LabelloomImageSums> images,
                                    std::span<const unsigned> unions) {
  std::vector<ImageComponents> out = empty_components(prepared, options);
  const std::size_t words = out.empty() ? 0 : unions.size() / out.size();
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (images[i].not_finite > 0) {
      mark_not_finite(out[i]);
      continue;
    }
    out[i].outside_cells = images[i].outside_cells;
    out[i].detectable_cells = images[i].detectable_cells;
    out[i].detectable_mass = images[i].detectable_mass;
    for (std::size_t b = 0; b < out[i].boxes.size(); ++b) {
      BoxComponents& box = out[i].boxes[b];
      if (box.state != BoxState::kMasked) continue;
      const LabelloomBoxSums& sums = boxes[static_cast<std::size_t>(prepared.boxes_of[i][b])];
      if (sums.mask_cells == 0) box.state = BoxState::kEmptyMask;
      box.mask_cells = sums.mask_cells;
      box.mislabelled_cells = sums.mislabelled_cells;
      box.symmetric = sums.symmetric;
      box.pixels_from_box = sums.pixels_from_box;
      box.jensen_shannon = sums.jensen_shannon;
      box.keypoints_outside = sums.keypoints_outside;
    }
    if (!options.keep_union) continue;
    const auto first = unions.begin() + static_cast<std::ptrdiff_t>(i * words);
    out[i].union_mask.assign(first, first + static_cast<std::ptrdiff_t>(words));
  }
  return out;
}

}  // namespace labelloom::select
