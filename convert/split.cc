#include "convert/split.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "formats/error.h"
#include "formats/json_members.h"

namespace labelloom {
namespace {

/// Images that stay together, and what they hold.
struct Group {
  std::string key;
  std::uint64_t order = 0;
  std::uint64_t image_count = 0;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> categories;  // index, instances
  std::optional<Side> side;
};

/// The same 64 bits on every machine: FNV-1a over the key, then SplitMix64's finaliser with the
/// seed, so that seeds that differ in one bit give unrelated orders.
std::uint64_t order_of(std::string_view key, std::uint64_t seed) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : key) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3U;
  }
  hash += (seed + 1) * 0x9E3779B97F4A7C15U;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9U;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBU;
  return hash ^ (hash >> 31);
}

/// Group of every image, and the groups in the order of their hashes.
struct Grouping {
  std::vector<Group> groups;
  std::vector<std::uint32_t> group_of_image;
};

std::string group_key(const Image& image, const std::unordered_set<std::string>& source_ids) {
  if (const auto source = find_member(image.extra, kSourceImageId)) {
    return fmt::format("id:{}", *source);
  }
  const std::string id = std::to_string(image.id);
  if (source_ids.contains(id)) return "id:" + id;
  return fmt::format("name:{}", source_stem(image.file_name));
}

Grouping group_images(const Dataset& dataset, std::uint64_t seed) {
  std::unordered_set<std::string> source_ids;
  for (const Image& image : dataset.images) {
    if (const auto source = find_member(image.extra, kSourceImageId)) source_ids.emplace(*source);
  }
  std::unordered_map<std::string, std::uint32_t> index_of;
  std::vector<Group> groups;
  std::vector<std::uint32_t> group_of_image;
  for (const Image& image : dataset.images) {
    const std::string key = group_key(image, source_ids);
    const auto [found, is_new] = index_of.emplace(key, static_cast<std::uint32_t>(groups.size()));
    if (is_new) {
      groups.push_back(
          {.key = key, .order = order_of(key, seed), .categories = {}, .side = std::nullopt});
    }
    groups[found->second].image_count += 1;
    group_of_image.push_back(found->second);
  }
  std::vector<std::uint32_t> by_order(groups.size());
  for (std::uint32_t i = 0; i < by_order.size(); ++i) by_order[i] = i;
  std::ranges::sort(by_order, {}, [&](std::uint32_t i) {
    return std::pair<std::uint64_t, std::string_view>(groups[i].order, groups[i].key);
  });
  Grouping result;
  std::vector<std::uint32_t> place(groups.size());
  for (const std::uint32_t i : by_order) {
    place[i] = static_cast<std::uint32_t>(result.groups.size());
    result.groups.push_back(std::move(groups[i]));
  }
  for (const std::uint32_t i : group_of_image) result.group_of_image.push_back(place[i]);
  return result;
}

/// Index in Dataset::categories of every instance; kNone for unknown ids.
class CategoryIndex {
 public:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  explicit CategoryIndex(const std::vector<Category>& categories) {
    for (std::size_t i = 0; i < categories.size(); ++i) by_id_.emplace(categories[i].id, i);
  }
  [[nodiscard]] std::size_t of(const Instance& instance) const {
    const auto found = by_id_.find(instance.category_id);
    return found == by_id_.end() ? kNone : found->second;
  }

 private:
  std::unordered_map<std::int64_t, std::size_t> by_id_;
};

/// Instances of every category in each group; after the last category, of all together, so that
/// the number of objects is balanced like a category that nearly every group has.
void count_categories(const Dataset& dataset, Grouping& grouping) {
  const CategoryIndex categories(dataset.categories);
  const InstancesByImage by_image(dataset);
  std::vector<std::unordered_map<std::size_t, std::uint64_t>> counts(grouping.groups.size());
  for (std::size_t image = 0; image < dataset.images.size(); ++image) {
    for (const std::uint32_t i : by_image[image]) {
      auto& group = counts[grouping.group_of_image[image]];
      const std::size_t category = categories.of(dataset.instances[i]);
      if (category != CategoryIndex::kNone) group[category] += 1;
      group[dataset.categories.size()] += 1;
    }
  }
  for (std::size_t g = 0; g < counts.size(); ++g) {
    for (const auto& [category, count] : counts[g]) {
      grouping.groups[g].categories.emplace_back(static_cast<std::uint32_t>(category), count);
    }
    std::ranges::sort(grouping.groups[g].categories);
  }
}

