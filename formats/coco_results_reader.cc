#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "formats/coco_results.h"
#include "formats/coco_values.h"
#include "formats/file_io.h"
#include "formats/json_records.h"

namespace labelloom {
namespace {

using coco::at;
using coco::fail;
using json::Kind;
using json::Record;
using json::RecordPlace;
using json::Value;

/// Which members a record had.
struct Stated {
  bool box = false;
  bool region = false;
  bool keypoints = false;
};

[[noreturn]] void fail_not_a_list() {
  throw Error(Errc::kUnexpectedFormat,
              {},
              "expected a list of results, got an object; is this a file of annotations?");
}

std::vector<DetectedKeypoint> read_detected_keypoints(const Value& value) {
  json::expect_array(value, at("keypoints"));
  if (value.size() % 3 != 0) {
    fail("keypoints",
         fmt::format("expected x, y, confidence for each, got {} numbers", value.size()));
  }
  std::vector<DetectedKeypoint> keypoints(value.size() / 3);
  value.for_each_element([&](std::size_t i, const Value& v) {
    DetectedKeypoint& k = keypoints[i / 3];
    const double number = i % 3 == 2 ? json::expect_number(v, at("keypoints", i))
                                     : coco::read_coordinate(v, "keypoints", i);
    (i % 3 == 0 ? k.point.x : i % 3 == 1 ? k.point.y : k.confidence) = number;
  });
  return keypoints;
}

/// Collects the records of one part of a file.
class ResultsHandler final : public json::RecordHandler {
 public:
  void section(std::string_view /*name*/) override { fail_not_a_list(); }
  void record(const Record& record, const RecordPlace& place) override;
  void append(ResultsHandler&& next) {
    std::ranges::move(next.results.detections, std::back_inserter(results.detections));
    results.offsets.insert(
        results.offsets.end(), next.results.offsets.begin(), next.results.offsets.end());
    stated.insert(stated.end(), next.stated.begin(), next.stated.end());
  }

  CocoResults results;
  std::vector<Stated> stated;
};

void ResultsHandler::record(const Record& record, const RecordPlace& place) {
  if (!place.section.empty()) fail_not_a_list();
  Detection detection;
  Stated has;
  bool has_image = false;
  bool has_category = false;
  bool has_score = false;
  json::expect_object(record.value(), at(""))
      .for_each_member([&](std::string_view key, const Value& v) {
        if (key == "image_id") {
          detection.image_id = json::expect_integer(v, at("image_id"));
          has_image = true;
        } else if (key == "category_id") {
          detection.category_id = json::expect_integer(v, at("category_id"));
          has_category = true;
        } else if (key == "score") {
          detection.score = json::expect_number(v, at("score"));
          has_score = true;
        } else if (key == "bbox") {
          has.box = !v.is(Kind::kArray) || v.size() != 0;
          if (has.box) detection.bbox = coco::read_box(v);
        } else if (key == "segmentation") {
          has.region = true;
          bool compressed = true;
          if (v.is(Kind::kObject)) {
            detection.mask = coco::read_mask(v, compressed);
          } else {
            detection.rings = coco::read_rings(json::expect_array(v, at("segmentation")));
            if (detection.rings.empty()) fail("segmentation", "is empty");
          }
        } else if (key == "keypoints") {
          has.keypoints = true;
          detection.keypoints = read_detected_keypoints(v);
          if (detection.keypoints.empty()) fail("keypoints", "is empty");
        }
      });
  if (!has_image) fail("image_id", "is missing");
  if (!has_category) fail("category_id", "is missing");
  if (!has_score) fail("score", "is missing; are these results?");
  results.detections.push_back(std::move(detection));
  results.offsets.push_back(place.offset);
  stated.push_back(has);
}

/// Puts the parts of a file together.
class Parts final : public json::PartsHandler {
 public:
  std::unique_ptr<ResultsHandler> all = std::make_unique<ResultsHandler>();

  std::unique_ptr<json::RecordHandler> make() override {
    return std::make_unique<ResultsHandler>();
  }
  void take(json::RecordHandler& part) override {
    all->append(std::move(static_cast<ResultsHandler&>(part)));
  }
  void start_again() override { all = std::make_unique<ResultsHandler>(); }
};

Box box_around(const std::vector<DetectedKeypoint>& keypoints) {
  std::vector<Point2d> points;
  points.reserve(keypoints.size());
  for (const DetectedKeypoint& k : keypoints) points.push_back(k.point);
  return extent(points);
}

/// What the first record lacks nobody asks the others for; what it has, they must have.
void complete(Detection& detection, const Stated& stated, const Stated& first) {
  const auto require = [](bool wanted, bool there, const char* member) {
    if (wanted && !there) fail(member, "is missing, and the first result has one");
  };
  require(first.box, stated.box, "bbox");
  require(!first.box && first.region, stated.region, "segmentation");
  // Objects of a category without key points have a box all the same.
  require(!first.box && first.keypoints, stated.keypoints, "keypoints");
  if (first.box) {
    detection.area = detection.bbox.area();
  } else if (first.region) {
    detection.area = detection.mask ? static_cast<double>(pixel_count(*detection.mask))
                                    : ring_area(detection.rings);
    if (!stated.box) {
      detection.bbox = detection.mask ? extent(*detection.mask) : extent(detection.rings.points());
    }
  } else if (first.keypoints) {
    detection.bbox = box_around(detection.keypoints);
    detection.area = detection.bbox.area();
  } else {
    fail("", "has neither bbox nor segmentation nor keypoints");
  }
}

void check_is_list(const InputFile& file) {
  const std::size_t first = file.text().find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first != std::string_view::npos && file.text()[first] == '{') fail_not_a_list();
}

/// Runs `work`; an Error without a file gets this one.
template <typename Work>
void in_file(const std::string& name, const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    Where where = error.where();
    if (where.file.empty()) where.file = name;
    throw Error(error.code(), where, error.message());
  }
}

}  // namespace

CocoResults read_coco_results(const std::filesystem::path& path,
                              const CocoResultsOptions& options) {
  const InputFile file(path);
  json::ReadOptions json_options;
  json_options.progress = options.progress;
  Parts parts;
  in_file(path.string(), [&] { check_is_list(file); });
  json::read_records_in_parts(file, path.string(), json_options, parts);
  CocoResults results = std::move(parts.all->results);
  const std::vector<Stated>& stated = parts.all->stated;
  if (stated.empty()) return results;
  const double shift = options.keypoint_origin == KeypointOrigin::kPixelCentre ? 0.5 : 0;
  for (std::size_t i = 0; i < stated.size(); ++i) {
    Detection& detection = results.detections[i];
    try {
      complete(detection, stated[i], stated.front());
    } catch (const Error& error) {
      const std::string& member = error.where().path;
      throw Error(error.code(),
                  {.file = path.string(),
                   .offset = results.offsets[i],
                   .path = fmt::format("[{}]{}{}", i, member.empty() ? "" : ".", member)},
                  error.message());
    }
    for (DetectedKeypoint& k : detection.keypoints) {
      k.point = {k.point.x + shift, k.point.y + shift};
    }
  }
  results.has_boxes = stated.front().box;
  // Where there are boxes, an object without a mask is its box.
  results.has_masks =
      stated.front().region || (stated.front().box && std::ranges::any_of(stated, &Stated::region));
  results.has_keypoints = std::ranges::any_of(stated, &Stated::keypoints);
  return results;
}

}  // namespace labelloom
