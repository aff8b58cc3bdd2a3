#include <algorithm>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>

#include "formats/coco.h"
#include "formats/coco_records.h"
#include "formats/coco_text.h"

namespace labelloom {
namespace {

constexpr std::size_t kGrain = 4096;  // instances a task looks at, at least

/// Index of every id. The second record of an id is bad data; it is left out when allowed.
template <typename Items>
std::unordered_map<std::int64_t, std::size_t> index_ids(
    Items& items, const char* what, const std::string& file, bool skip_bad, Report& report) {
  std::unordered_map<std::int64_t, std::size_t> index;
  index.reserve(items.size());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (index.emplace(items[i].id, kept).second) {
      if (kept != i) items[kept] = std::move(items[i]);
      ++kept;
      continue;
    }
    const Error error(Errc::kInvalidData,
                      {.file = file},
                      fmt::format("{} id {} occurs twice, expected unique ids", what, items[i].id));
    if (!skip_bad) throw error;
    report.add("skipped-bad-record", {}, error.what());
  }
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(kept), items.end());
  return index;
}

/// Why an instance does not fit the file's images and categories; empty when it does.
std::string reference_fault(const Instance& instance,
                            const Dataset& dataset,
                            const std::unordered_map<std::int64_t, std::size_t>& images,
                            const std::unordered_map<std::int64_t, std::size_t>& categories) {
  if (!images.contains(instance.image_id)) {
    return fmt::format(
        "annotation {}: image_id {} is no image of this file", instance.id, instance.image_id);
  }
  const auto category = categories.find(instance.category_id);
  if (category == categories.end()) {
    return fmt::format("annotation {}: category_id {} is no category of this file",
                       instance.id,
                       instance.category_id);
  }
  const std::size_t slots = dataset.categories[category->second].keypoints.size();
  if (!instance.keypoints.empty() && instance.keypoints.size() != slots) {
    return fmt::format("annotation {}: {} key points, but its category {} names {}",
                       instance.id,
                       instance.keypoints.size(),
                       labelloom::quoted(dataset.categories[category->second].name),
                       slots);
  }
  return {};
}

/// What is to be seen of the instances without changing any.
struct Look {
  bool ascending = true;  ///< no id twice, then
  bool all_right = true;  ///< no reference_fault
};

template <typename HasFault>
Look look_at(const std::deque<Instance>& instances, const HasFault& has_fault) {
  using Range = tbb::blocked_range<std::size_t>;
  return tbb::parallel_reduce(
      Range(0, instances.size(), kGrain),
      Look{},
      [&](const Range& range, Look look) {
        for (std::size_t i = range.begin(); i < range.end(); ++i) {
          const Instance& instance = instances[i];
          look.ascending = look.ascending && (i == 0 || instances[i - 1].id < instance.id);
          look.all_right = look.all_right && !has_fault(instance);
        }
        return look;
      },
      [](const Look& a, const Look& b) {
        return Look{a.ascending && b.ascending, a.all_right && b.all_right};
      });
}

void check_references(Dataset& dataset, const std::string& file, bool skip_bad, Report& report) {
  const auto images = index_ids(dataset.images, "image", file, skip_bad, report);
  const auto categories = index_ids(dataset.categories, "category", file, skip_bad, report);
  const auto fault_of = [&](const Instance& instance) {
    return reference_fault(instance, dataset, images, categories);
  };
  const Look look = look_at(dataset.instances,
                            [&](const Instance& instance) { return !fault_of(instance).empty(); });
  if (!look.ascending) index_ids(dataset.instances, "annotation", file, skip_bad, report);
  if (look.all_right) return;
  std::erase_if(dataset.instances, [&](const Instance& instance) {
    const std::string fault = fault_of(instance);
    if (fault.empty()) return false;
    if (!skip_bad) throw Error(Errc::kInvalidData, {.file = file}, fault);
    report.add("skipped-bad-record", {.file = file}, fault);
    return true;
  });
}

bool has_labelled_keypoints(const Dataset& dataset) {
  return std::ranges::any_of(dataset.instances, [](const Instance& instance) {
    return labelled_count(instance.keypoints) > 0;
  });
}

void shift_keypoints(Dataset& dataset) {
  if (!coco_style(dataset).any_keypoints) return;  // no instance has any, then
  using Range = tbb::blocked_range<std::size_t>;
  tbb::parallel_for(Range(0, dataset.instances.size(), kGrain), [&](const Range& range) {
    for (std::size_t i = range.begin(); i < range.end(); ++i) {
      for (Keypoint& k : dataset.instances[i].keypoints) {
        if (k.visibility == Visibility::kAbsent) continue;
        k.point.x += 0.5;
        k.point.y += 0.5;
      }
    }
  });
}

/// Puts the parts of a file together.
class Parts final : public json::PartsHandler {
 public:
  explicit Parts(const ImageFolder* images)
      : all(std::make_unique<CocoHandler>(images)), images_(images) {}

  std::unique_ptr<CocoHandler> all;

  std::unique_ptr<json::RecordHandler> make() override {
    return std::make_unique<CocoHandler>(images_);
  }
  void take(json::RecordHandler& part) override {
    all->append(std::move(static_cast<CocoHandler&>(part)));
  }
  void start_again() override { all = std::make_unique<CocoHandler>(images_); }

 private:
  const ImageFolder* images_;
};

}  // namespace

Dataset read_coco(const std::filesystem::path& path,
                  const CocoReadOptions& options,
                  Report& report) {
  const InputFile file(path);
  json::ReadOptions json_options;
  json_options.long_sections = {"images", "annotations"};
  json_options.skip_bad = options.skip_bad;
  json_options.on_skipped = [&](const Error& error) {
    report.add("skipped-bad-record", {}, error.what());
  };
  json_options.progress = options.progress;
  Parts parts(options.images);
  json::read_records_in_parts(file, path.string(), json_options, parts);
  CocoHandler& handler = *parts.all;
  report.merge(handler.report());
  for (const char* section : {"images", "annotations", "categories"}) {
    if (!handler.seen(section) && (!options.picture_list || !handler.seen("images"))) {
      throw Error(Errc::kUnexpectedFormat,
                  {.file = path.string()},
                  fmt::format("\"{}\" is missing; is this a COCO file?", section));
    }
  }
  Dataset dataset = std::move(handler.dataset());
  check_references(dataset, path.string(), options.skip_bad, report);
  const bool is_continuous =
      handler.has_fractions() || (options.picture_list && !has_labelled_keypoints(dataset));
  const KeypointOrigin found =
      is_continuous ? KeypointOrigin::kContinuous : KeypointOrigin::kPixelCentre;
  dataset.keypoint_origin =
      options.keypoint_origin.value_or(handler.declared_origin().value_or(found));
  if (dataset.keypoint_origin == KeypointOrigin::kPixelCentre) shift_keypoints(dataset);
  return dataset;
}

}  // namespace labelloom