/// Gives groups to sides, one after another.
class Divider {
 public:
  Divider(std::vector<Group>& groups,
          std::size_t category_count,
          const std::array<double, kSideCount>& shares)
      : groups_(groups),
        lacking_(category_count),
        totals_(category_count),
        groups_of_(category_count) {
    std::uint64_t image_count = 0;
    for (std::uint32_t g = 0; g < groups_.size(); ++g) {
      image_count += groups_[g].image_count;
      for (const auto& [category, count] : groups_[g].categories) {
        groups_of_[category].push_back(g);
        totals_[category] += static_cast<double>(count);
        for (std::size_t s = 0; s < kSideCount; ++s) {
          lacking_[category][s] += shares[s] * static_cast<double>(count);
        }
      }
    }
    for (std::size_t s = 0; s < kSideCount; ++s) {
      room_[s] = shares[s] * static_cast<double>(image_count);
    }
    for (const auto& groups_of_category : groups_of_)
      undecided_.push_back(groups_of_category.size());
  }

  void run() {
    while (const auto category = rarest()) {
      for (const std::uint32_t g : groups_of_[*category]) {
        if (!groups_[g].side) assign(groups_[g], best_side(groups_[g], lacking_[*category]));
      }
    }
    for (Group& group : groups_) {
      if (!group.side) assign(group, best_side(group, room_));
    }
    exchange();
  }

 private:
  [[nodiscard]] std::optional<std::size_t> rarest() const {
    std::optional<std::size_t> best;
    for (std::size_t c = 0; c < undecided_.size(); ++c) {
      if (undecided_[c] > 0 && (!best || undecided_[c] < undecided_[*best])) best = c;
    }
    return best;
  }

  /// The side that lacks most, among those that the group brings nearer to their size; if there is
  /// none, the side with most room.
  [[nodiscard]] std::size_t best_side(const Group& group,
                                      const std::array<double, kSideCount>& lacking) const {
    constexpr double kTie = 1e-9;  // sums of shares do not come out even
    std::optional<std::size_t> best;
    for (std::size_t s = 0; s < kSideCount; ++s) {
      if (room_[s] + kTie < 0.5 * static_cast<double>(group.image_count)) continue;
      const bool better = !best || lacking[s] > lacking[*best] + kTie ||
                          (lacking[s] > lacking[*best] - kTie && room_[s] > room_[*best] + kTie);
      if (better) best = s;
    }
    if (best) return *best;
    return static_cast<std::size_t>(std::ranges::max_element(room_) - room_.begin());
  }

  void assign(Group& group, std::size_t side) {
    group.side = static_cast<Side>(side);
    room_[side] -= static_cast<double>(group.image_count);
    for (const auto& [category, count] : group.categories) {
      lacking_[category][side] -= static_cast<double>(count);
      --undecided_[category];
    }
  }

  /// Exchanges groups of one size between sides where that brings the categories nearer to their
  /// shares. Numbers of images stay as they are.
  void exchange() {
    constexpr std::size_t kRounds = 2;
    constexpr std::size_t kPartners = 32;
    const std::size_t reach = std::min(kPartners + 1, groups_.size());
    for (std::size_t round = 0; round < kRounds; ++round) {
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        // The order is a hash: the next ones are as good as any.
        for (std::size_t step = 1; step < reach; ++step) {
          Group& a = groups_[g];
          Group& b = groups_[(g + step) % groups_.size()];
          if (a.side == b.side || a.image_count != b.image_count) continue;
          if (exchange_gain(a, b) > 1e-9) swap_sides(a, b);
        }
      }
    }
  }

  /// Calls `visit(category, instances of a less those of b)` where they differ.
  template <typename Visit>
  static void for_each_difference(const Group& a, const Group& b, const Visit& visit) {
    auto i = a.categories.begin();
    auto j = b.categories.begin();
    while (i != a.categories.end() || j != b.categories.end()) {
      const bool take_a =
          j == b.categories.end() || (i != a.categories.end() && i->first <= j->first);
      const bool take_b =
          i == a.categories.end() || (j != b.categories.end() && j->first <= i->first);
      const std::uint32_t category = take_a ? i->first : j->first;
      double difference = 0;
      if (take_a) difference += static_cast<double>((i++)->second);
      if (take_b) difference -= static_cast<double>((j++)->second);
      if (difference != 0) visit(category, difference);
    }
  }

  /// By how much an exchange lowers the sum over categories and sides of lacking^2 / instances.
  [[nodiscard]] double exchange_gain(const Group& a, const Group& b) const {
    const auto from = static_cast<std::size_t>(*a.side);
    const auto to = static_cast<std::size_t>(*b.side);
    double gain = 0;
    for_each_difference(a, b, [&](std::uint32_t category, double difference) {
      const auto& lacking = lacking_[category];
      gain -= 2 * difference * (lacking[from] - lacking[to] + difference) / totals_[category];
    });
    return gain;
  }

  void swap_sides(Group& a, Group& b) {
    const auto from = static_cast<std::size_t>(*a.side);
    const auto to = static_cast<std::size_t>(*b.side);
    for_each_difference(a, b, [&](std::uint32_t category, double difference) {
      lacking_[category][from] += difference;
      lacking_[category][to] -= difference;
    });
    std::swap(a.side, b.side);
  }

  std::vector<Group>& groups_;
  std::array<double, kSideCount> room_ = {};             // images
  std::vector<std::array<double, kSideCount>> lacking_;  // [categories], instances
  std::vector<double> totals_;                           // [categories], instances
  std::vector<std::vector<std::uint32_t>> groups_of_;    // [categories]
  std::vector<std::size_t> undecided_;                   // [categories], groups
};

