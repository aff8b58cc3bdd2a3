#include "augment/sources.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include "augment/decode.h"
#include "augment/mask_window.h"
#include "augment/resample.h"
#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::augment {
namespace {

std::string size_text(Size size) { return fmt::format("{} x {}", size.width, size.height); }

}  // namespace

std::filesystem::path ImageFinder::find(const std::string& name) {
  const std::filesystem::path relative = safe_relative_path(name);
  std::error_code ignored;
  if (std::filesystem::is_regular_file(folder_ / relative, ignored)) return folder_ / relative;
  std::call_once(listed_, [this] { list(); });
  const ImageFolder::Found found = files_->find(name);
  const auto fail = [&](const char* why) {
    throw Error(Errc::kIo, {.file = (folder_ / relative).string()}, why);
  };
  if (found.match == ImageFolder::Match::kSeveral) fail("several files have this name");
  if (found.match == ImageFolder::Match::kNone || names_.contains(found.relative)) {
    fail("no such file");
  }
  return files_->path(found.relative);
}

void ImageFinder::list() {
  files_ = std::make_unique<ImageFolder>(folder_);
  for (const Image& image : images_) names_.insert(image.file_name);
}

std::string size_mismatch(Size file, Size annotated) {
  std::string text = fmt::format(
      "the file is {}, its annotations are for {}", size_text(file), size_text(annotated));
  if (file.width == annotated.height && file.height == annotated.width) {
    text += " (turned by 90 degrees: was the EXIF orientation lost or ignored?)";
  }
  return text;
}

Instance scaled(const Instance& instance, Size from, Size to) {
  const double x = static_cast<double>(to.width) / from.width;
  const double y = static_cast<double>(to.height) / from.height;
  Instance result = instance;
  for (Point2d& point : result.rings.points()) point = {point.x * x, point.y * y};
  for (Keypoint& keypoint : result.keypoints) {
    if (keypoint.visibility != Visibility::kAbsent) {
      keypoint.point = {keypoint.point.x * x, keypoint.point.y * y};
    }
  }
  const Box& box = instance.bbox;
  result.bbox = {box.x * x, box.y * y, box.width * x, box.height * y};
  result.area = instance.area * x * y;
  if (const Rle* mask = instance.mask(); mask != nullptr && mask->size == from) {
    const Resample step{scaling(1 / x, 1 / y), from, to, {}, {}};
    result.extra->mask = mask_runs(resample_mask(mask_window(*mask), step));
  }
  return result;
}

struct Sources::Reduced {
  std::deque<Instance> instances;
  std::vector<const Instance*> pointers;
};

Sources::Sources(const Dataset& dataset, std::filesystem::path folder, int max_side)
    : dataset_(dataset),
      finder_(std::move(folder), dataset.images),
      max_side_(max_side),
      by_image_(dataset) {
  starts_.push_back(0);
  pointers_.reserve(dataset.instances.size());
  for (std::size_t i = 0; i < dataset.images.size(); ++i) {
    for (const std::uint32_t index : by_image_[i]) pointers_.push_back(&dataset.instances[index]);
    starts_.push_back(pointers_.size());
  }
}

Sources::~Sources() = default;

std::filesystem::path Sources::file(std::size_t index) {
  return finder_.find(image(index).file_name);
}

Size Sources::size(std::size_t index) const { return reduced_size(image(index).size, max_side_); }

std::span<const Instance* const> Sources::instances(std::size_t index) {
  if (size(index) != image(index).size) return reduced_instances(index).pointers;
  return std::span(pointers_).subspan(starts_[index], starts_[index + 1] - starts_[index]);
}

const Sources::Reduced& Sources::reduced_instances(std::size_t index) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = reduced_.find(index);
    if (found != reduced_.end()) return *found->second;
  }
  auto made = std::make_unique<Reduced>();
  for (const std::uint32_t i : by_image_[index]) {
    made->instances.push_back(scaled(dataset_.instances[i], image(index).size, size(index)));
    made->pointers.push_back(&made->instances.back());
  }
  const std::lock_guard lock(mutex_);
  return *reduced_.try_emplace(index, std::move(made)).first->second;
}

SourceImage Sources::load(std::size_t index) {
  SourceImage source;
  source.index = index;
  source.file = file(index);
  const DecodedImage decoded = decode_image(source.file, max_side_);
  const Size annotated = image(index).size;
  if (decoded.full != annotated) {
    throw Error(
        Errc::kInvalidData, {.file = source.file.string()}, size_mismatch(decoded.full, annotated));
  }
  source.pixels = reduced(decoded.pixels, size(index));
  source.is_reduced = size(index) != annotated;
  source.instances = instances(index);
  return source;
}

void Sources::check(std::size_t index) {
  const std::filesystem::path path = file(index);
  const Size found = read_image_size(path);
  if (found == image(index).size) return;
  throw Error(Errc::kInvalidData, {.file = path.string()}, size_mismatch(found, image(index).size));
}

std::shared_ptr<const SourceImage> SourceCache::get(std::size_t index) {
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Entry>& slot = entries_[index];
    if (slot) {
      order_.splice(order_.begin(), order_, slot->place);
    } else {
      slot = std::make_shared<Entry>();
      slot->place = order_.insert(order_.begin(), index);
    }
    entry = slot;
  }
  const std::lock_guard decoding(entry->mutex);
  if (entry->image) return entry->image;
  try {
    entry->image = std::make_shared<const SourceImage>(sources_.load(index));
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (is_listed(index, entry)) {
      order_.erase(entry->place);
      entries_.erase(index);
    }
    throw;
  }
  const std::lock_guard lock(mutex_);
  if (is_listed(index, entry)) {
    entry->bytes = entry->image->pixels.total() * entry->image->pixels.elemSize();
    bytes_ += entry->bytes;
    evict();
  }
  return entry->image;
}

bool SourceCache::is_listed(std::size_t index, const std::shared_ptr<Entry>& entry) const {
  const auto found = entries_.find(index);
  return found != entries_.end() && found->second == entry;
}

void SourceCache::evict() {
  constexpr std::size_t kAlwaysKept = 2;
  while (bytes_ > capacity_ && order_.size() > kAlwaysKept) {
    const auto last = entries_.find(order_.back());
    bytes_ -= last->second->bytes;
    entries_.erase(last);
    order_.pop_back();
  }
}

SetDonors::SetDonors(Sources& sources, SourceCache& cache) : sources_(sources), cache_(cache) {
  std::vector<char> is_usable(sources.count(), 0);
  tbb::parallel_for(std::size_t{0}, sources.count(), [&](std::size_t i) {
    try {
      sources.check(i);
      is_usable[i] = 1;
    } catch (const Error&) {
      // The job says so when it comes to this image.
    }
  });
  for (std::size_t i = 0; i < is_usable.size(); ++i) {
    if (is_usable[i] != 0) usable_.push_back(i);
  }
}

Size SetDonors::size(std::size_t index) const { return sources_.size(usable_[index]); }

std::span<const Instance* const> SetDonors::instances(std::size_t index) const {
  return sources_.instances(usable_[index]);
}

cv::Mat SetDonors::pixels(std::size_t index) const {
  try {
    return cache_.get(usable_[index])->pixels;
  } catch (const Error& error) {
    throw DonorError(error.code(), error.where(), error.message());
  }
}

}  // namespace labelloom::augment
