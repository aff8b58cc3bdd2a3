#include "convert/keypoint_owners.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_invoke.h>

#include "convert/keypoint_distance.h"
#include "formats/error.h"

namespace labelloom {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr auto kNoImage = static_cast<std::uint32_t>(-1);

// A point may lie this share of an instance's size outside and still count as on it: people click
// on borders, and the tip of a needle lies just off the needle's polygon.
constexpr double kBorderShare = 0.05;
// Beyond this share of its size an instance explains nothing.
constexpr double kVoteShare = 0.75;
// Another category than the first owns a label too if it has this share of the votes ...
constexpr double kOwnVoteShare = 0.3;
// ... or its instances carry the label at least this often, compared to the first's.
constexpr double kOwnCarryShare = 2.0 / 3;
constexpr std::int64_t kFewestCarriers = 3;
// Points a label that are asked at least, spread over the whole input; the others may abstain.
constexpr std::size_t kEnoughVotes = 4000;

/// Votes for one category about one label.
struct Tally {
  std::int64_t votes = 0;
  std::int64_t carriers = 0;   // instances with at least one vote
  std::int64_t instances = 0;  // instances in images that have the label

  Tally& operator+=(const Tally& other) {
    votes += other.votes;
    carriers += other.carriers;
    instances += other.instances;
    return *this;
  }
};

/// [label][category]; counts only, so that any order of threads gives the same.
class Ballot {
 public:
  Ballot(std::size_t label_count, std::size_t category_count)
      : category_count_(category_count), tallies_(label_count * category_count) {}
  Tally& at(std::size_t label, std::size_t category) {
    return tallies_[label * category_count_ + category];
  }
  [[nodiscard]] std::span<const Tally> of(std::size_t label) const {
    return std::span(tallies_).subspan(label * category_count_, category_count_);
  }
  void merge(const Ballot& other) {
    for (std::size_t i = 0; i < tallies_.size(); ++i) tallies_[i] += other.tallies_[i];
  }

 private:
  std::size_t category_count_;
  std::vector<Tally> tallies_;
};

double area_of(const Instance& instance) {
  return instance.area > 0 ? instance.area : instance.bbox.area();
}

/// Votes image by image. Not to be shared by threads.
class ImageVote {
 public:
  ImageVote(const Dataset& dataset,
            const LooseKeypoints& keypoints,
            std::span<const std::uint32_t> category_of)
      : dataset_(dataset), keypoints_(keypoints), category_of_(category_of) {}

  void count(std::span<const std::uint32_t> points,
             std::span<const std::uint32_t> instances,
             Ballot& ballot) {
    stand(instances);
    votes_.clear();
    labels_.clear();
    for (const std::uint32_t point : points) {
      labels_.push_back(keypoints_.label_of(point));
      std::optional<std::uint32_t> choice = keypoints_.given_owner(point);
      if (!choice) choice = best_instance(dataset_.loose_keypoints[point].point);
      if (choice) votes_.emplace_back(labels_.back(), *choice);
    }
    std::ranges::sort(votes_);
    for (std::size_t i = 0; i < votes_.size(); ++i) {
      const std::uint32_t category = category_of_[votes_[i].second];
      if (category == kNoCategory) continue;
      Tally& tally = ballot.at(votes_[i].first, category);
      ++tally.votes;
      if (i == 0 || votes_[i] != votes_[i - 1]) ++tally.carriers;
    }
    std::ranges::sort(labels_);
    labels_.erase(std::unique(labels_.begin(), labels_.end()), labels_.end());
    for (const Candidate& candidate : candidates_) {
      const std::uint32_t category = category_of_[candidate.instance];
      if (category == kNoCategory) continue;
      for (const std::size_t label : labels_) ++ballot.at(label, category).instances;
    }
  }

 private:
  struct Candidate {
    InstanceDistance distance;
    std::uint32_t instance;
    double area;
  };

