#include "apps/view_job.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>
#include <tbb/parallel_for.h>

#include "apps/cutout.h"
#include "apps/gallery.h"
#include "apps/overlay.h"
#include "apps/picture.h"
#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;

constexpr int kLongestSide = 1600;
constexpr int kThumbSide = 480;
constexpr const char* kMarker = ".labelloom-gallery";
constexpr const char* kPictureFolders[] = {"images", "overlays", "thumbs", "doubtful"};

bool is_inside(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

bool is_our_picture(const fs::path& file) {
  const std::string name = file.filename().string();
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return name.size() > 6 && std::all_of(name.begin(), name.begin() + 5, digit) &&
         file.extension() == ".jpg";
}

// Makes the folder ours: refuses one with a user's things in it, removes the pictures and the page
// of an earlier run, so that nothing stale stays beside the new ones.
void prepare_output(const ViewOptions& options) {
  if (!fs::is_directory(options.images)) {
    throw Error(Errc::kIo, {.file = options.images.string()}, "there is no such folder of images");
  }
  const fs::path output = fs::weakly_canonical(options.output);
  const fs::path images = fs::weakly_canonical(options.images);
  for (const char* folder : kPictureFolders) {
    if (is_inside(images, output / folder)) {
      throw Error(Errc::kArgument,
                  {.file = options.output.string()},
                  "the images are where the gallery would be written; name another folder");
    }
  }
  if (is_inside(output, images)) {
    throw Error(Errc::kArgument,
                {.file = options.output.string()},
                "is inside the folder of images; name a folder elsewhere");
  }
  if (fs::exists(output) && !fs::is_directory(output)) {
    throw Error(Errc::kArgument, {.file = options.output.string()}, "is not a folder");
  }
  if (fs::exists(output) && !fs::is_empty(output) && !fs::exists(output / kMarker)) {
    throw Error(Errc::kArgument,
                {.file = options.output.string()},
                "has files in it that `labelloom view` did not write; name a new folder");
  }
  // Pictures are removed and written below: only in this folder, never where a link leads.
  for (const char* name :
       {kPictureFolders[0], kPictureFolders[1], kPictureFolders[2], kPictureFolders[3], kMarker}) {
    if (fs::is_symlink(output / name)) {
      throw Error(Errc::kArgument,
                  {.file = (options.output / name).string()},
                  "is a symbolic link that `labelloom view` did not make; name a new folder");
    }
  }
  write_file(output / kMarker, "made by labelloom view\n");
  fs::remove(output / "index.html");
  for (const char* folder : kPictureFolders) {
    if (!fs::is_directory(output / folder)) continue;
    std::vector<fs::path> stale;
    for (const auto& entry : fs::directory_iterator(output / folder)) {
      if (is_our_picture(entry.path())) stale.push_back(entry.path());
    }
    for (const fs::path& file : stale) fs::remove(file);
  }
}

/// `count` of `total` indexes, evenly spread.
std::vector<std::size_t> spread(std::size_t total, std::size_t count) {
  count = std::min(total, count);
  std::vector<std::size_t> indexes(count);
  for (std::size_t i = 0; i < count; ++i) indexes[i] = (2 * i + 1) * total / (2 * count);
  return indexes;
}

cv::Mat resized(const cv::Mat& pixels, Size size) {
  if (pixels.cols == size.width && pixels.rows == size.height) return pixels;
  cv::Mat result;
  cv::resize(pixels, result, {size.width, size.height}, 0, 0, cv::INTER_AREA);
  return result;
}

/// Everything to do with one image.
struct Work {
  std::size_t image_index = 0;  // in the data set
  bool on_page = false;
  std::size_t page_index = 0;              // when on_page
  std::vector<std::size_t> doubtful = {};  // indexes of key points to cut out
};

class ViewJob {
 public:
  ViewJob(const Dataset& dataset, const ViewOptions& options)
      : dataset_(dataset),
        options_(options),
        categories_(dataset.categories),
        by_image_(dataset),
        source_(options.images, dataset.images) {
    plan();
  }

  ViewSummary run(const ViewProgress& progress) {
    cv::setNumThreads(1);  // whole images are what runs in parallel
    std::mutex mutex;
    std::size_t done = 0;
    tbb::parallel_for(std::size_t{0}, work_.size(), [&](std::size_t i) {
      process(work_[i]);
      const std::lock_guard lock(mutex);
      ++done;
      if (progress) progress(done, work_.size());
    });
    describe_pictureless();
    finish();
    return summary_;
  }

 private:
  void plan() {
    std::map<std::size_t, Work> by_index;
    for (const std::size_t index : spread(dataset_.images.size(), options_.max_images)) {
      by_index[index] = {.image_index = index, .on_page = true, .page_index = by_index.size()};
    }
    statuses_.resize(by_index.size());
    gallery_.images.resize(by_index.size());
    std::unordered_map<std::int64_t, std::size_t> index_of_id;
    for (std::size_t i = 0; i < dataset_.images.size(); ++i) {
      index_of_id.emplace(dataset_.images[i].id, i);
    }
    for (const std::size_t i : spread(options_.doubtful.size(), options_.max_images)) {
      const std::size_t slot = chosen_doubtful_.size();
      chosen_doubtful_.push_back(i);
      cards_.emplace_back();
      const auto found = index_of_id.find(options_.doubtful[i].image_id);
      if (found == index_of_id.end()) continue;
      Work& work = by_index[found->second];
      work.image_index = found->second;
      work.doubtful.push_back(slot);
      if (work.on_page) cards_[slot].image_index = work.page_index;
      cards_[slot].image_size = dataset_.images[found->second].size;
    }
    for (auto& [index, work] : by_index) work_.push_back(std::move(work));
  }

  [[nodiscard]] std::vector<const Instance*> instances_of(std::size_t image_index) const {
    std::vector<const Instance*> instances;
    for (const std::uint32_t i : by_image_[image_index]) {
      instances.push_back(&dataset_.instances[i]);
    }
    return instances;
  }

  void process(const Work& work) {
    const Image& image = dataset_.images[work.image_index];
    const Picture picture = source_.load(image, kLongestSide);
    const std::vector<const Instance*> instances = instances_of(work.image_index);
    if (work.on_page) {
      statuses_[work.page_index] = picture.status;
      gallery_.images[work.page_index] = show(work, picture, instances);
    }
    for (const std::size_t slot : work.doubtful) cut_out(slot, picture, instances);
  }

  [[nodiscard]] std::string show(const Work& work,
                                 const Picture& picture,
                                 const std::vector<const Instance*>& instances) const {
    const Image& image = dataset_.images[work.image_index];
    const bool has_pixels = !picture.pixels.empty();
    // A placeholder keeps the shape of the picture it stands for.
    const Size full = has_pixels ? picture.size : image.size;
    const Frame frame = fit(full, kLongestSide);
    // Masks are not traced when they will not be drawn: nothing bounds their size then.
    const Size traced = picture.status == ImageStatus::kShown ? full : Size{};
    const Scene scene = make_scene(instances, categories_, traced, frame);
    const std::string name = picture_name(work.page_index, image.file_name);
    if (has_pixels) write_pictures(picture, scene, name);
    return image_record(image, has_pixels ? name : "", scene, picture.status, picture.message);
  }

  void write_pictures(const Picture& picture, const Scene& scene, const std::string& name) const {
    const cv::Mat shown = resized(picture.pixels, scene.size);
    const bool as_it_is = !picture.jpeg.empty() && picture.size == scene.size;
    constexpr int kQuality = 92;
    write_file(options_.output / "images" / name,
               as_it_is ? picture.jpeg : encode_jpeg(shown, kQuality));
    constexpr int kThumbQuality = 82;
    write_file(options_.output / "thumbs" / name,
               encode_jpeg(resized(shown, fit(scene.size, kThumbSide).size), kThumbQuality));
    cv::Mat drawn = shown.clone();
    if (picture.status == ImageStatus::kShown) draw_overlay(drawn, scene, categories_);
    write_file(options_.output / "overlays" / name, encode_jpeg(drawn, kQuality));
  }

  [[nodiscard]] static const Instance* find(const std::vector<const Instance*>& instances,
                                            std::optional<std::int64_t> id) {
    if (!id) return nullptr;
    const auto found = std::ranges::find(instances, *id, &Instance::id);
    return found == instances.end() ? nullptr : *found;
  }

  [[nodiscard]] std::string name_of(const Instance* instance,
                                    std::optional<std::int64_t> id) const {
    if (instance == nullptr) return id ? fmt::format("instance #{}", *id) : "an instance";
    return fmt::format("{} #{}", categories_.name(instance->category_id), instance->id);
  }

  void cut_out(std::size_t slot,
               const Picture& picture,
               const std::vector<const Instance*>& instances) {
    const DoubtfulKeypoint& keypoint = options_.doubtful[chosen_doubtful_[slot]];
    const Instance* owner = find(instances, keypoint.instance_id);
    const Instance* other = find(instances, keypoint.other_id);
    DoubtfulCard& card = cards_[slot];
    card.text =
        explain(keypoint, name_of(owner, keypoint.instance_id), name_of(other, keypoint.other_id));
    if (picture.status != ImageStatus::kShown) {
      card.text += fmt::format(" No picture: {}.", picture.message);
      return;
    }
    card.picture = picture_name(slot, keypoint.label + ".");
    const cv::Mat drawn =
        draw_cutout(picture.pixels, picture.size, keypoint, owner, other, categories_);
    constexpr int kQuality = 90;
    write_file(options_.output / "doubtful" / card.picture, encode_jpeg(drawn, kQuality));
  }

  // Of images that the data set does not have.
  void describe_pictureless() {
    for (std::size_t slot = 0; slot < cards_.size(); ++slot) {
      if (!cards_[slot].text.empty()) continue;
      const DoubtfulKeypoint& keypoint = options_.doubtful[chosen_doubtful_[slot]];
      cards_[slot].text = explain(keypoint,
                                  name_of(nullptr, keypoint.instance_id),
                                  name_of(nullptr, keypoint.other_id)) +
                          " No picture: this data set has no such image.";
    }
  }

  void count_categories() {
    gallery_.counts.instances.resize(categories_.size());
    gallery_.counts.images.resize(categories_.size());
    for (const Work& work : work_) {
      if (!work.on_page) continue;
      const Size size = dataset_.images[work.image_index].size;
      std::set<std::size_t> seen;
      for (const Instance* instance : instances_of(work.image_index)) {
        ++summary_.instances;
        if (const Rle* mask = instance->mask(); mask != nullptr && mask->size != size) {
          ++summary_.masks_not_drawn;
        }
        const std::size_t category = categories_.index_of(instance->category_id);
        if (category == CategoryTable::kUnknown) continue;
        ++gallery_.counts.instances[category];
        if (seen.insert(category).second) ++gallery_.counts.images[category];
      }
    }
  }

  void finish() {
    count_categories();
    const auto count = [this](ImageStatus status) {
      return static_cast<std::size_t>(std::ranges::count(statuses_, status));
    };
    summary_.images = statuses_.size();
    summary_.total_images = dataset_.images.size();
    summary_.missing = count(ImageStatus::kMissing);
    summary_.undecodable = count(ImageStatus::kUndecodable);
    summary_.other_size = count(ImageStatus::kOtherSize);
    summary_.doubtful = cards_.size();
    summary_.total_doubtful = options_.doubtful.size();
    gallery_.title = options_.title;
    gallery_.total_images = summary_.total_images;
    gallery_.total_doubtful = summary_.total_doubtful;
    for (std::size_t slot = 0; slot < cards_.size(); ++slot) {
      gallery_.doubtful.push_back(
          doubtful_record(options_.doubtful[chosen_doubtful_[slot]], cards_[slot]));
    }
    write_index(gallery_, categories_, options_.output / "index.html");
  }

  const Dataset& dataset_;
  const ViewOptions& options_;
  CategoryTable categories_;
  InstancesByImage by_image_;
  PictureSource source_;
  std::vector<Work> work_;
  std::vector<ImageStatus> statuses_;         // by page index
  std::vector<std::size_t> chosen_doubtful_;  // indexes in options_.doubtful
  std::vector<DoubtfulCard> cards_;           // for each chosen one
  Gallery gallery_;
  ViewSummary summary_;
};

}  // namespace

ViewSummary write_gallery(const Dataset& dataset,
                          const ViewOptions& options,
                          const ViewProgress& progress) {
  try {
    prepare_output(options);
  } catch (const fs::filesystem_error& error) {
    throw Error(Errc::kIo, {.file = options.output.string()}, error.code().message());
  }
  return ViewJob(dataset, options).run(progress);
}

}  // namespace labelloom::apps
