#include "select/batch.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <unordered_set>

#include <fmt/format.h>

#include "formats/error.h"
#include "formats/source_stem.h"

namespace labelloom::select {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What one image may not do to another, and what is left to spend.
class Rules {
 public:
  Rules(const PoolTable& table, const BatchOptions& options, Batch& batch)
      : table_(table), options_(options), batch_(batch), left_(options.budget.amount) {
    if (options_.min_gap > 0) find_frames();
    for (std::size_t i = 0; i < table_.images.size(); ++i) {
      if (table_.images[i].labelled) remember(i);
    }
  }

  [[nodiscard]] bool spent() const { return left_ == 0; }

  void count_left_out() {
    batch_.same_source = same_source_.size();
    batch_.too_near = too_near_.size();
  }

  [[nodiscard]] bool allows(std::size_t index) {
    const PoolImage& image = table_.images[index];
    if (cost(image) > left_) return false;
    if (options_.one_per_source && sources_.contains(image.source)) {
      same_source_.insert(index);
      return false;
    }
    if (options_.min_gap > 0 && near_another(index)) {
      too_near_.insert(index);
      return false;
    }
    return true;
  }

  void take(std::size_t index, bool for_quota) {
    const PoolImage& image = table_.images[index];
    remember(index);
    left_ -= cost(image);
    batch_.objects += image.boxes;
    batch_.images.push_back({index, for_quota, {}});
  }

 private:
  [[nodiscard]] std::size_t cost(const PoolImage& image) const {
    return options_.budget.unit == Budget::Unit::kImages ? 1
                                                         : std::max<std::size_t>(image.boxes, 1);
  }

  void find_frames() {
    frame_of_.reserve(table_.images.size());
    bool any = table_.images.empty();
    for (const PoolImage& image : table_.images) {
      any |= frame_of_.emplace_back(frame_of(image.source_name)).has_value();
    }
    if (!any) {
      batch_.warnings.emplace_back(
          "no image's name has a frame number: the least gap of frames changes nothing");
    }
    for (const std::string& name : table_.labelled_source_names) {
      if (const auto frame = frame_of(name)) frames_[frame->sequence].insert(frame->number);
    }
  }

  void remember(std::size_t index) {
    if (options_.one_per_source) sources_.insert(table_.images[index].source);
    if (options_.min_gap == 0) return;
    if (const auto& frame = frame_of_[index]) frames_[frame->sequence].insert(frame->number);
  }

  [[nodiscard]] bool near_another(std::size_t index) const {
    const auto& frame = frame_of_[index];
    if (!frame) return false;
    const auto found = frames_.find(frame->sequence);
    if (found == frames_.end()) return false;
    const auto next = found->second.lower_bound(frame->number);
    if (next != found->second.end() && *next - frame->number < options_.min_gap) return true;
    return next != found->second.begin() && frame->number - *std::prev(next) < options_.min_gap;
  }

  const PoolTable& table_;
  const BatchOptions& options_;
  Batch& batch_;
  std::size_t left_;
  std::unordered_set<std::string> sources_;
  std::set<std::size_t> same_source_;
  std::set<std::size_t> too_near_;
  std::vector<std::optional<FrameName>> frame_of_;         // [images], if there is a least gap
  std::map<std::string, std::set<std::uint64_t>> frames_;  // that are taken
};

bool has_class(const PoolImage& image, int class_index) {
  return std::ranges::find(image.classes, class_index, &ClassCount::class_index) !=
         image.classes.end();
}

/// Proposes one image after the other, from an order or by k-centre.
class Proposals {
 public:
  Proposals(const PoolTable& table,
            const std::vector<std::size_t>& order,
            const Points* points,
            const std::vector<std::size_t>& without_point)
      : order_(order), open_(table.images.size(), false) {
    for (const std::size_t i : order) open_[i] = table.images[i].open();
    if (points == nullptr) return;
    std::vector<bool> there(table.images.size(), true);
    for (const std::size_t i : without_point) there[i] = false;
    std::vector<std::size_t> seeds;
    for (std::size_t i = 0; i < table.images.size(); ++i) {
      if (table.images[i].labelled && there[i]) seeds.push_back(i);
    }
    seeds_ = seeds.size();
    centres_.emplace(*points, seeds, without_point);
    for (std::size_t i = 0; i < open_.size(); ++i) {
      if (!there[i] || !open_[i]) centres_->refuse(i);
    }
    placed_ = std::move(there);
  }

