#pragma once

// Back to the annotators: tasks for Label Studio with the model's predictions, which annotators
// accept or correct.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "select/score_row.h"

namespace labelloom::select {

/// How objects are drawn. A task with both makes two regions of an object: `labelloom convert`
/// then reads two instances.
enum class ObjectShapes : std::uint8_t {
  kPolygons,  ///< the outline of the object's mask; a rectangle where there is none
  kBoxes,
  kBoth,
};

struct TaskOptions {
  /// The address of an image: every "{path}" becomes its name, percent-encoded.
  std::string image_url = "/data/local-files/?d={path}";
  ObjectShapes shapes = ObjectShapes::kPolygons;
  bool brushes = true;          ///< masks of the segmentation's classes that boxes do not have
  double keypoint_score = 0.1;  ///< key points below it are left out
  std::string batch;            ///< name of the batch, goes into every task's data
  std::size_t max_file_bytes = std::size_t{50} << 20U;  ///< what Label Studio imports at once
  std::size_t max_file_tasks = 250000;
};

/// What is said of an image beside its predictions.
struct TaskNote {
  std::size_t rank = 1;   ///< 1: the first to be labelled
  std::size_t count = 1;  ///< of the batch
  double score = 0;
  std::string reason;
  std::string strategy;
};

/// The address of an image. @throws Error(kArgument) for a template without "{path}".
[[nodiscard]] std::string image_address(std::string_view url_template, std::string_view key);

/// One task as JSON. The prediction's score is (rank - 1) / (count - 1): Label Studio takes the
/// lowest first. What made it, and its true score, are in the task's data.
[[nodiscard]] std::string task_text(const ScoreRow& row,
                                    const ScoreHeader& header,
                                    const TaskNote& note,
                                    const TaskOptions& options);

/// The labelling interface that tasks fit.
[[nodiscard]] std::string task_config(const ScoreHeader& header, const TaskOptions& options);

/// tasks.json, or tasks-1.json, tasks-2.json, ... of what Label Studio imports at once.
class TaskFiles {
 public:
  TaskFiles(std::filesystem::path folder, const TaskOptions& options);
  void add(std::string_view task);
  /// Writes what is left; files of an earlier batch that would be taken for parts of this one are
  /// removed. Returns the files' names.
  std::vector<std::string> finish();

 private:
  void flush(const std::string& name);
  std::filesystem::path folder_;
  TaskOptions options_;
  std::string text_;  // of the file that is not full yet
  std::size_t tasks_ = 0;
  std::vector<std::string> files_;
};

}  // namespace labelloom::select