void check_share(double share, const char* option) {
  if (share >= 0 && share < 1) return;
  throw Error(
      Errc::kArgument, {}, fmt::format("{} = {} is outside [0, 1); 0.2 is a fifth", option, share));
}

SplitPlan make_plan(const Dataset& dataset, const Grouping& grouping) {
  SplitPlan plan;
  plan.group_count = grouping.groups.size();
  for (const Group& group : grouping.groups) {
    plan.largest_group = std::max<std::size_t>(plan.largest_group, group.image_count);
  }
  plan.category_instances.resize(dataset.categories.size());
  const CategoryIndex categories(dataset.categories);
  const InstancesByImage by_image(dataset);
  for (std::size_t image = 0; image < dataset.images.size(); ++image) {
    const Side side = grouping.groups[grouping.group_of_image[image]].side.value_or(Side::kTrain);
    const auto s = static_cast<std::size_t>(side);
    plan.side_of_image.push_back(side);
    plan.images[s] += 1;
    for (const std::uint32_t i : by_image[image]) {
      plan.instances[s] += 1;
      const std::size_t category = categories.of(dataset.instances[i]);
      if (category != CategoryIndex::kNone) plan.category_instances[category][s] += 1;
    }
  }
  return plan;
}

}  // namespace

const char* name(Side side) {
  constexpr const char* kNames[] = {"train", "val", "test"};
  return kNames[static_cast<std::size_t>(side)];
}

SplitPlan plan_split(const Dataset& dataset, const SplitOptions& options) {
  check_share(options.val_share, "val");
  check_share(options.test_share, "test");
  const double train_share = 1 - options.val_share - options.test_share;
  if (!(train_share > 0)) {
    throw Error(Errc::kArgument,
                {},
                fmt::format("val = {} and test = {} leave nothing to train on; their sum must be "
                            "below 1",
                            options.val_share,
                            options.test_share));
  }
  Grouping grouping = group_images(dataset, options.seed);
  count_categories(dataset, grouping);
  Divider(grouping.groups,
          dataset.categories.size() + 1,
          {train_share, options.val_share, options.test_share})
      .run();
  return make_plan(dataset, grouping);
}

std::array<Dataset, kSideCount> apply_split(Dataset dataset, const SplitPlan& plan) {
  std::array<Dataset, kSideCount> parts;
  for (Dataset& part : parts) {
    part.categories = dataset.categories;
    part.keypoint_origin = dataset.keypoint_origin;
    part.root_members = dataset.root_members;
  }
  std::unordered_map<std::int64_t, std::size_t> side_of;
  for (std::size_t i = 0; i < dataset.images.size(); ++i) {
    const auto side = static_cast<std::size_t>(plan.side_of_image.at(i));
    side_of.emplace(dataset.images[i].id, side);
    parts[side].images.push_back(std::move(dataset.images[i]));
  }
  const auto move_all = [&](auto& from, auto Dataset::*member) {
    for (auto& item : from) {
      const auto side = side_of.find(item.image_id);
      if (side != side_of.end()) (parts[side->second].*member).push_back(std::move(item));
    }
  };
  move_all(dataset.instances, &Dataset::instances);
  move_all(dataset.loose_keypoints, &Dataset::loose_keypoints);
  return parts;
}

}  // namespace labelloom