  /// Calls `take_if_allowed` for the best first, of those that pass `filter`, until `enough`.
  template <typename Filter, typename Enough, typename Take>
  void go(Filter&& filter, Enough&& enough, Take&& take_if_allowed) {
    if (centres_) {
      std::vector<std::size_t> refused;
      for (std::size_t i = 0; i < open_.size(); ++i) {
        if (open_[i] && placed_[i] && !filter(i)) {
          centres_->refuse(i);
          refused.push_back(i);
        }
      }
      while (!enough()) {
        const auto next = centres_->candidate();
        if (!next) break;
        if (take_if_allowed(*next)) {
          centres_->take(*next);
          open_[*next] = false;
        } else {
          centres_->refuse(*next);
          refused.push_back(*next);
        }
      }
      for (const std::size_t i : refused) centres_->allow(i);
    }
    for (const std::size_t i : order_) {
      if (enough()) return;
      if (!open_[i] || (centres_ && placed_[i]) || !filter(i)) continue;
      if (take_if_allowed(i)) open_[i] = false;
    }
  }

  /// An image that was taken elsewhere.
  void close(std::size_t image) {
    open_[image] = false;
    if (centres_) centres_->refuse(image);
  }

  /// Images that are labelled already and that k-centre knows.
  [[nodiscard]] std::size_t seeds() const { return seeds_; }

  [[nodiscard]] std::optional<float> radius() const {
    return centres_ ? centres_->radius() : std::nullopt;
  }

 private:
  const std::vector<std::size_t>& order_;
  std::vector<bool> open_;  // may still be taken
  std::vector<bool> placed_;
  std::size_t seeds_ = 0;
  std::optional<KCentre> centres_;
};

/// The best of the order that can be chosen.
std::vector<std::size_t> best_of(const PoolTable& table,
                                 const Ranking& ranking,
                                 const BatchOptions& options) {
  double budget = static_cast<double>(options.budget.amount);
  if (options.budget.unit == Budget::Unit::kObjects) {
    double objects = 0;
    for (const PoolImage& image : table.images) objects += std::max<double>(image.boxes, 1);
    budget *= static_cast<double>(table.images.size()) / std::max(objects, 1.0);
  }
  std::vector<std::size_t> best;
  for (const std::size_t i : ranking.order) {
    if (static_cast<double>(best.size()) >= options.diverse_among * budget) break;
    if (table.images[i].open()) best.push_back(i);
  }
  return best;
}

}  // namespace

Budget parse_budget(const std::string& text) {
  Budget budget;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, budget.amount);
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  if (error != std::errc() || (!unit.empty() && unit != "images" && unit != "objects")) {
    throw Error(
        Errc::kArgument,
        {},
        fmt::format(
            "--budget {}: expected a number of images (100) or of predicted objects (500objects)",
            labelloom::quoted(text)));
  }
  if (unit == "objects") budget.unit = Budget::Unit::kObjects;
  return budget;
}

Quota parse_quota(const std::string& text, const std::vector<ScoreClass>& classes) {
  const std::size_t sign = text.rfind('=');
  Quota quota;
  const char* const end = text.data() + text.size();
  if (sign != std::string::npos) {
    const auto [rest, error] = std::from_chars(text.data() + sign + 1, end, quota.images);
    if (error == std::errc() && rest == end) {
      const auto found = std::ranges::find(classes, text.substr(0, sign), &ScoreClass::name);
      if (found != classes.end()) {
        quota.class_index = static_cast<int>(found - classes.begin());
        return quota;
      }
      std::string names;
      for (const ScoreClass& c : classes)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", c.name);
      throw Error(
          Errc::kArgument,
          {},
          fmt::format(
              "--quota {}: no such class; the model has {}", labelloom::quoted(text), names));
    }
  }
  throw Error(
      Errc::kArgument,
      {},
      fmt::format("--quota {}: expected class=images, such as bolt=20", labelloom::quoted(text)));
}

