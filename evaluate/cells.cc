#include "evaluate/cells.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>

namespace labelloom::evaluate {
namespace {

/// Indexes of the items by ascending id.
template <typename Items>
std::vector<std::uint32_t> by_id(const Items& items) {
  std::vector<std::uint32_t> order(items.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [&](auto a, auto b) { return items[a].id < items[b].id; });
  return order;
}

/// Place of every id in that order.
template <typename Items>
std::unordered_map<std::int64_t, std::uint32_t> ranks(const Items& items,
                                                      const std::vector<std::uint32_t>& order) {
  std::unordered_map<std::int64_t, std::uint32_t> result;
  result.reserve(order.size());
  for (std::uint32_t rank = 0; rank < order.size(); ++rank) {
    result.emplace(items[order[rank]].id, rank);
  }
  return result;
}

std::uint64_t key(std::uint32_t category, std::uint32_t image) {
  return std::uint64_t{category} << 32U | image;
}

}  // namespace

Where place_of(const std::function<Where(std::size_t)>& place, std::size_t detection) {
  return place ? place(detection) : Where{.path = fmt::format("[{}]", detection)};
}

Cells::Cells(const Dataset& truth,
             std::span<const Detection> detections,
             std::size_t most,
             const std::function<Where(std::size_t)>& place)
    : categories_(by_id(truth.categories)), images_(by_id(truth.images)) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (detections.size() > kMost || truth.instances.size() > kMost) {
    throw Error(Errc::kLimit, {}, "more than 2^32 objects cannot be evaluated at once");
  }
  const auto category_ranks = ranks(truth.categories, categories_);
  const auto image_ranks = ranks(truth.images, images_);
  std::vector<Entry> truths;
  truths.reserve(truth.instances.size());
  for (std::uint32_t i = 0; i < truth.instances.size(); ++i) {
    const Instance& instance = truth.instances[i];
    const auto image = image_ranks.find(instance.image_id);
    const auto category = category_ranks.find(instance.category_id);
    if (image == image_ranks.end() || category == category_ranks.end()) {
      throw Error(
          Errc::kInvalidData,
          {},
          fmt::format("annotation {} is of an image or category that does not exist", instance.id));
    }
    truths.push_back({key(category->second, image->second), i});
  }
  std::vector<Entry> found;
  found.reserve(detections.size());
  for (std::uint32_t i = 0; i < detections.size(); ++i) {
    const Detection& detection = detections[i];
    const auto image = image_ranks.find(detection.image_id);
    if (image == image_ranks.end()) {
      throw Error(Errc::kInvalidData,
                  place_of(place, i),
                  fmt::format("image_id {} is no image of the ground truth", detection.image_id));
    }
    if (!(detection.score >= std::numeric_limits<double>::lowest() &&
          detection.score <= std::numeric_limits<double>::max())) {
      throw Error(Errc::kInvalidData, place_of(place, i), "the score is not finite");
    }
    const auto category = category_ranks.find(detection.category_id);
    if (category == category_ranks.end()) {
      ++unknown_category_;
    } else {
      found.push_back({key(category->second, image->second), i});
    }
  }
  tbb::parallel_sort(truths.begin(), truths.end(), [](const Entry& a, const Entry& b) {
    return a.key != b.key ? a.key < b.key : a.index < b.index;
  });
  tbb::parallel_sort(found.begin(), found.end(), [&](const Entry& a, const Entry& b) {
    if (a.key != b.key) return a.key < b.key;
    const double first = detections[a.index].score;
    const double second = detections[b.index].score;
    return first != second ? first > second : a.index < b.index;
  });
  make_cells(truths, found);
  for (Cell& cell : cells_) {
    cell.detections = cell.detections.first(std::min(most, cell.detections.size()));
    cell.first = kept_;
    kept_ += cell.detections.size();
  }
}

void Cells::make_cells(const std::vector<Entry>& truths, const std::vector<Entry>& detections) {
  const auto indexes = [](const std::vector<Entry>& entries) {
    std::vector<std::uint32_t> result(entries.size());
    std::ranges::transform(entries, result.begin(), &Entry::index);
    return result;
  };
  truth_indexes_ = indexes(truths);
  detection_indexes_ = indexes(detections);
  const auto end_of = [](const std::vector<Entry>& entries, std::size_t begin, std::uint64_t key) {
    while (begin < entries.size() && entries[begin].key == key) ++begin;
    return begin;
  };
  starts_.assign(categories_.size() + 1, 0);
  std::size_t t = 0;
  std::size_t d = 0;
  while (t < truths.size() || d < detections.size()) {
    const std::uint64_t next = std::min(t < truths.size() ? truths[t].key : UINT64_MAX,
                                        d < detections.size() ? detections[d].key : UINT64_MAX);
    const std::size_t t_end = end_of(truths, t, next);
    const std::size_t d_end = end_of(detections, d, next);
    Cell cell;
    cell.category = static_cast<std::uint32_t>(next >> 32U);
    cell.image = images_[static_cast<std::uint32_t>(next)];
    cell.truths = std::span<const std::uint32_t>(truth_indexes_).subspan(t, t_end - t);
    cell.detections = std::span<const std::uint32_t>(detection_indexes_).subspan(d, d_end - d);
    cells_.push_back(cell);
    ++starts_[cell.category + 1];
    t = t_end;
    d = d_end;
  }
  std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
}

}  // namespace labelloom::evaluate
