#pragma once

// What is known of one image of the pool once it is scored: every raw component, and the
// predictions that later steps show and send back to annotators. Scores are combined, ranked and
// batched over these rows, without model or pixels.
//
// Points, boxes and placements are in pixels of the image file (continuous, formats/geometry.h), no
// matter how the picture was stretched or padded for the network.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/geometry.h"
#include "select/boxmask.h"

namespace labelloom::select {

/// Names of ScoreRow::scores that strategies look for. A task that the model has not is left out.
/// Higher: label first, if nothing else is said. NaN is kept, and the image comes last.
namespace column {
inline constexpr std::string_view kEntropySegmentation = "entropy.seg";  ///< mean over the cells
inline constexpr std::string_view kEntropyBoxes = "entropy.det";         ///< greatest of the boxes
inline constexpr std::string_view kMarginSegmentation = "margin.seg";    ///< 1 - (p_1 - p_2)
inline constexpr std::string_view kMarginBoxes = "margin.det";
inline constexpr std::string_view kLeastConfidenceSegmentation = "least_confidence.seg";  ///< 1-p_1
inline constexpr std::string_view kLeastConfidenceBoxes = "least_confidence.det";
inline constexpr std::string_view kCald = "cald";  ///< M(x) of CALD; LOWER: label first
inline constexpr std::string_view kEqualKl = "equal.kl";
inline constexpr std::string_view kEqualEntropy = "equal.entropy";
/// Predicted losses are "ll4al." and the task's name: all of them are added.
inline constexpr std::string_view kLossPrefix = "ll4al.";
inline constexpr std::string_view kLossBoxes = "ll4al.det";
inline constexpr std::string_view kLossSegmentation = "ll4al.seg";
inline constexpr std::string_view kLossKeypoints = "ll4al.kp";
}  // namespace column

/// Names of ScoreRow::vectors that strategies look for.
namespace vector_column {
inline constexpr std::string_view kEmbedding = "embedding";  ///< [D]
/// [C * C] row c: entropy-weighted mean distribution of the cells labelled c; zeros without any.
inline constexpr std::string_view kCdalSegmentation = "cdal.seg";
inline constexpr std::string_view kCdalBoxes = "cdal.det";  ///< [K] of the boxes; zeros without any
/// [K] greatest score of each class, averaged over the picture and its augmented views.
inline constexpr std::string_view kCaldClasses = "cald.classes";
}  // namespace vector_column

/// A set of cells of a grid: numbers of cells left out and cells taken, alternating, row by row,
/// beginning with those left out (maybe 0) and ending with those taken. Empty: no cell.
using CellRuns = std::vector<std::uint32_t>;

/// Runs of the cells whose byte is not 0. `row_major`: [rows * columns].
[[nodiscard]] CellRuns cell_runs(const std::vector<std::uint8_t>& row_major);
/// [count] 0 or 1. @throws Error(kInvalidData) if the runs are longer than that.
[[nodiscard]] std::vector<std::uint8_t> cells_of(const CellRuns& runs, std::size_t count);
/// How many cells are taken.
[[nodiscard]] std::uint64_t cell_count(const CellRuns& runs);

/// How the cells of the logits lie over the picture: cell (column c, row r) covers the pixels
/// [origin.x + c cell_width, origin.x + (c + 1) cell_width) x the same for rows.
struct Grid2d {
  int columns = 0;
  int rows = 0;
  Point2d origin = {};
  double cell_width = 4;
  double cell_height = 4;
  [[nodiscard]] std::size_t cells() const {
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
  }
  friend bool operator==(const Grid2d&, const Grid2d&) = default;
};

/// A run of cells with one label.
struct LabelRun {
  static constexpr int kNoLabel = -1;  ///< padding, ignored
  int label = kNoLabel;                ///< index in ScoreHeader::seg_classes
  std::uint32_t cells = 0;
  friend bool operator==(const LabelRun&, const LabelRun&) = default;
};

/// The label of every cell, row by row; the runs' sum is the number of cells.
[[nodiscard]] std::vector<LabelRun> label_runs(const std::vector<int>& row_major);

/// What the segmentation says.
struct PredictedSegmentation {
  Grid2d grid;
  std::vector<LabelRun> labels;
  CellRuns detectable_outside;  ///< what S_seg blames: in no BoxMask, labelled as boxes can be
  friend bool operator==(const PredictedSegmentation&, const PredictedSegmentation&) = default;
};

struct PredictedKeypoint {
  int slot = 0;  ///< index in the category's key points, see ScoreClass
  Point2d point;
  double score = 0;
  friend bool operator==(const PredictedKeypoint&, const PredictedKeypoint&) = default;
};

struct PredictedBox {
  Box box;
  int class_index = 0;  ///< in ScoreHeader::classes
  double score = 0;
  std::vector<float> class_probabilities;  ///< [K], or empty
  std::vector<PredictedKeypoint> keypoints;
  // On the grid of the image's segmentation; empty where there is none.
  CellRuns mask;         ///< the BoxMask
  CellRuns mislabelled;  ///< what S_loc blames: in the BoxMask (or, if that is empty, in the box),
                         ///< labelled otherwise than the box
  CellRuns divergent;    ///< what S_cls blames: the same cells' divergence is among the greatest
  friend bool operator==(const PredictedBox&, const PredictedBox&) = default;
};

/// One image of the pool.
struct ScoreRow {
  std::string key;  ///< its file name, with forward slashes; no two images of a pool share it
  Size size;        ///< 0 x 0: the picture cannot be read, and nothing is known of it
  /// From the pool's COCO file, when it is one (see `augment` for the last three).
  std::optional<std::int64_t> image_id = {};
  std::optional<std::int64_t> source_image_id = {};
  std::string source_file_name = {};
  std::optional<std::int64_t> variant = {};

