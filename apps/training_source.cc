#include "apps/training_source.h"

#include <algorithm>
#include <atomic>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>
#include <tbb/parallel_for.h>

#include "apps/label_painter.h"
#include "apps/letterbox.h"
#include "augment/job_context.h"
#include "augment/labelled_picture.h"
#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;
using model::Sample;

static_assert(augment::kUnlabelled == model::kIgnoredLabel);

/// Pipelines may enlarge: pictures keep this many times the input's pixels along each side.
constexpr int kReserve = 2;

int kept_side(const model::ModelConfig& config, const augment::Pipeline* pipeline) {
  const int side = std::max(config.input.width, config.input.height);
  return pipeline == nullptr ? side : kReserve * side;
}

std::vector<std::uint8_t> rgb_bytes(const cv::Mat& bgr) {
  std::vector<std::uint8_t> bytes(bgr.total() * 3);
  cv::Mat rgb(bgr.rows, bgr.cols, CV_8UC3, bytes.data());
  cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
  return bytes;
}

std::vector<std::uint8_t> label_bytes(const cv::Mat& labels) {
  const cv::Mat whole = labels.isContinuous() ? labels : labels.clone();
  return {whole.data, whole.data + whole.total()};
}

fs::path label_map_name(const Image& image) {
  return safe_relative_path(image.file_name).replace_extension(".png");
}

/// Names without folders that label maps of several pictures have.
std::unordered_set<std::string> shared_map_names(const Dataset& dataset) {
  std::unordered_map<std::string, std::string_view> owners;
  std::unordered_set<std::string> shared;
  for (const Image& image : dataset.images) {
    const std::string name = label_map_name(image).filename().string();
    const auto [owner, is_new] = owners.emplace(name, image.file_name);
    if (!is_new && owner->second != image.file_name) shared.insert(name);
  }
  return shared;
}

}  // namespace

/// What is labelled in a picture.
struct TrainingSource::Known {
  bool boxes = true;
  bool segmentation = true;
  bool keypoints = true;
};

TrainingSource::TrainingSource(const Dataset& dataset,
                               const model::ModelConfig& config,
                               TrainingSourceOptions options)
    : dataset_(dataset),
      config_(config),
      options_(std::move(options)),
      classes_(dataset, options_.file, config, options_.mapping != nullptr),
      pairs_(dataset.categories),
      sources_(dataset, options_.images, kept_side(config, options_.pipeline)),
      cache_(sources_, options_.cache_bytes),
      by_image_(dataset) {
  std::error_code ignored;
  if (dataset.images.empty()) {
    throw Error(Errc::kInvalidData, {.file = options_.file}, "there is no image in it");
  }
  for (const fs::path& folder : {options_.images, options_.label_maps}) {
    if (!folder.empty() && !fs::is_directory(folder, ignored)) {
      throw Error(Errc::kIo, {.file = folder.string()}, "there is no such folder");
    }
  }
  for (const Instance& instance : dataset.instances) {
    if (labelled_count(instance.keypoints) > 0) with_keypoints_.insert(instance.id);
  }
  if (options_.mapping != nullptr) shared_names_ = shared_map_names(dataset);
  if (options_.pipeline != nullptr && augment::mixes_images(options_.pipeline->root())) {
    donors_ = std::make_unique<const augment::SetDonors>(sources_, cache_);
  }
}

TrainingSource::Known TrainingSource::known_of(std::size_t index) const {
  Known known;
  bool any = false;
  bool any_shape = false;
  bool any_with_slots = false;
  bool any_keypoint = false;
  for (const std::uint32_t i : by_image_[index]) {
    const Instance& instance = dataset_.instances[i];
    const ClassTable::Entry* entry = classes_.find(instance.category_id);
    if (instance.iscrowd || entry == nullptr) continue;
    any = true;
    any_shape = any_shape || instance.mask() != nullptr || !instance.rings.empty();
    any_with_slots = any_with_slots || entry->slot_count > 0;
    any_keypoint = any_keypoint || labelled_count(instance.keypoints) > 0;
    if (instance.bbox.width <= 0 || instance.bbox.height <= 0) known.boxes = false;
  }
  known.segmentation =
      config_.heads.segmentation &&
      (options_.mapping == nullptr ? any_shape || !any : label_map_file(index).has_value());
  known.keypoints = any_keypoint || !any_with_slots;
  return known;
}

std::optional<fs::path> TrainingSource::label_map_file(std::size_t index) const {
  const fs::path name = label_map_name(dataset_.images[index]);
  std::error_code ignored;
  if (fs::is_regular_file(options_.label_maps / name, ignored)) return options_.label_maps / name;
  const fs::path bare = options_.label_maps / name.filename();
  // It could be of any of the pictures that have this name.
  if (shared_names_.contains(name.filename().string())) return std::nullopt;
  if (fs::is_regular_file(bare, ignored)) return bare;
  return std::nullopt;
}

cv::Mat TrainingSource::read_labels(const fs::path& file, Size size) const {
  const LabelMap map = read_label_map(file);
  if (map.size != size) {
    throw Error(
        Errc::kInvalidData, {.file = file.string()}, augment::size_mismatch(map.size, size));
  }
  cv::Mat labels(size.height, size.width, CV_8U);
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    const int value = options_.mapping->class_of_value[map.values[i]];
    if (value == LabelMapping::kOutside) {
      const auto width = static_cast<std::size_t>(size.width);
      throw Error(
          Errc::kInvalidData,
          {.file = file.string()},
          fmt::format("the pixel in column {}, row {} has the value {}, which is not in the "
                      "class map ({})",
                      i % width,
                      i / width,
                      map.values[i],
                      options_.mapping->source));
    }
    labels.data[i] = static_cast<std::uint8_t>(value);
  }
  return labels;
}