  /// All instances of an image that can be voted for, the smallest first.
  void stand(std::span<const std::uint32_t> instances) {
    candidates_.clear();
    for (const std::uint32_t index : instances) {
      const Instance& instance = dataset_.instances[index];
      if (instance.iscrowd) continue;
      // An area that is no number counts as endless: smaller than nothing.
      candidates_.push_back({.distance = InstanceDistance(instance),
                             .instance = index,
                             .area = std::fmin(area_of(instance), kInfinity)});
    }
    std::ranges::sort(candidates_, [](const Candidate& a, const Candidate& b) {
      return a.area < b.area || (a.area == b.area && a.instance < b.instance);
    });
  }

  /// The instance that explains a point best, if one does: the first that it lies in.
  std::optional<std::uint32_t> best_instance(Point2d point) {
    nearest_.reset();
    nearest_share_ = kVoteShare;
    far_.clear();
    for (Candidate& candidate : candidates_) {
      const double size_px = candidate.distance.size_px();
      const double to_box_px = candidate.distance.to_box(point, kVoteShare * size_px);
      if (to_box_px > kVoteShare * size_px) continue;
      const double bound = candidate.distance.lower_bound(to_box_px) / size_px;
      if (bound > kBorderShare) {
        far_.push_back({&candidate, bound});
        continue;
      }
      const double share = candidate.distance.to_shape(point) / size_px;
      if (share <= kBorderShare && candidate.area < kInfinity) return candidate.instance;
      consider(candidate, share);
    }
    // It lies in none: which is the nearest depends on the others too.
    for (const Far& far : far_) {
      if (far.bound > nearest_share_) continue;
      const double size_px = far.candidate->distance.size_px();
      consider(*far.candidate, far.candidate->distance.to_shape(point) / size_px);
    }
    return nearest_;
  }

  /// Of equally near ones the first in the file.
  void consider(const Candidate& candidate, double share) {
    const bool nearer = share < nearest_share_ ||
                        (share == nearest_share_ && nearest_ && candidate.instance < *nearest_);
    if (!nearer) return;
    nearest_ = candidate.instance;
    nearest_share_ = share;
  }

  struct Far {
    Candidate* candidate;
    double bound;  // of its share
  };
  const Dataset& dataset_;
  const LooseKeypoints& keypoints_;
  std::span<const std::uint32_t> category_of_;
  std::vector<Candidate> candidates_;
  std::vector<Far> far_;
  std::optional<std::uint32_t> nearest_;
  double nearest_share_ = 0;                                  // in sizes of the nearest
  std::vector<std::pair<std::size_t, std::uint32_t>> votes_;  // label, instance
  std::vector<std::size_t> labels_;
};

/// The images whose votes are enough to go by, for every label. An image votes for all its labels
/// at once: it is asked if one of them has been asked less often so far than is its due.
std::vector<std::size_t> polling_images(const Dataset& dataset, const LooseKeypoints& keypoints) {
  struct Turnout {
    std::size_t total = 0;
    std::size_t seen = 0;
    std::size_t asked = 0;
    [[nodiscard]] bool is_behind() const {
      return asked * total < seen * std::min(total, kEnoughVotes);
    }
  };
  std::vector<Turnout> turnouts(keypoints.labels().size());
  for (std::size_t i = 0; i < dataset.loose_keypoints.size(); ++i) {
    ++turnouts[keypoints.label_of(i)].total;
  }
  std::vector<std::size_t> images;
  for (std::size_t i = 0; i < dataset.images.size(); ++i) {
    bool ask = false;
    for (const std::uint32_t point : keypoints.of_image(i)) {
      Turnout& turnout = turnouts[keypoints.label_of(point)];
      ++turnout.seen;
      ask |= turnout.is_behind();
    }
    if (!ask) continue;
    images.push_back(i);
    for (const std::uint32_t point : keypoints.of_image(i)) {
      ++turnouts[keypoints.label_of(point)].asked;
    }
  }
  return images;
}

Ballot vote(const Dataset& dataset,
            const InstancesByImage& instances_by_image,
            std::span<const std::uint32_t> category_of,
            const LooseKeypoints& keypoints) {
  const Ballot empty(keypoints.labels().size(), dataset.categories.size());
  struct Booth {
    ImageVote vote;
    Ballot ballot;
  };
  tbb::enumerable_thread_specific<Booth> booths([&] {
    return Booth{ImageVote(dataset, keypoints, category_of), empty};
  });
  const std::vector<std::size_t> images = polling_images(dataset, keypoints);
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, images.size(), 64),
                    [&](const tbb::blocked_range<std::size_t>& range) {
                      Booth& booth = booths.local();
                      for (std::size_t i = range.begin(); i < range.end(); ++i) {
                        const std::size_t image = images[i];
                        booth.vote.count(
                            keypoints.of_image(image), instances_by_image[image], booth.ballot);
                      }
                    });
  Ballot total = empty;
  booths.combine_each([&](const Booth& booth) { total.merge(booth.ballot); });
  return total;
}

