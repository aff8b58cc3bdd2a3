#include "convert/group_keypoints.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <unordered_map>
#include <utility>

#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_invoke.h>

#include "convert/keypoint_layout.h"
#include "convert/keypoint_matching.h"
#include "convert/keypoint_owners.h"

namespace labelloom {
namespace {

// Assign, learn the layout, assign again, learn from that: a third time changes next to nothing.
constexpr int kRounds = 2;
constexpr std::size_t kGrain = 32;  // images a task takes at least
constexpr const char* kNewCategory = "object";

template <typename Work>
void for_each_parallel(std::size_t count, const Work& work) {
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, count, kGrain),
                    [&](const tbb::blocked_range<std::size_t>& range) {
                      for (std::size_t i = range.begin(); i < range.end(); ++i) work(i);
                    });
}

using SumsOfThreads = tbb::enumerable_thread_specific<LayoutSums>;

LayoutSums merged(LayoutSums sums, SumsOfThreads& parts) {
  parts.combine_each([&](const LayoutSums& part) { sums.merge(part); });
  return sums;
}

class Grouping {
 public:
  Grouping(Dataset& dataset, const GroupingOptions& options);
  GroupingResult run();

 private:
  void find_categories();
  void make_decisions();
  void make_slots();
  void add_slot(std::size_t label, std::size_t category, bool candidate);
  void match();
  void refine(std::vector<std::unique_ptr<ImageMatch>>& open,
              const LayoutSums& settled,
              SumsOfThreads& open_sums);
  void make_instances();
  std::size_t home_category(std::size_t label);
  void make_instance(std::size_t category, std::span<const std::uint32_t> points);
  void fill_slots();

  Dataset& dataset_;
  const GroupingOptions& options_;
  std::unique_ptr<InstancesByImage> instances_by_image_;
  std::unique_ptr<LooseKeypoints> keypoints_;
  OwnersOfLabels owners_;
  std::vector<std::uint32_t> category_of_;  // of every instance
  SlotTable slots_;
  std::vector<KeypointDecision> decisions_;
  std::vector<Placement> placements_;
  std::int64_t next_instance_id_ = 1;
};

Grouping::Grouping(Dataset& dataset, const GroupingOptions& options)
    : dataset_(dataset), options_(options) {
  tbb::parallel_invoke(
      [&] { instances_by_image_ = std::make_unique<InstancesByImage>(dataset); },
      [&] { keypoints_ = std::make_unique<LooseKeypoints>(dataset, options.label_order); },
      [&] {
        find_categories();
        make_decisions();
      });
  owners_ = find_owners(dataset_, *instances_by_image_, category_of_, *keypoints_, options_);
  make_slots();
}

void Grouping::find_categories() {
  std::unordered_map<std::int64_t, std::uint32_t> index;
  for (std::size_t i = 0; i < dataset_.categories.size(); ++i) {
    index.emplace(dataset_.categories[i].id, static_cast<std::uint32_t>(i));
  }
  category_of_.reserve(dataset_.instances.size());
  for (const Instance& instance : dataset_.instances) {
    const auto found = index.find(instance.category_id);
    category_of_.push_back(found == index.end() ? kNoCategory : found->second);
    next_instance_id_ = std::max(next_instance_id_, instance.id + 1);
  }
}

void Grouping::make_decisions() {
  decisions_.resize(dataset_.loose_keypoints.size());
  placements_.resize(dataset_.loose_keypoints.size());
  for (std::size_t i = 0; i < decisions_.size(); ++i) decisions_[i].loose_index = i;
}

void Grouping::add_slot(std::size_t label, std::size_t category, bool candidate) {
  if (slots_.find(label, category) != nullptr) return;
  auto& names = dataset_.categories[category].keypoints;
  const std::string& name = keypoints_->labels()[label];
  const auto found = std::ranges::find(names, name);
  const auto slot = static_cast<std::uint32_t>(found - names.begin());
  if (found == names.end()) names.push_back(name);
  slots_.add(
      label,
      {.category = static_cast<std::uint32_t>(category), .slot = slot, .candidate = candidate});
}

