#pragma once

// One record of a Label Studio export (a row of JSON-min, a task of the full JSON) turned into
// annotations whose geometry is in pixels already.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "formats/image_folder.h"
#include "formats/json_records.h"
#include "formats/label_studio.h"
#include "formats/label_studio_region.h"

namespace labelloom::label_studio {

/// Names in order of first appearance.
class NameTable {
 public:
  std::uint32_t index(std::string_view name);
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  struct Hash : std::hash<std::string_view> {
    // NOLINTNEXTLINE(readability-identifier-naming): of the standard; to look up makes no string
    using is_transparent = void;
  };
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> indexes_;
};

/// An image a task names, looked up in the folder if there is one.
struct ImageRef {
  std::string url;
  std::string found;  ///< path below the folder; empty when not found or no folder
  std::string name;   ///< else its likeliest file name; empty when the address names no file
  std::optional<Size> file_size;
};

/// Elements [first, first + count) of a list.
struct Range {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// One annotation of one task.
struct Annotation {
  std::string task_key;       ///< task id, else the image's address
  JsonMembers task_id;        ///< `"task_id":7` or empty
  std::string annotator;      ///< e-mail, else id; empty when unknown
  std::string annotator_id;   ///< id; empty when unknown
  std::string date;           ///< ISO or epoch; sorts as text
  bool newest_first = false;  ///< how the file orders annotations of equal date
  bool cancelled = false;
  bool unannotated = false;     ///< a task nobody has worked on
  bool several_images = false;  ///< its regions are of no single one
  ImageRef image;
  Size size;                                                    ///< zero when unknown
  Range instances;                                              ///< of Annotations::instances
  Range keypoints;                                              ///< of Annotations::keypoints
  std::array<std::uint32_t, 11> regions{};                      ///< by RegionKind
  std::vector<std::pair<const char*, std::uint32_t>> left_out;  ///< reason, count
  std::uint32_t relations = 0;
};

/// What records become. The instances and key points of all annotations lie one after the other, as
/// in the data set they go to; some may be of no annotation (of a record that was left out).
struct Annotations {
  std::vector<Annotation> list;
  /// id: 1 + index in the annotation; category_id: index in the label table
  std::vector<Instance> instances;
  std::vector<LooseKeypoint> keypoints;  ///< owner_id: an id of the same annotation
};

/// Where the parts of an annotation go.
struct RegionSink {
  Annotation& annotation;
  std::vector<Instance>& instances;
  std::vector<LooseKeypoint>& keypoints;
  NameTable& labels;
  NameTable& keypoint_labels;
  Report& report;
  bool skip_bad = false;
};

/// Converts records one after the other; one converter a thread.
class RecordConverter {
 public:
  RecordConverter(const LabelStudioOptions& options, Report& report)
      : options_(options), report_(report) {}

  /// Appends the record's annotations. @throws Error with the path inside the record.
  void convert(const json::Record& record, Annotations& out);

  [[nodiscard]] const NameTable& labels() const { return labels_; }
  [[nodiscard]] const NameTable& keypoint_labels() const { return keypoint_labels_; }
  [[nodiscard]] std::uint64_t predictions() const { return predictions_; }

 private:
  void convert_task(json::Value task, Annotations& out);
  void convert_row(json::Value row, Annotations& out);
  void convert_result(json::Value value,
                      std::string_view prefix,
                      Annotation& annotation,
                      Annotations& out);
  RegionSink sink(Annotation& annotation, Annotations& out);
  /// Member of the data that names the image, as far as options or config say it.
  [[nodiscard]] std::string_view image_key() const;
  /// The name of that image's tag where the config has several; empty when it is unknown.
  [[nodiscard]] std::string_view image_tag() const;
  /// What looks most like the image's address. `several`: some member lists images.
  json::Value image_by_look(json::Value data, bool& several);
  /// Fills the annotation's image; false when the task shows no single image.
  bool find_image(json::Value data, Annotation& annotation);
  ImageRef look_up(std::string_view url);

  const LabelStudioOptions& options_;
  Report& report_;
  NameTable labels_;
  NameTable keypoint_labels_;
  std::uint64_t predictions_ = 0;
  ImageRef last_image_;
  std::vector<Region> regions_;  // of one record; kept for its memory
};

/// Two regions of an annotation that a relation joins, by id.
struct Relation {
  std::string_view from;
  std::string_view to;
};

/// Appends an annotation's regions as instances and key points. Regions that become neither are
/// counted with their reason. Without an image (`has_image` false) all are only counted.
void add_regions(const std::vector<Region>& regions,
                 const std::vector<Relation>& relations,
                 bool has_image,
                 const RegionSink& sink);

/// Joins the results of one region: in JSON-min the shape of a shape tag and the labels of a Labels
/// tag have equal geometry, in the full JSON equal ids. What is joined is erased.
void join_partners(std::vector<Region>& regions);

}  // namespace labelloom::label_studio
