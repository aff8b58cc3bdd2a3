#pragma once

// What ranking needs of a pool: a few numbers an image, all in memory.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/dataset.h"
#include "select/boxmask_combine.h"
#include "select/score_pool.h"

namespace labelloom::select {

/// How often a class is predicted in an image.
struct ClassCount {
  int class_index = 0;
  std::uint32_t boxes = 0;
};

struct PoolImage {
  std::string key;
  /// What it was made from: raw and augmented pictures of one source share it.
  std::string source;
  /// The source's name as far as the pool knows it: frame numbers are taken from it.
  std::string source_name;
  std::uint32_t boxes = 0;
  std::vector<ClassCount> classes = {};  ///< that are predicted, ascending
  bool labelled = false;                 ///< or made from what is labelled
  bool readable = true;                  ///< see ScoreRow::readable
  // BoxMask's terms of the image and of the box that is blamed; see ImageTerms.
  TermPair terms = {};
  int blamed_box = -1;
  int blamed_class = -1;
  BoxTerms blamed = {};

  /// Whether it can be chosen.
  [[nodiscard]] bool open() const { return readable && !labelled; }
};

/// What of the rows is to be kept.
struct TableOptions {
  CombineOptions combine = {};
  bool boxmask = false;                   ///< wanted if rows have it
  std::vector<std::string> vectors = {};  ///< names of ScoreRow::vectors
  /// Whether images of a labelled one's source count as labelled: annotators are spared variants of
  /// what they know. Where every image has its own labels, they do not.
  bool by_source = true;
};

/// The vectors of one name: rows of equal length; images without one, or with numbers that are not
/// finite, have none.
struct VectorColumn {
  std::size_t length = 0;
  std::vector<float> values;        ///< [images * length], zeros where there is none
  std::vector<std::uint8_t> there;  ///< [images]
  [[nodiscard]] const float* row(std::size_t image) const { return values.data() + image * length; }
};

struct PoolTable {
  std::vector<PoolImage> images;  ///< by key
  std::vector<ScoreClass> classes;
  bool has_boxmask = false;
  /// [images] each; NaN where an image has none.
  std::map<std::string, std::vector<double>, std::less<>> columns;
  std::map<std::string, VectorColumn, std::less<>> vectors;
  /// Mean number of boxes of each class in a labelled image, [K]; zeros without labelled ones.
  std::vector<double> labelled_counts;
  std::size_t labelled_images = 0;                 ///< that there are, whether in `images` or not
  std::vector<std::string> labelled_source_names;  ///< of these, where they are known
};

/// Reads all rows once. `labelled`: images in it are marked, and pictures with the same source, see
/// TableOptions::by_source.
/// @throws Error(kInvalidData) if vectors of one name differ in length, or some images have BoxMask
/// and others not.
[[nodiscard]] PoolTable read_table(const ScorePool& pool,
                                   const TableOptions& options,
                                   const Dataset* labelled = nullptr);

}  // namespace labelloom::select
