#include "select/batch_files.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "formats/csv_field.h"
#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/json_members.h"
#include "formats/json_text.h"
#include "select/predicted_shapes.h"

namespace labelloom::select {
namespace {

void append_cell(std::string& line, double value) {
  line += ',';
  if (std::isfinite(value)) json::append_number(line, value);
}

std::string csv_line(const PoolTable& table,
                     const Ranking& ranking,
                     std::size_t rank,
                     std::size_t index,
                     const std::string& chosen,
                     const std::string& reason) {
  const PoolImage& image = table.images[index];
  std::string line = fmt::format("{},{},{}", rank, chosen, csv_field(image.key));
  append_cell(line, ranking.scores[index]);
  fmt::format_to(std::back_inserter(line),
                 ",{},{},{}",
                 csv_field(reason),
                 image.labelled ? 1 : 0,
                 image.boxes);
  if (table.has_boxmask) {
    const double none = std::nan("");
    const bool blamed = image.blamed_box >= 0;
    append_cell(line, image.terms.finite ? image.terms.segmentation : none);
    append_cell(line, image.terms.finite ? image.terms.boxes : none);
    append_cell(line, blamed ? image.blamed_box + 1 : none);
    append_cell(line, blamed ? image.blamed.location : none);
    append_cell(line, blamed ? image.blamed.classes : none);
    append_cell(line, blamed ? image.blamed.keypoints : none);
  }
  for (const auto& [name, values] : table.columns) append_cell(line, values[index]);
  return line + '\n';
}

Instance predicted_instance(const ScoreRow& row,
                            const PredictedBox& box,
                            const ScoreHeader& header) {
  Instance instance;
  instance.category_id = box.class_index + 1;
  instance.bbox = clip_to_frame(box.box, row.size);
  instance.area = instance.bbox.area();
  if (row.segmentation) {
    if (const auto polygon = mask_polygon(box.mask, row.segmentation->grid, row.size)) {
      instance.rings = Rings(*polygon);
      instance.area = ring_area(instance.rings);
    }
  }
  instance.ensure_extra().score = box.score;
  const auto& names = header.classes[static_cast<std::size_t>(box.class_index)].keypoints;
  if (!names.empty()) instance.keypoints.resize(names.size());
  for (const PredictedKeypoint& keypoint : box.keypoints) {
    instance.keypoints[static_cast<std::size_t>(keypoint.slot)] = {keypoint.point,
                                                                   Visibility::kVisible};
  }
  return instance;
}

/// Members that tie a variant to its source, as `augment` writes them.
JsonMembers members_of(const ScoreRow& row) {
  JsonMembers members;
  const auto add = [&](std::string_view name, const std::string& value) {
    members += fmt::format("{}\"{}\":{}", members.empty() ? "" : ",", name, value);
  };
  if (row.source_image_id) add(kSourceImageId, std::to_string(*row.source_image_id));
  if (!row.source_file_name.empty()) {
    std::string name;
    json::append_string(name, row.source_file_name);
    add("source_file_name", name);
  }
  if (row.variant) add("variant", std::to_string(*row.variant));
  return members;
}

}  // namespace

void write_ranked_csv(const PoolTable& table,
                      const Ranking& ranking,
                      const Batch& batch,
                      const std::filesystem::path& file) {
  OutputFile out(file);
  std::string head = "rank,chosen,key,score,reason,labelled,boxes";
  if (table.has_boxmask) head += ",S_seg,S_box,blamed_box,S_loc,S_cls,S_kp";
  for (const auto& [name, values] : table.columns) head += ',' + csv_field(name);
  out.write(head + '\n');
  std::vector<std::size_t> rank(table.images.size(), 0);
  for (std::size_t i = 0; i < ranking.order.size(); ++i) rank[ranking.order[i]] = i + 1;
  std::vector<bool> written(table.images.size(), false);
  for (std::size_t i = 0; i < batch.images.size(); ++i) {
    const Chosen& chosen = batch.images[i];
    written[chosen.image] = true;
    const std::size_t place = ranking.points ? i + 1 : rank[chosen.image];
    out.write(csv_line(table, ranking, place, chosen.image, std::to_string(i + 1), chosen.reason));
  }
  for (const std::size_t i : ranking.order) {
    if (written[i]) continue;
    // Without a score of its own an image that was not picked has no rank.
    if (ranking.points) {
      out.write(csv_line(table, ranking, 0, i, "", ""));
    } else {
      out.write(csv_line(table, ranking, rank[i], i, "", ranking.reason(i)));
    }
  }
  out.commit();
}

Dataset predicted_dataset(const std::vector<ScoreRow>& rows, const ScoreHeader& header) {
  Dataset dataset;
  for (std::size_t c = 0; c < header.classes.size(); ++c) {
    dataset.categories.push_back({.id = static_cast<std::int64_t>(c) + 1,
                                  .name = header.classes[c].name,
                                  .keypoints = header.classes[c].keypoints});
  }
  std::unordered_set<std::int64_t> ids;
  for (const ScoreRow& row : rows) {
    if (row.image_id) ids.insert(*row.image_id);
  }
  const bool keep_ids = ids.size() == rows.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ScoreRow& row = rows[i];
    const std::int64_t id = keep_ids ? *row.image_id : static_cast<std::int64_t>(i) + 1;
    dataset.images.push_back(
        {.id = id, .file_name = row.key, .size = row.size, .extra = members_of(row)});
    for (const PredictedBox& box : row.boxes) {
      Instance instance = predicted_instance(row, box, header);
      instance.id = static_cast<std::int64_t>(dataset.instances.size()) + 1;
      instance.image_id = id;
      dataset.instances.push_back(std::move(instance));
    }
  }
  return dataset;
}

Dataset subset_of(const Dataset& pool, const std::vector<std::string>& keys) {
  std::unordered_map<std::string_view, std::size_t> index_of;
  for (std::size_t i = 0; i < pool.images.size(); ++i)
    index_of.emplace(pool.images[i].file_name, i);
  const InstancesByImage instances(pool);
  Dataset subset;
  subset.categories = pool.categories;
  subset.keypoint_origin = pool.keypoint_origin;
  subset.root_members = pool.root_members;
  for (const std::string& key : keys) {
    const auto found = index_of.find(key);
    if (found == index_of.end()) {
      throw Error(Errc::kInvalidData,
                  {},
                  fmt::format("{} is not in the pool's COCO file", labelloom::quoted(key)));
    }
    subset.images.push_back(pool.images[found->second]);
    for (const std::uint32_t i : instances[found->second])
      subset.instances.push_back(pool.instances[i]);
  }
  return subset;
}

}  // namespace labelloom::select
