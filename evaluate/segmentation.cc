#include "evaluate/segmentation.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>

#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include "formats/error.h"

namespace labelloom::evaluate {
namespace {

namespace fs = std::filesystem;

/// The PNGs below a folder, as sorted relative paths.
std::vector<fs::path> pngs_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code code;
  fs::recursive_directory_iterator at(folder, code);
  for (; !code && at != fs::recursive_directory_iterator(); at.increment(code)) {
    std::string extension = at->path().extension().string();
    std::ranges::transform(
        extension, extension.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    std::error_code ignored;
    if (extension == ".png" && at->is_regular_file(ignored)) {
      files.push_back(at->path().lexically_relative(folder));
    }
  }
  if (code) throw Error(Errc::kIo, {.file = folder.string()}, "cannot be read: " + code.message());
  if (files.empty()) {
    throw Error(Errc::kInvalidData, {.file = folder.string()}, "there are no PNG files in it");
  }
  std::ranges::sort(files);
  return files;
}

void add_pair(ConfusionMatrix& matrix, const fs::path& truth, const fs::path& predicted) {
  std::error_code code;
  if (!fs::exists(predicted, code)) {
    throw Error(Errc::kIo,
                {.file = predicted.string()},
                "is missing; there is a label map of that name in the ground truth");
  }
  const LabelMap wanted = read_label_map(truth);
  const LabelMap found = read_label_map(predicted);
  if (wanted.size != found.size) {
    throw Error(Errc::kInvalidData,
                {.file = predicted.string()},
                fmt::format("the label map is {} x {}, its ground truth is {} x {}",
                            found.size.width,
                            found.size.height,
                            wanted.size.width,
                            wanted.size.height));
  }
  matrix.add(wanted.values, found.values);
}

}  // namespace

void ConfusionMatrix::add(std::span<const std::uint8_t> truth,
                          std::span<const std::uint8_t> predicted) {
  if (truth.size() != predicted.size()) {
    throw Error(Errc::kArgument,
                {},
                fmt::format("{} pixels of truth, {} predicted", truth.size(), predicted.size()));
  }
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++counts_[truth[i] * kClasses + predicted[i]];
  }
  if (ignore_) {  // counted like the others, which is faster than to look at each pixel
    std::fill_n(counts_.begin() + static_cast<std::ptrdiff_t>(*ignore_ * kClasses), kClasses, 0U);
  }
}

void ConfusionMatrix::add(const ConfusionMatrix& other) {
  std::ranges::transform(counts_, other.counts_, counts_.begin(), std::plus<>{});
}

SegmentationScores segmentation_scores(const ConfusionMatrix& matrix,
                                       const SegmentationOptions& options) {
  SegmentationScores scores;
  std::uint64_t right = 0;
  std::uint64_t all = 0;
  double sum = 0;
  std::size_t counted = 0;
  for (std::size_t c = 0; c < ConfusionMatrix::kClasses; ++c) {
    ClassIou row{.label = static_cast<std::uint8_t>(c)};
    for (std::size_t other = 0; other < ConfusionMatrix::kClasses; ++other) {
      row.truth += matrix.count(c, other);
      row.predicted += matrix.count(other, c);
    }
    const std::uint64_t same = matrix.count(c, c);
    right += same;
    all += row.truth;
    const std::uint64_t either = row.truth + row.predicted - same;
    if (either == 0) continue;
    row.iou = static_cast<double>(same) / static_cast<double>(either);
    scores.classes.push_back(row);
    if (row.truth == 0 || std::ranges::find(options.excluded, row.label) != options.excluded.end())
      continue;
    sum += row.iou;
    ++counted;
  }
  if (counted > 0) scores.mean_iou = sum / static_cast<double>(counted);
  if (all > 0) scores.pixel_accuracy = static_cast<double>(right) / static_cast<double>(all);
  return scores;
}

SegmentationScores evaluate_folders(const fs::path& truth,
                                    const fs::path& predicted,
                                    const SegmentationOptions& options) {
  const std::vector<fs::path> files = pngs_below(truth);
  const ConfusionMatrix empty(options.ignore);
  tbb::enumerable_thread_specific<ConfusionMatrix> matrices(empty);
  std::atomic<std::size_t> done = 0;
  std::mutex telling;
  tbb::parallel_for(std::size_t{0}, files.size(), [&](std::size_t i) {
    add_pair(matrices.local(), truth / files[i], predicted / files[i]);
    const std::size_t so_far = ++done;
    if (options.progress) {
      const std::scoped_lock lock(telling);
      options.progress(so_far, files.size());
    }
  });
  ConfusionMatrix all(options.ignore);
  for (const ConfusionMatrix& matrix : matrices) all.add(matrix);
  SegmentationScores scores = segmentation_scores(all, options);
  scores.images = files.size();
  return scores;
}

}  // namespace labelloom::evaluate
