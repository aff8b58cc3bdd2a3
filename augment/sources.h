#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <opencv2/core.hpp>

#include "augment/donors.h"
#include "formats/dataset.h"
#include "formats/error.h"
#include "formats/image_folder.h"

namespace labelloom::augment {

/// Finds a data set's image files. Threads may share one.
class ImageFinder {
 public:
  /// The images must outlive this.
  ImageFinder(std::filesystem::path folder, const std::deque<Image>& images)
      : folder_(std::move(folder)), images_(images) {}

  /// The file of that name in the folder, else the only one below it whose path ends like it and is
  /// not another image's.
  /// @throws Error(kIo) when there is none or several, Error(kInvalidData) for names that leave the
  /// folder.
  [[nodiscard]] std::filesystem::path find(const std::string& name);

 private:
  void list();

  std::filesystem::path folder_;
  const std::deque<Image>& images_;
  std::once_flag listed_;
  // Made when a name is not found as it is.
  std::unique_ptr<ImageFolder> files_;
  std::unordered_set<std::string_view> names_;  // of all images
};

/// An image of the set as transforms get it.
struct SourceImage {
  std::size_t index = 0;  ///< in the data set
  std::filesystem::path file;
  cv::Mat pixels;                              ///< 8-bit BGR, no side longer than the job's limit
  bool is_reduced = false;                     ///< smaller than the file's picture
  std::span<const Instance* const> instances;  ///< in the coordinates of `pixels`
};

/// The images of a data set with their instances. Threads may share one.
class Sources {
 public:
  /// `max_side`: pictures are reduced to it; 0: they are not. The data set must outlive this.
  Sources(const Dataset& dataset, std::filesystem::path folder, int max_side);
  ~Sources();
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  [[nodiscard]] std::size_t count() const { return dataset_.images.size(); }
  [[nodiscard]] const Image& image(std::size_t index) const { return dataset_.images[index]; }
  [[nodiscard]] std::filesystem::path file(std::size_t index);
  /// As `load` gives it.
  [[nodiscard]] Size size(std::size_t index) const;
  [[nodiscard]] std::span<const Instance* const> instances(std::size_t index);
  /// Decodes the image. @throws Error when it cannot be used, naming the file: missing, damaged,
  /// too large, of another size than its annotations are for.
  [[nodiscard]] SourceImage load(std::size_t index);
  /// The same as far as the file's header says. @throws Error.
  void check(std::size_t index);

 private:
  struct Reduced;  // the instances of a reduced image
  const Reduced& reduced_instances(std::size_t index);

  const Dataset& dataset_;
  ImageFinder finder_;
  int max_side_;
  InstancesByImage by_image_;
  std::vector<const Instance*> pointers_;  // of all images, one image after the other
  std::vector<std::size_t> starts_;        // [images + 1], in pointers_
  std::mutex mutex_;
  std::unordered_map<std::size_t, std::unique_ptr<const Reduced>> reduced_;
};

/// An instance in a picture that was scaled: everything follows, nothing is cut.
[[nodiscard]] Instance scaled(const Instance& instance, Size from, Size to);

/// Why a file cannot stand for an annotated picture: its size is another.
[[nodiscard]] std::string size_mismatch(Size file, Size annotated);

/// Decoded images that are wanted again soon: those used last, within a number of bytes. An image
/// is decoded once, however many threads wait for it.
class SourceCache {
 public:
  SourceCache(Sources& sources, std::size_t capacity) : sources_(sources), capacity_(capacity) {}

  /// @throws what Sources::load throws.
  [[nodiscard]] std::shared_ptr<const SourceImage> get(std::size_t index);

 private:
  struct Entry {
    std::mutex mutex;
    std::shared_ptr<const SourceImage> image;  // guarded by mutex
    std::size_t bytes = 0;                     // guarded by the cache's mutex, like all else
    std::list<std::size_t>::iterator place;
  };

  bool is_listed(std::size_t index, const std::shared_ptr<Entry>& entry) const;
  void evict();

  Sources& sources_;
  std::size_t capacity_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::list<std::size_t> order_;  // the latest first
  std::unordered_map<std::size_t, std::shared_ptr<Entry>> entries_;
};

/// That a variant needs another image that cannot be decoded.
class DonorError : public Error {
 public:
  using Error::Error;
};

/// The usable images of a set as donors.
class SetDonors : public Donors {
 public:
  /// Looks at every image's header and leaves out what cannot be used.
  SetDonors(Sources& sources, SourceCache& cache);

  [[nodiscard]] std::size_t count() const override { return usable_.size(); }
  [[nodiscard]] Size size(std::size_t index) const override;
  [[nodiscard]] std::span<const Instance* const> instances(std::size_t index) const override;
  /// @throws DonorError.
  [[nodiscard]] cv::Mat pixels(std::size_t index) const override;

 private:
  Sources& sources_;
  SourceCache& cache_;
  std::vector<std::size_t> usable_;
};

}  // namespace labelloom::augment