std::optional<FrameName> frame_of(std::string_view name) {
  name = source_stem(name);
  const std::size_t slash = name.find_last_of('/');
  const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
  std::size_t end = name.size();
  while (end > begin && !is_digit(name[end - 1])) --end;
  std::size_t first = end;
  while (first > begin && is_digit(name[first - 1])) --first;
  if (first == end) return std::nullopt;
  FrameName frame;
  const auto [rest, error] = std::from_chars(name.data() + first, name.data() + end, frame.number);
  if (error != std::errc()) return std::nullopt;  // a number of more than 64 bits
  frame.sequence = fmt::format("{}#{}", name.substr(0, first), name.substr(end));
  return frame;
}

Batch build_batch(const PoolTable& table, const Ranking& ranking, const BatchOptions& options) {
  Batch batch;
  batch.labelled =
      static_cast<std::size_t>(std::ranges::count(table.images, true, &PoolImage::labelled));
  batch.unreadable = static_cast<std::size_t>(std::ranges::count_if(
      table.images, [](const PoolImage& image) { return !image.readable && !image.labelled; }));
  std::vector<std::size_t> order = ranking.order;
  const Points* points = ranking.points.get();
  std::vector<std::size_t> without_point = ranking.without_point;
  std::optional<EuclideanPoints> embeddings;
  if (options.diverse && points == nullptr && !table.images.empty()) {
    const auto found = table.vectors.find(vector_column::kEmbedding);
    if (found == table.vectors.end() || found->second.length == 0) {
      throw Error(
          Errc::kInvalidData, {}, "--diverse needs embeddings, which these scores do not have");
    }
    embeddings.emplace(found->second.values, found->second.length, found->second.there);
    points = &*embeddings;
    for (std::size_t i = 0; i < found->second.there.size(); ++i) {
      if (found->second.there[i] == 0) without_point.push_back(i);
    }
    order = best_of(table, ranking, options);
  }
  Rules rules(table, options, batch);
  Proposals proposals(table, order, points, without_point);
  if (points != nullptr && table.labelled_images > 0 && proposals.seeds() == 0) {
    batch.warnings.push_back(
        fmt::format("none of the {} labelled images is in the scores: k-centre does not know them",
                    table.labelled_images));
  }
  // If the best among which k-centre chooses do not suffice: the others, in order.
  Proposals others(table, ranking.order, nullptr, {});
  const auto go = [&](const auto& filter, const auto& enough, bool for_quota) {
    const auto take = [&](std::size_t i) {
      if (!rules.allows(i)) return false;
      rules.take(i, for_quota);
      return true;
    };
    proposals.go(filter, enough, take);
    if (!embeddings || enough()) return;
    for (const Chosen& chosen : batch.images) others.close(chosen.image);
    others.go(filter, enough, take);
    for (const Chosen& chosen : batch.images) proposals.close(chosen.image);
  };
  for (const Quota& quota : options.quotas) {
    const auto has_it = [&](std::size_t i) {
      return has_class(table.images[i], quota.class_index);
    };
    const auto have = [&] {
      return static_cast<std::size_t>(std::ranges::count_if(batch.images, has_it, &Chosen::image));
    };
    go(
        has_it, [&] { return have() >= quota.images || rules.spent(); }, true);
    if (have() < quota.images) {
      batch.warnings.push_back(
          fmt::format("only {} images with {} could be taken, {} were wanted",
                      have(),
                      table.classes.at(static_cast<std::size_t>(quota.class_index)).name,
                      quota.images));
    }
  }
  go([](std::size_t) { return true; }, [&] { return rules.spent(); }, false);
  rules.count_left_out();
  batch.pool_used_up = !rules.spent() && options.budget.unit == Budget::Unit::kImages;
  batch.radius = proposals.radius();
  if (points == nullptr) {
    std::vector<std::size_t> place(table.images.size(), 0);
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    std::ranges::sort(batch.images, {}, [&](const Chosen& c) { return place[c.image]; });
  }
  for (Chosen& chosen : batch.images) chosen.reason = ranking.reason(chosen.image);
  return batch;
}

}  // namespace labelloom::select