// Slots are made in the order of the labels, so that every category's names are in that order.
void Grouping::make_slots() {
  const std::size_t label_count = keypoints_->labels().size();
  slots_ = SlotTable(label_count);
  std::vector<std::vector<std::size_t>> given(label_count);
  for (std::size_t i = 0; i < dataset_.loose_keypoints.size(); ++i) {
    const auto owner = keypoints_->given_owner(i);
    if (!owner || category_of_[*owner] == kNoCategory) continue;
    auto& categories = given[keypoints_->label_of(i)];
    if (std::ranges::find(categories, category_of_[*owner]) == categories.end()) {
      categories.push_back(category_of_[*owner]);
    }
  }
  std::vector<std::size_t> owning;  // categories that own anything
  for (const auto& owners : owners_) owning.insert(owning.end(), owners.begin(), owners.end());
  std::ranges::sort(owning);
  owning.erase(std::unique(owning.begin(), owning.end()), owning.end());
  for (std::size_t label = 0; label < label_count; ++label) {
    // A label of the config that nobody used yet keeps its place where there is only one place.
    const bool unused =
        owners_[label].empty() && !options_.owners.contains(keypoints_->labels()[label]);
    if (unused && owning.size() == 1) owners_[label] = owning;
    for (const std::size_t category : owners_[label]) add_slot(label, category, true);
    for (const std::size_t category : given[label]) add_slot(label, category, false);
  }
}

void Grouping::match() {
  const MatchContext context = {.dataset = dataset_,
                                .keypoints = *keypoints_,
                                .slots = slots_,
                                .category_of = category_of_,
                                .tolerance_px = options_.tolerance_px};
  std::vector<std::size_t> slot_counts;
  for (const Category& category : dataset_.categories) {
    slot_counts.push_back(category.keypoints.size());
  }
  const LayoutSums empty(slot_counts);
  SumsOfThreads settled_sums(empty);
  SumsOfThreads open_sums(empty);
  tbb::enumerable_thread_specific<MatchScratch> scratches;
  tbb::enumerable_thread_specific<ImageMatch> matches([&] { return ImageMatch(context); });
  std::vector<std::unique_ptr<ImageMatch>> open(dataset_.images.size());
  for_each_parallel(dataset_.images.size(), [&](std::size_t i) {
    const auto points = keypoints_->of_image(i);
    if (points.empty()) return;
    MatchScratch& scratch = scratches.local();
    ImageMatch& image = matches.local();
    image.begin(points, (*instances_by_image_)[i], scratch);
    image.learn(ImageMatch::Pairs::kSettled, settled_sums.local(), scratch);
    if (image.is_settled()) {
      image.decide(nullptr, decisions_, placements_, scratch);
    } else {
      image.solve(nullptr, scratch);
      image.learn(ImageMatch::Pairs::kOpen, open_sums.local(), scratch);
      open[i] = std::make_unique<ImageMatch>(image);
    }
  });
  std::erase(open, nullptr);
  refine(open, merged(empty, settled_sums), open_sums);
}

/// Assigns again what is open, by what all images have taught.
void Grouping::refine(std::vector<std::unique_ptr<ImageMatch>>& open,
                      const LayoutSums& settled,
                      SumsOfThreads& open_sums) {
  tbb::enumerable_thread_specific<MatchScratch> scratches;
  for (int round = 1; round <= kRounds; ++round) {
    const KeypointLayout layout(merged(settled, open_sums));
    open_sums.clear();
    for_each_parallel(open.size(), [&](std::size_t i) {
      MatchScratch& scratch = scratches.local();
      open[i]->solve(&layout, scratch);
      if (round < kRounds) {
        open[i]->learn(ImageMatch::Pairs::kOpen, open_sums.local(), scratch);
      } else {
        open[i]->decide(&layout, decisions_, placements_, scratch);
        open[i].reset();
      }
    });
  }
}

/// Category for points that no instance of their image can own.
std::size_t Grouping::home_category(std::size_t label) {
  if (!owners_[label].empty()) return owners_[label].front();
  const auto found = std::ranges::find(dataset_.categories, kNewCategory, &Category::name);
  const auto index = static_cast<std::size_t>(found - dataset_.categories.begin());
  if (found == dataset_.categories.end()) {
    std::int64_t id = 1;
    for (const Category& category : dataset_.categories) id = std::max(id, category.id + 1);
    dataset_.categories.push_back({.id = id, .name = kNewCategory});
  }
  owners_[label].push_back(index);
  return index;
}

