#include "convert/measure.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include "convert/measure_depth.h"
#include "convert/measure_rule.h"
#include "formats/error.h"

namespace labelloom {
namespace {

using Shape = ObjectMeasure::Shape;

/// Everything but depth.
ObjectMeasure measure_shape(const Instance& instance,
                            const detail::CategoryRule& rule,
                            const std::optional<AxisSide>& expected,
                            Report& report) {
  ObjectMeasure object;
  if (expected && rule.outer) object.placement = ObjectMeasure::Placement::kUnknown;
  object.area = instance.bbox.area();
  object.centroid = {instance.bbox.x + instance.bbox.width / 2,
                     instance.bbox.y + instance.bbox.height / 2};
  std::optional<Moments> shape;
  if (instance.mask() != nullptr) {
    object.shape = Shape::kMask;
    shape = moments(*instance.mask());
  } else if (!instance.rings.empty()) {
    object.shape = Shape::kPolygon;
    shape = moments(instance.rings);
  } else {
    return object;
  }
  if (shape) {
    detail::set_configuration(object, *shape, instance, rule, expected);
  } else {
    object.area = 0;
    report.add("no-area",
               {},
               fmt::format("annotation {}: its {} covers nothing",
                           instance.id,
                           object.shape == Shape::kMask ? "mask" : "polygon"));
  }
  return object;
}

/// Which of the measured objects lie on which image.
std::vector<std::vector<std::size_t>> by_image(const Dataset& dataset,
                                               const std::vector<ObjectMeasure>& objects) {
  std::unordered_map<std::int64_t, std::size_t> index;
  for (std::size_t i = 0; i < dataset.images.size(); ++i) index.emplace(dataset.images[i].id, i);
  std::vector<std::vector<std::size_t>> result(dataset.images.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto found = index.find(dataset.instances[objects[i].instance].image_id);
    if (found != index.end()) result[found->second].push_back(i);
  }
  return result;
}

/// What a failed depth image is called in the report.
const char* remark_kind(const Error& error) {
  if (error.code() == Errc::kIo) return "depth-missing";
  return error.code() == Errc::kInvalidData ? "depth-size" : "depth-unreadable";
}

class DepthPass {
 public:
  DepthPass(const Dataset& dataset,
            const MeasureOptions& options,
            std::vector<ObjectMeasure>& objects)
      : dataset_(dataset),
        options_(options),
        objects_(objects),
        objects_of_(by_image(dataset, objects)),
        reports_(dataset.images.size()) {}

  void run(Report& report) {
    tbb::parallel_for(std::size_t{0}, dataset_.images.size(), [&](std::size_t i) {
      measure_image(i);
      const std::size_t done = ++done_;
      if (options_.progress) {
        const std::lock_guard lock(mutex_);
        options_.progress(done, dataset_.images.size());
      }
    });
    for (const Report& part : reports_) report.merge(part);
  }

 private:
  void measure_image(std::size_t image) {
    if (objects_of_[image].empty()) return;
    try {
      const DepthMap map = detail::read_depth(*options_.depth, dataset_.images[image]);
      for (const std::size_t i : objects_of_[image]) {
        ObjectMeasure& object = objects_[i];
        object.depth = detail::object_depth(dataset_.instances[object.instance],
                                            dataset_.categories[object.category].keypoints.size(),
                                            map,
                                            options_.depth->scale);
      }
    } catch (const Error& error) {
      if (!options_.skip_bad) throw;
      for (const std::size_t i : objects_of_[image]) objects_[i].depth.reset();
      reports_[image].add(remark_kind(error), error.where(), error.message());
    }
  }

  const Dataset& dataset_;
  const MeasureOptions& options_;
  std::vector<ObjectMeasure>& objects_;
  std::vector<std::vector<std::size_t>> objects_of_;
  std::vector<Report> reports_;  // one an image, so that their order is that of the images
  std::atomic<std::size_t> done_ = 0;
  std::mutex mutex_;
};

}  // namespace

std::vector<ObjectMeasure> measure(const Dataset& dataset,
                                   const MeasureOptions& options,
                                   Report& report) {
  if (options.depth && !(options.depth->scale > 0 && options.depth->scale <= 1e6)) {
    throw Error(Errc::kArgument,
                {},
                fmt::format("the depth scale {} is not metres a count", options.depth->scale));
  }
  const auto rules = detail::category_rules(dataset, options);
  std::unordered_map<std::int64_t, std::size_t> category_index;
  for (std::size_t i = 0; i < dataset.categories.size(); ++i) {
    category_index.emplace(dataset.categories[i].id, i);
  }
  std::vector<ObjectMeasure> objects;
  for (std::size_t i = 0; i < dataset.instances.size(); ++i) {
    const Instance& instance = dataset.instances[i];
    const auto category = category_index.find(instance.category_id);
    if (instance.iscrowd || category == category_index.end()) continue;
    const detail::CategoryRule& rule = rules[category->second];
    if (!rule.wanted) continue;
    objects.push_back(measure_shape(instance, rule, options.rule.expected, report));
    objects.back().instance = i;
    objects.back().category = category->second;
  }
  if (options.depth) DepthPass(dataset, options, objects).run(report);
  return objects;
}

}  // namespace labelloom
