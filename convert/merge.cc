#include "convert/merge.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/error.h"
#include "formats/json_members.h"

namespace labelloom {
namespace {

constexpr std::size_t kAnyInput = 0;

std::string text(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 6;
  const std::size_t shown = std::min(names.size(), kShown);
  std::string list = fmt::format(
      "{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (shown < names.size()) list += fmt::format(", ... ({} in all)", names.size());
  return list;
}

std::string text(const std::vector<std::pair<int, int>>& skeleton) {
  std::vector<std::string> edges;
  edges.reserve(skeleton.size());
  for (const auto& [from, to] : skeleton) edges.push_back(fmt::format("{}-{}", from, to));
  return text(edges);
}

/// The whole number a JSON text is, if it is one.
std::optional<std::int64_t> integer(std::string_view json) {
  std::int64_t value = 0;
  const char* end = json.data() + json.size();
  const auto [stop, error] = std::from_chars(json.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> source_of(const Image& image) {
  const auto source = find_member(image.extra, kSourceImageId);
  return source ? integer(*source) : std::nullopt;
}

/// Categories of all inputs, matched by name.
class CategoryMerger {
 public:
  CategoryMerger(std::vector<Category>& result, Report& report)
      : result_(result), report_(report) {}

  /// Takes an input's categories in. @returns the new id of each old one.
  std::unordered_map<std::int64_t, std::int64_t> add(const std::vector<Category>& categories,
                                                     const std::string& input) {
    std::unordered_map<std::int64_t, std::int64_t> new_ids;
    for (const Category& category : categories) {
      const auto [found, is_new] = index_of_.emplace(category.name, result_.size());
      if (is_new) {
        result_.push_back(category);
        result_.back().id = free_id(category.id);
        origins_.push_back(input);
      } else {
        unite(found->second, category, input);
      }
      new_ids.emplace(category.id, result_[found->second].id);
    }
    return new_ids;
  }

 private:
  std::int64_t free_id(std::int64_t wanted) {
    while (!used_ids_.insert(wanted).second) wanted = std::max(wanted, highest_id_) + 1;
    highest_id_ = std::max(highest_id_, wanted);
    return wanted;
  }

  void unite(std::size_t index, const Category& other, const std::string& input) {
    Category& kept = result_[index];
    const auto report = [&](const char* kind, const std::string& message) {
      report_.add(kind,
                  {.file = input},
                  fmt::format("category {}: {}", labelloom::quoted(kept.name), message));
    };
    if (kept.supercategory.empty()) kept.supercategory = other.supercategory;
    if (!other.supercategory.empty() && kept.supercategory != other.supercategory) {
      report("supercategory-differs",
             fmt::format("supercategory {} stays, {} goes",
                         labelloom::quoted(kept.supercategory),
                         labelloom::quoted(other.supercategory)));
    }
    if (other.keypoints.empty()) return;
    if (kept.keypoints.empty()) {
      kept.keypoints = other.keypoints;
      kept.skeleton = other.skeleton;
      origins_[index] = input;
      report("keypoints-adopted", "takes the key points of this file");
      return;
    }
    if (kept.keypoints != other.keypoints) {
      fail(index, input, "key points", text(kept.keypoints), text(other.keypoints));
    }
    if (kept.skeleton.empty()) kept.skeleton = other.skeleton;
    if (!other.skeleton.empty() && kept.skeleton != other.skeleton) {
      fail(index, input, "skeletons", text(kept.skeleton), text(other.skeleton));
    }
  }

  [[noreturn]] void fail(std::size_t index,
                         const std::string& input,
                         const char* what,
                         const std::string& kept,
                         const std::string& other) const {
    throw Error(Errc::kInvalidData,
                {.file = input},
                fmt::format("category {} has other {} ({}) than in {} ({}); give them the same, or "
                            "rename one of the categories",
                            labelloom::quoted(result_[index].name),
                            what,
                            other,
                            origins_[index],
                            kept));
  }

  std::vector<Category>& result_;
  Report& report_;
  std::unordered_map<std::string, std::size_t> index_of_;
  std::vector<std::string> origins_;  // [categories] the input that decided on the key points
  std::unordered_set<std::int64_t> used_ids_;
  std::int64_t highest_id_ = 0;
};

/// Whether no number means one picture in one input and another in the next.
bool ids_are_apart(const std::vector<MergeInput>& inputs, bool shared_sources) {
  std::unordered_map<std::int64_t, std::size_t> owner;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (const Image& image : inputs[i].dataset.images) {
      if (owner.emplace(image.id, i).first->second != i) return false;
      const auto source = shared_sources ? std::nullopt : source_of(image);
      if (source && owner.emplace(*source, i).first->second != i) return false;
    }
  }
  return true;
}

/// Images of all inputs, numbered anew where two inputs use one id.
class ImageMerger {
 public:
  ImageMerger(std::deque<Image>& result,
              const MergeOptions& options,
              const std::vector<MergeInput>& inputs,
              Report& report)
      : result_(result),
        options_(options),
        keep_ids_(ids_are_apart(inputs, options.shared_sources)),
        report_(report) {}

  /// Takes an input's images in. @returns the new id of each old one.
  std::unordered_map<std::int64_t, std::int64_t> add(std::deque<Image> images,
                                                     std::size_t input,
                                                     const std::vector<MergeInput>& inputs) {
    std::unordered_map<std::int64_t, std::int64_t> new_ids;
    new_ids.reserve(images.size());
    for (Image& image : images) {
      const std::int64_t old_id = image.id;
      const auto [found, is_new] = index_of_.emplace(image.file_name, result_.size());
      // Two images of one name inside one input are the input's own affair.
      if (is_new || input_of_[found->second] == input) {
        const std::int64_t new_id =
            keep_ids_ ? old_id : static_cast<std::int64_t>(result_.size()) + 1;
        new_ids.emplace(old_id, new_id);
        if (!source_of(image)) ids_.try_emplace({source_scope(input), old_id}, new_id);
        image.id = new_id;
        result_.push_back(std::move(image));
        input_of_.push_back(input);
        continue;
      }
      const Image& kept = result_[found->second];
      check_same(image, kept, inputs[input].name, inputs[input_of_[found->second]].name);
      new_ids.emplace(old_id, kept.id);
      if (!source_of(image)) ids_.try_emplace({source_scope(input), old_id}, kept.id);
    }
    return new_ids;
  }

  /// Renumbers `source_image_id`, when all inputs are in.
  void renumber_sources() {
    auto next = static_cast<std::int64_t>(result_.size()) + 1;
    for (std::size_t i = 0; i < result_.size(); ++i) {
      const auto source = source_of(result_[i]);
      if (!source) continue;
      const auto [known, is_new] =
          ids_.try_emplace({source_scope(input_of_[i]), *source}, keep_ids_ ? *source : next);
      if (is_new) ++next;
      result_[i].extra =
          replace_member(result_[i].extra, kSourceImageId, std::to_string(known->second));
    }
  }

 private:
  /// Which inputs share the numbering of their sources.
  [[nodiscard]] std::size_t source_scope(std::size_t input) const {
    return options_.shared_sources ? kAnyInput : input;
  }

  void check_same(const Image& image,
                  const Image& kept,
                  const std::string& input,
                  const std::string& kept_input) {
    if (options_.same_image == SameImage::kError) {
      throw Error(Errc::kInvalidData,
                  {.file = input},
                  fmt::format("image {} is in {}, too; merge them if they are the same picture "
                              "(--same-image merge), else rename one",
                              labelloom::quoted(image.file_name),
                              kept_input));
    }
    if (image.size != kept.size) {
      throw Error(Errc::kInvalidData,
                  {.file = input},
                  fmt::format("image {} is {} x {} here, but {} x {} in {}: not the same picture",
                              labelloom::quoted(image.file_name),
                              image.size.width,
                              image.size.height,
                              kept.size.width,
                              kept.size.height,
                              kept_input));
    }
    report_.add("images-merged", {.file = input}, labelloom::quoted(image.file_name));
  }

  std::deque<Image>& result_;
  const MergeOptions& options_;
  bool keep_ids_;
  Report& report_;
  std::unordered_map<std::string, std::size_t> index_of_;
  std::vector<std::size_t> input_of_;  // [images]
  /// (scope, old id) of a picture without a source of its own -> its new id; the first counts.
  std::map<std::pair<std::size_t, std::int64_t>, std::int64_t> ids_;
};

/// Takes an input's instances and loose key points in, with the ids of their new surroundings.
void add_instances(Dataset& input,
                   const std::unordered_map<std::int64_t, std::int64_t>& image_ids,
                   const std::unordered_map<std::int64_t, std::int64_t>& category_ids,
                   Dataset& result) {
  std::unordered_map<std::int64_t, std::int64_t> owner_ids;  // only loose key points need them
  for (Instance& instance : input.instances) {
    const auto image = image_ids.find(instance.image_id);
    const auto category = category_ids.find(instance.category_id);
    if (image == image_ids.end() || category == category_ids.end()) continue;
    const auto new_id = static_cast<std::int64_t>(result.instances.size()) + 1;
    if (!input.loose_keypoints.empty()) owner_ids.emplace(instance.id, new_id);
    instance.id = new_id;
    instance.image_id = image->second;
    instance.category_id = category->second;
    result.instances.push_back(std::move(instance));
  }
  for (LooseKeypoint& keypoint : input.loose_keypoints) {
    const auto image = image_ids.find(keypoint.image_id);
    if (image == image_ids.end()) continue;
    keypoint.image_id = image->second;
    if (keypoint.owner_id) {
      const auto owner = owner_ids.find(*keypoint.owner_id);
      keypoint.owner_id = owner == owner_ids.end() ? std::nullopt : std::optional(owner->second);
    }
    result.loose_keypoints.push_back(std::move(keypoint));
  }
}

bool has_keypoints(const Dataset& dataset) {
  return std::ranges::any_of(dataset.instances, [](const Instance& instance) {
    return labelled_count(instance.keypoints) > 0;
  });
}

/// How key points are written: as in the inputs that have any, if these agree.
KeypointOrigin merged_origin(const std::vector<MergeInput>& inputs) {
  std::optional<KeypointOrigin> origin;
  for (const MergeInput& input : inputs) {
    if (!has_keypoints(input.dataset)) continue;
    if (origin && *origin != input.dataset.keypoint_origin) return KeypointOrigin::kContinuous;
    origin = input.dataset.keypoint_origin;
  }
  return origin.value_or(KeypointOrigin::kContinuous);
}

/// Images must not refer to licences of the same number in the first input's list.
void drop_members(Dataset& input, const std::string& name, const Dataset& result, Report& report) {
  for (const auto& member : input.root_members) {
    if (std::ranges::find(result.root_members, member) != result.root_members.end()) continue;
    report.add("root-member-dropped", {.file = name}, labelloom::quoted(member.first));
    if (member.first != "licenses") continue;
    for (Image& image : input.images) image.extra = remove_member(image.extra, "license");
  }
}

/// An input that did not know the key points of its categories has instances without.
void fill_keypoints(Dataset& result) {
  std::unordered_map<std::int64_t, std::size_t> slots;
  for (const Category& category : result.categories) {
    slots.emplace(category.id, category.keypoints.size());
  }
  for (Instance& instance : result.instances) {
    const std::size_t count = slots.at(instance.category_id);
    if (instance.keypoints.size() < count) instance.keypoints.resize(count);
  }
}

}  // namespace

Dataset merge(std::vector<MergeInput> inputs, const MergeOptions& options, Report& report) {
  Dataset result;
  if (inputs.empty()) return result;
  result.keypoint_origin = merged_origin(inputs);
  result.root_members = inputs.front().dataset.root_members;
  CategoryMerger categories(result.categories, report);
  ImageMerger images(result.images, options, inputs, report);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    MergeInput& input = inputs[i];
    drop_members(input.dataset, input.name, result, report);
    const auto category_ids = categories.add(input.dataset.categories, input.name);
    const auto image_ids = images.add(std::move(input.dataset.images), i, inputs);
    add_instances(input.dataset, image_ids, category_ids, result);
    input.dataset = {};  // its memory is needed by the next
  }
  images.renumber_sources();
  fill_keypoints(result);
  return result;
}

}  // namespace labelloom