void Grouping::make_instances() {
  // First all categories' slots, in the labels' order, then the instances, in the images'.
  std::vector<bool> needed(keypoints_->labels().size(), false);
  for (std::size_t i = 0; i < placements_.size(); ++i) {
    if (!placements_[i].homeless) continue;
    const std::size_t label = keypoints_->label_of(i);
    // A label that the user's map gives to nobody stays without owner.
    const auto mapped = options_.owners.find(keypoints_->labels()[label]);
    if (mapped != options_.owners.end() && mapped->second.empty()) {
      placements_[i].homeless = false;
    } else {
      needed[label] = true;
    }
  }
  if (std::ranges::find(needed, true) == needed.end()) return;
  for (std::size_t label = 0; label < needed.size(); ++label) {
    if (needed[label]) add_slot(label, home_category(label), true);
  }
  for (std::size_t image = 0; image < dataset_.images.size(); ++image) {
    std::map<std::size_t, std::vector<std::uint32_t>> points_of;  // category -> points
    for (const std::uint32_t point : keypoints_->of_image(image)) {
      if (!placements_[point].homeless) continue;
      points_of[owners_[keypoints_->label_of(point)].front()].push_back(point);
    }
    for (const auto& [category, points] : points_of) make_instance(category, points);
  }
}

void Grouping::make_instance(std::size_t category, std::span<const std::uint32_t> points) {
  const auto index = static_cast<std::uint32_t>(dataset_.instances.size());
  Instance& instance = dataset_.instances.emplace_back();
  instance.id = next_instance_id_++;
  instance.image_id = dataset_.loose_keypoints[points.front()].image_id;
  instance.category_id = dataset_.categories[category].id;
  std::vector<Point2d> taken;
  std::vector<std::uint32_t> owner_of_slot;
  for (const std::uint32_t point : points) {
    const std::size_t label = keypoints_->label_of(point);
    const std::uint32_t slot = slots_.find(label, category)->slot;
    KeypointDecision& decision = decisions_[point];
    if (std::ranges::find(owner_of_slot, slot) != owner_of_slot.end()) {
      decision.doubt = KeypointDecision::Doubt::kTaken;
      decision.other_id = instance.id;
      continue;
    }
    owner_of_slot.push_back(slot);
    taken.push_back(dataset_.loose_keypoints[point].point);
    placements_[point].instance = index;
    placements_[point].slot = slot;
    decision.how = KeypointDecision::How::kOnlyInstance;
    decision.doubt = KeypointDecision::Doubt::kNone;
    decision.instance_id = instance.id;
    decision.other_id.reset();
  }
  instance.bbox = extent(taken);
  instance.area = instance.bbox.area();
  for (const std::uint32_t point : points) {
    KeypointDecision& decision = decisions_[point];
    const double distance_px =
        signed_distance(instance.bbox, dataset_.loose_keypoints[point].point);
    (decision.instance_id ? decision.distance_px : decision.other_distance_px) = distance_px;
  }
}

void Grouping::fill_slots() {
  std::unordered_map<std::int64_t, std::size_t> slot_count;
  for (const Category& category : dataset_.categories) {
    slot_count.emplace(category.id, category.keypoints.size());
  }
  for_each_parallel(dataset_.instances.size(), [&](std::size_t i) {
    Instance& instance = dataset_.instances[i];
    const auto found = slot_count.find(instance.category_id);
    if (found == slot_count.end() || found->second == 0) return;
    if (instance.keypoints.size() < found->second) instance.keypoints.resize(found->second);
  });
  for_each_parallel(dataset_.images.size(), [&](std::size_t i) {
    for (const std::uint32_t point : keypoints_->of_image(i)) {
      const Placement& placement = placements_[point];
      if (placement.instance == Placement::kNowhere) continue;
      const LooseKeypoint& keypoint = dataset_.loose_keypoints[point];
      dataset_.instances[placement.instance].keypoints[placement.slot] = {
          .point = keypoint.point, .visibility = keypoint.visibility};
    }
  });
}

GroupingResult Grouping::run() {
  for (const std::uint32_t stray : keypoints_->stray()) {
    decisions_[stray].doubt = KeypointDecision::Doubt::kNoOwner;
  }
  match();
  make_instances();
  fill_slots();
  GroupingResult result;
  for (std::size_t label = 0; label < owners_.size(); ++label) {
    auto& names = result.owners[keypoints_->labels()[label]];
    for (const std::size_t category : owners_[label]) {
      names.push_back(dataset_.categories[category].name);
    }
  }
  result.keypoints = std::exchange(dataset_.loose_keypoints, {});
  result.decisions = std::move(decisions_);
  return result;
}

}  // namespace

GroupingResult group_keypoints(Dataset& dataset, const GroupingOptions& options) {
  if (dataset.loose_keypoints.empty()) return {};
  return Grouping(dataset, options).run();
}

}  // namespace labelloom