double carry_share(const Tally& tally) {
  return static_cast<double>(tally.carriers) /
         static_cast<double>(std::max<std::int64_t>(tally.instances, 1));
}

std::vector<std::size_t> elected(std::span<const Tally> tallies) {
  std::vector<std::size_t> ranked;
  std::int64_t total = 0;
  for (std::size_t c = 0; c < tallies.size(); ++c) {
    if (tallies[c].votes > 0) ranked.push_back(c);
    total += tallies[c].votes;
  }
  std::ranges::stable_sort(
      ranked, [&](std::size_t a, std::size_t b) { return tallies[a].votes > tallies[b].votes; });
  std::vector<std::size_t> owners;
  for (const std::size_t c : ranked) {
    const Tally& tally = tallies[c];
    const bool share =
        static_cast<double>(tally.votes) >= kOwnVoteShare * static_cast<double>(total);
    const bool carries = tally.carriers >= kFewestCarriers &&
                         carry_share(tally) >= kOwnCarryShare * carry_share(tallies[ranked[0]]);
    if (c == ranked[0] || share || carries) owners.push_back(c);
  }
  return owners;
}

std::size_t find_category(const Dataset& dataset, const std::string& name) {
  for (std::size_t i = 0; i < dataset.categories.size(); ++i) {
    if (dataset.categories[i].name == name) return i;
  }
  std::vector<std::string> known;
  for (const Category& category : dataset.categories) {
    if (known.size() < 20) known.push_back(quoted(category.name));
  }
  if (dataset.categories.size() > known.size()) known.emplace_back("...");
  throw Error(Errc::kArgument,
              {},
              fmt::format("unknown category {} as owner of key points; known: {}",
                          quoted(name),
                          known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
}

/// The category of all instances that can own anything, if it is one.
std::optional<std::size_t> single_category(const Dataset& dataset) {
  std::optional<std::int64_t> id;
  for (const Instance& instance : dataset.instances) {
    if (instance.iscrowd) continue;
    if (id && *id != instance.category_id) return std::nullopt;
    id = instance.category_id;
  }
  for (std::size_t i = 0; i < dataset.categories.size(); ++i) {
    if (dataset.categories[i].id == id) return i;
  }
  return std::nullopt;
}

void add_once(std::vector<std::size_t>& owners, std::size_t category) {
  if (std::ranges::find(owners, category) == owners.end()) owners.push_back(category);
}

}  // namespace

LooseKeypoints::LooseKeypoints(const Dataset& dataset, const std::vector<std::string>& label_order)
    : dataset_(dataset) {
  tbb::parallel_invoke(
      [&] {
        for (const std::string& label : label_order) label_index(label);
        label_of_.reserve(dataset.loose_keypoints.size());
        for (const LooseKeypoint& keypoint : dataset.loose_keypoints) {
          label_of_.push_back(label_index(keypoint.label));
        }
      },
      [&] { sort_by_image(); },
      [&] { find_given_owners(); });
}

std::size_t LooseKeypoints::label_index(const std::string& label) {
  const auto [entry, is_new] = index_of_.try_emplace(label, labels_.size());
  if (is_new) labels_.push_back(label);
  return entry->second;
}

void LooseKeypoints::sort_by_image() {
  std::unordered_map<std::int64_t, std::uint32_t> image_index;
  image_index.reserve(dataset_.images.size());
  for (std::size_t i = 0; i < dataset_.images.size(); ++i) {
    image_index.emplace(dataset_.images[i].id, static_cast<std::uint32_t>(i));
  }
  std::vector<std::uint32_t> image_of;
  image_of.reserve(dataset_.loose_keypoints.size());
  starts_.assign(dataset_.images.size() + 1, 0);
  auto found = image_index.end();
  for (const LooseKeypoint& keypoint : dataset_.loose_keypoints) {
    // Most lie in the image of the one before.
    if (found == image_index.end() || found->first != keypoint.image_id) {
      found = image_index.find(keypoint.image_id);
    }
    const bool stray = found == image_index.end() || !is_finite(std::span(&keypoint.point, 1));
    if (stray) stray_.push_back(static_cast<std::uint32_t>(image_of.size()));
    image_of.push_back(stray ? kNoImage : found->second);
    if (!stray) ++starts_[found->second + 1];
  }
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
  indexes_.resize(starts_.back());
  std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
  for (std::size_t i = 0; i < image_of.size(); ++i) {
    if (image_of[i] != kNoImage) indexes_[next[image_of[i]]++] = static_cast<std::uint32_t>(i);
  }
}

void LooseKeypoints::find_given_owners() {
  std::unordered_map<std::int64_t, std::uint32_t> instance_index;
  for (std::size_t i = 0; i < dataset_.loose_keypoints.size(); ++i) {
    const LooseKeypoint& keypoint = dataset_.loose_keypoints[i];
    if (!keypoint.owner_id) continue;
    if (instance_index.empty()) {
      instance_index.reserve(dataset_.instances.size());
      for (std::size_t j = 0; j < dataset_.instances.size(); ++j) {
        instance_index.emplace(dataset_.instances[j].id, static_cast<std::uint32_t>(j));
      }
    }
    const auto found = instance_index.find(*keypoint.owner_id);
    if (found == instance_index.end()) continue;
    const Instance& owner = dataset_.instances[found->second];
    if (owner.image_id != keypoint.image_id || owner.iscrowd) continue;
    given_.emplace(static_cast<std::uint32_t>(i), found->second);
  }
}

std::span<const std::uint32_t> LooseKeypoints::of_image(std::size_t image_index) const {
  return std::span(indexes_).subspan(starts_[image_index],
                                     starts_[image_index + 1] - starts_[image_index]);
}

std::optional<std::uint32_t> LooseKeypoints::given_owner(std::size_t index) const {
  if (given_.empty()) return std::nullopt;
  const auto found = given_.find(static_cast<std::uint32_t>(index));
  if (found == given_.end()) return std::nullopt;
  return found->second;
}

OwnersOfLabels find_owners(const Dataset& dataset,
                           const InstancesByImage& instances_by_image,
                           std::span<const std::uint32_t> category_of,
                           LooseKeypoints& keypoints,
                           const GroupingOptions& options) {
  std::map<std::size_t, std::vector<std::size_t>> mapped;
  for (const auto& [label, names] : options.owners) {
    auto& owners = mapped[keypoints.label_index(label)];
    for (const std::string& name : names) add_once(owners, find_category(dataset, name));
  }
  OwnersOfLabels result(keypoints.labels().size());
  if (const auto single = single_category(dataset)) {
    for (auto& owners : result) owners = {*single};
  } else if (!dataset.categories.empty() && !dataset.instances.empty()) {
    const Ballot ballot = vote(dataset, instances_by_image, category_of, keypoints);
    for (std::size_t label = 0; label < result.size(); ++label) {
      result[label] = elected(ballot.of(label));
    }
  }
  for (const auto& [label, owners] : mapped) result[label] = owners;
  return result;
}

}  // namespace labelloom