  std::map<std::string, double, std::less<>> scores = {};
  std::map<std::string, std::vector<float>, std::less<>> vectors = {};
  /// Boxes in the order of `boxes`. The union mask is not kept.
  std::optional<ImageComponents> boxmask = {};
  std::vector<PredictedBox> boxes = {};
  std::optional<PredictedSegmentation> segmentation = {};

  [[nodiscard]] bool readable() const { return size != Size(); }
};

/// A class of boxes.
struct ScoreClass {
  std::string name;
  std::vector<std::string> keypoints = {};  ///< names of its slots
  int seg_class = -1;                       ///< its class among ScoreHeader::seg_classes, or -1
  friend bool operator==(const ScoreClass&, const ScoreClass&) = default;
};

/// What all rows of a pool have in common. Files whose headers differ in more than the shard and
/// the model's name do not belong together.
struct ScoreHeader {
  std::string config;      ///< hash of all options that scores depend on
  std::string model;       ///< fingerprint of the model's file
  std::string model_name;  ///< for people and Label Studio's `model_version`, e.g. "mtnet-s@a1b2c3"
  std::string pool;        ///< pool_hash() of the whole pool, not of a shard
  std::uint64_t images = 0;  ///< in the whole pool
  int shard = 0;             ///< 0-based
  int shards = 1;
  double epsilon = 1e-4;          ///< ScoringOptions::epsilon, if there is BoxMask
  std::string combine = "paper";  ///< of kCombinePresets: how terms are combined if nobody says
  std::vector<ScoreClass> classes = {};       ///< [K]
  std::vector<std::string> seg_classes = {};  ///< [C]
  friend bool operator==(const ScoreHeader&, const ScoreHeader&) = default;
};

/// The same 64 bits on every machine (FNV-1a, then SplitMix64's finaliser with the seed).
[[nodiscard]] std::uint64_t hash64(std::string_view key, std::uint64_t seed = 0);
/// hash64(key) mod shards.
[[nodiscard]] int shard_of(std::string_view key, int shards);
/// 16 hexadecimal digits that depend on which keys there are and not on their order.
[[nodiscard]] std::string pool_hash(const std::vector<std::string>& keys);

/// A row as one line of JSON, without the line break: keys in a fixed order, shortest numbers that
/// read back to the same double, vectors as base64 of little-endian float32. The same row gives the
/// same bytes. @throws Error(kInvalidData) for a row that read_row would refuse.
[[nodiscard]] std::string row_text(const ScoreRow& row, const ScoreHeader& header);

/// @throws Error(kParse) for what is no JSON, Error(kInvalidData) naming the first member that is
/// missing, of a wrong kind or out of range: classes, slots, run lengths, sizes.
[[nodiscard]] ScoreRow read_row(std::string_view text, const ScoreHeader& header);

/// The same for the header.
[[nodiscard]] std::string header_text(const ScoreHeader& header);
[[nodiscard]] ScoreHeader read_header(std::string_view text);

}  // namespace labelloom::select