cv::Mat TrainingSource::labels_before(std::size_t index, Size size, const Known& known) const {
  const auto all = [&](std::uint8_t value) {
    return cv::Mat(size.height, size.width, CV_8U, cv::Scalar(value));
  };
  if (!known.segmentation) return all(model::kIgnoredLabel);
  if (options_.mapping == nullptr) return all(0);  // background; shapes are painted at the end
  const Size annotated = dataset_.images[index].size;
  cv::Mat labels = read_labels(*label_map_file(index), annotated);
  if (annotated == size) return labels;
  cv::Mat reduced;
  cv::resize(labels, reduced, {size.width, size.height}, 0, 0, cv::INTER_NEAREST_EXACT);
  return reduced;
}

augment::Plan TrainingSource::plan(std::size_t index,
                                   std::uint64_t epoch,
                                   const augment::SourceImage& source) {
  const Size size{source.pixels.cols, source.pixels.rows};
  augment::Plan plan{size, size, {}};
  if (options_.pipeline != nullptr) {
    plan = options_.pipeline->sample(
        {size, source.instances, donors_.get(), index, augment::BoxOutline::kCorners},
        {.seed = options_.seed,
         .image = augment::image_key(dataset_.images[index].file_name),
         .variant = static_cast<std::uint32_t>(epoch)});
  }
  augment::Step last = Letterbox(plan.out, config_.input).step(mean_colour(config_.mean));
  if (!last.effects.empty()) plan.steps.push_back(std::move(last));
  plan.out = config_.input;
  return plan;
}

model::TargetObject TrainingSource::object(const Instance& instance) const {
  const ClassTable::Entry& entry = *classes_.find(instance.category_id);
  model::TargetObject object;
  object.class_index = entry.class_index;
  object.box = instance.bbox;
  object.ignored =
      instance.iscrowd || std::min(instance.bbox.width, instance.bbox.height) < kMinSide;
  if (!config_.heads.keypoints || !with_keypoints_.contains(instance.id)) return object;
  object.keypoints.resize(config_.keypoints.size());
  const auto count =
      std::min(instance.keypoints.size(), static_cast<std::size_t>(entry.slot_count));
  std::copy_n(instance.keypoints.begin(), count, object.keypoints.begin() + entry.first_slot);
  return object;
}

Sample TrainingSource::load(std::size_t index, std::uint64_t epoch) {
  const Known known = known_of(index);
  const auto source = cache_.get(index);
  const Size size{source->pixels.cols, source->pixels.rows};
  const augment::Plan plan = this->plan(index, epoch, *source);
  augment::LabelledPicture picture =
      augment::transformed(plan,
                           {source->pixels, labels_before(index, size, known), source->instances},
                           donors_.get(),
                           pairs_,
                           {});

  Sample sample;
  sample.has_boxes = config_.heads.boxes && known.boxes;
  sample.has_segmentation = known.segmentation;
  sample.has_keypoints = config_.heads.keypoints && known.keypoints;
  sample.image.name = dataset_.images[index].file_name;
  sample.image.size = config_.input;
  sample.image.rgb = rgb_bytes(picture.pixels);
  sample.image.placement = Letterbox(size, config_.input).placement(dataset_.images[index].size);
  std::vector<const Instance*> instances;
  for (const Instance& instance : picture.instances) {
    if (classes_.find(instance.category_id) == nullptr) continue;
    instances.push_back(&instance);
    if (config_.heads.boxes && instance.bbox.width > 0 && instance.bbox.height > 0) {
      sample.objects.push_back(object(instance));
    }
  }
  if (known.segmentation) {
    if (options_.mapping == nullptr) {
      paint_shapes(instances, classes_, config_.seg_of_class, picture.labels);
    }
    sample.labels = label_bytes(picture.labels);
  }
  return sample;
}

LabelMap TrainingSource::original_labels(std::size_t index) const {
  const Known known = known_of(index);
  if (!known.segmentation) return {};
  const Size size = dataset_.images[index].size;
  cv::Mat labels = labels_before(index, size, known);
  if (options_.mapping == nullptr) {
    std::vector<const Instance*> instances;
    for (const std::uint32_t i : by_image_[index]) instances.push_back(&dataset_.instances[i]);
    paint_shapes(instances, classes_, config_.seg_of_class, labels);
  }
  return {size, label_bytes(labels)};
}

bool TrainingSource::has_mapped_pixel() const {
  for (std::size_t index = 0; index < count(); ++index) {
    const auto file = label_map_file(index);
    if (!file) continue;
    const cv::Mat labels = read_labels(*file, dataset_.images[index].size);
    if (cv::countNonZero(labels != model::kIgnoredLabel) > 0) return true;
  }
  return false;
}

void TrainingSource::check() {
  std::atomic<std::size_t> map_count = 0;
  tbb::parallel_for(std::size_t{0}, count(), [&](std::size_t index) {
    sources_.check(index);
    if (options_.mapping == nullptr) return;
    const auto file = label_map_file(index);
    if (!file) return;
    ++map_count;
    static_cast<void>(read_labels(*file, dataset_.images[index].size));
  });
  if (options_.mapping != nullptr && map_count == 0) {
    throw Error(
        Errc::kInvalidData,
        {.file = options_.label_maps.string()},
        fmt::format(
            "no label map for any of the {} images of {}; expected e.g. {}",
            count(),
            options_.file,
            fs::path(dataset_.images.front().file_name).replace_extension(".png").string()));
  }
}

}  // namespace labelloom::apps
