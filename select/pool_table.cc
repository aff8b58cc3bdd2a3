#include "select/pool_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "formats/error.h"
#include "formats/json_members.h"
#include "formats/source_stem.h"

namespace labelloom::select {
namespace {

std::vector<ClassCount> classes_of(const ScoreRow& row) {
  std::map<int, std::uint32_t> counts;
  for (const PredictedBox& box : row.boxes) ++counts[box.class_index];
  std::vector<ClassCount> classes;
  classes.reserve(counts.size());
  for (const auto& [index, boxes] : counts) classes.push_back({index, boxes});
  return classes;
}

void take_boxmask(const ScoreRow& row,
                  const CombineOptions& options,
                  double epsilon,
                  PoolImage& image) {
  const ImageTerms terms = terms_of(*row.boxmask, options, epsilon);
  image.terms = {terms.segmentation, terms.boxes, terms.finite, terms.top};
  image.blamed_box = terms.blamed_box;
  if (terms.blamed_box < 0) return;
  const auto box = static_cast<std::size_t>(terms.blamed_box);
  image.blamed = terms.each_box[box];
  image.blamed_class = row.boxes[box].class_index;
}

/// Pictures' sources. Pictures know theirs by name, by id, or not at all; an id is of use if the
/// picture that has it is in the pool.
class Sources {
 public:
  void add(const ScoreRow& row) {
    std::string name;
    if (!row.source_file_name.empty()) {
      name = row.source_file_name;
    } else if (!row.source_image_id) {
      name = row.key;
      if (row.image_id) raw_.emplace(*row.image_id, name);
    }
    rows_.push_back({std::move(name), row.source_image_id.value_or(0)});
  }
  /// Into the images of the rows, in their order.
  void write_to(std::vector<PoolImage>& images) const {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      PoolImage& image = images[i];
      image.source_name = rows_[i].name;
      if (image.source_name.empty()) {
        const auto found = raw_.find(rows_[i].id);
        if (found != raw_.end()) image.source_name = found->second;
      }
      image.source = image.source_name.empty() ? by_id(rows_[i].id) : stem(image.source_name);
    }
  }
  static std::string stem(std::string_view name) {
    return fmt::format("name:{}", source_stem(name));
  }
  static std::string by_id(std::int64_t id) { return fmt::format("id:{}", id); }

 private:
  struct Row {
    std::string name;
    std::int64_t id = 0;
  };
  std::vector<Row> rows_;
  std::unordered_map<std::int64_t, std::string> raw_;
};

void mark_labelled(const Dataset& labelled, bool by_source, PoolTable& table) {
  table.labelled_images = labelled.images.size();
  std::unordered_set<std::string> names;
  std::unordered_set<std::string> sources;
  for (const Image& image : labelled.images) {
    names.insert(image.file_name);
    const std::string name = find_plain_string(image.extra, "source_file_name");
    const auto id = find_member(image.extra, kSourceImageId);
    sources.insert(Sources::stem(name.empty() ? image.file_name : name));
    sources.insert(id ? fmt::format("id:{}", *id) : Sources::by_id(image.id));
    if (!name.empty() || !id) {
      table.labelled_source_names.push_back(name.empty() ? image.file_name : name);
    }
  }
  for (PoolImage& image : table.images) {
    image.labelled = names.contains(image.key) || (by_source && sources.contains(image.source));
  }
  std::unordered_map<std::int64_t, std::size_t> class_of;
  for (const Category& category : labelled.categories) {
    const auto found = std::ranges::find(table.classes, category.name, &ScoreClass::name);
    if (found != table.classes.end()) {
      class_of[category.id] = static_cast<std::size_t>(found - table.classes.begin());
    }
  }
  for (const Instance& instance : labelled.instances) {
    const auto found = class_of.find(instance.category_id);
    if (found != class_of.end() && !instance.iscrowd) table.labelled_counts[found->second] += 1;
  }
  if (labelled.images.empty()) return;
  for (double& count : table.labelled_counts) count /= static_cast<double>(labelled.images.size());
}

void take_vector(const ScoreRow& row,
                 const std::string& name,
                 std::size_t index,
                 std::size_t images,
                 VectorColumn& column) {
  const auto found = row.vectors.find(name);
  if (found == row.vectors.end() || found->second.empty()) return;
  const std::vector<float>& vector = found->second;
  if (column.length == 0) {
    column.length = vector.size();
    column.values.assign(images * vector.size(), 0);
  }
  if (vector.size() != column.length) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("{}: the vector {} has {} numbers, those before it have {}",
                            labelloom::quoted(row.key),
                            name,
                            vector.size(),
                            column.length));
  }
  if (!std::ranges::all_of(vector, [](float v) { return std::isfinite(v); })) return;
  column.there[index] = 1;
  std::ranges::copy(vector,
                    column.values.begin() + static_cast<std::ptrdiff_t>(index * column.length));
}

}  // namespace

PoolTable read_table(const ScorePool& pool, const TableOptions& options, const Dataset* labelled) {
  PoolTable table;
  table.classes = pool.header().classes;
  table.labelled_counts.assign(table.classes.size(), 0);
  for (const std::string& name : options.vectors) table.vectors[name].there.assign(pool.size(), 0);
  Sources sources;
  std::size_t with_boxmask = 0;
  pool.for_each([&](std::size_t index, const ScoreRow& row) {
    PoolImage& image = table.images.emplace_back();
    image.key = row.key;
    image.readable = row.readable();
    image.boxes = static_cast<std::uint32_t>(row.boxes.size());
    image.classes = classes_of(row);
    sources.add(row);
    for (const auto& [name, value] : row.scores) {
      auto [column, is_new] = table.columns.try_emplace(name);
      if (is_new) column->second.assign(pool.size(), std::numeric_limits<double>::quiet_NaN());
      column->second[index] = value;
    }
    for (auto& [name, column] : table.vectors) take_vector(row, name, index, pool.size(), column);
    if (!row.boxmask) return;
    ++with_boxmask;
    if (options.boxmask) take_boxmask(row, options.combine, pool.header().epsilon, image);
  });
  if (with_boxmask != 0 && with_boxmask != pool.size()) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("only {} of {} images have BoxMask's terms; score them again",
                            with_boxmask,
                            pool.size()));
  }
  table.has_boxmask = with_boxmask != 0;
  sources.write_to(table.images);
  if (labelled != nullptr) mark_labelled(*labelled, options.by_source, table);
  return table;
}

}  // namespace labelloom::select
