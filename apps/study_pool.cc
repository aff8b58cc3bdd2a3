#include "apps/study_pool.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "formats/error.h"
#include "formats/json_members.h"

namespace labelloom::apps {
namespace {

/// The file name that an image nearly repeats, or its own.
std::string original_of(const Image& image) {
  std::string name = find_plain_string(image.extra, "duplicate_of");
  if (name.empty()) return image.file_name;
  // Names beside each other: the record names the file without its folder.
  if (name.find('/') != std::string::npos) return name;
  const std::size_t slash = image.file_name.rfind('/');
  return slash == std::string::npos ? name : image.file_name.substr(0, slash + 1) + name;
}

std::map<std::int64_t, std::size_t> object_counts(const Dataset& dataset) {
  std::map<std::int64_t, std::size_t> counts;
  for (const Instance& instance : dataset.instances) {
    if (!instance.iscrowd) ++counts[instance.category_id];
  }
  return counts;
}

const Category& rare_category(const Dataset& dataset, const std::string& name) {
  auto counts = object_counts(dataset);
  const Category* rarest = nullptr;
  for (const Category& category : dataset.categories) {
    const std::size_t count = counts[category.id];
    if (name.empty() ? count > 0 && (rarest == nullptr || count < counts[rarest->id])
                     : category.name == name && count > 0) {
      rarest = &category;
    }
  }
  if (rarest != nullptr) return *rarest;
  throw Error(Errc::kArgument,
              {},
              name.empty() ? "there are no objects, so no class is rare"
                           : fmt::format("rare class {}: there are no objects of it",
                                         labelloom::quoted(name)));
}

}  // namespace

PoolAttributes::PoolAttributes(const Dataset& dataset, const std::string& rare_class) {
  const Category& rare = rare_category(dataset, rare_class);
  rare_class_ = rare.name;
  std::unordered_map<std::int64_t, std::size_t> index_of;
  std::unordered_map<std::string, std::size_t> group_of;
  for (const Image& image : dataset.images) {
    index_of.emplace(image.id, index_of.size());
    group_.push_back(group_of.emplace(original_of(image), group_of.size()).first->second);
  }
  groups_ = group_of.size();
  rare_.assign(dataset.images.size(), 0);
  for (const Instance& instance : dataset.instances) {
    if (instance.category_id != rare.id || instance.iscrowd) continue;
    const auto found = index_of.find(instance.image_id);
    if (found == index_of.end()) continue;
    ++rare_[found->second];
    ++rare_total_;
  }
}

PoolShares PoolAttributes::shares(std::span<const std::size_t> labelled) const {
  std::unordered_set<std::size_t> groups;
  std::size_t rare = 0;
  for (const std::size_t image : labelled) {
    groups.insert(group_[image]);
    rare += rare_[image];
  }
  PoolShares shares;
  if (rare_total_ > 0) shares.rare = static_cast<double>(rare) / static_cast<double>(rare_total_);
  if (!labelled.empty()) {
    shares.duplicates =
        static_cast<double>(labelled.size() - groups.size()) / static_cast<double>(labelled.size());
  }
  return shares;
}

}  // namespace labelloom::apps
