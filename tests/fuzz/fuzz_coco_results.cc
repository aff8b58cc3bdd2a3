// Any bytes: results come out, or an Error; what comes out can be written and read again, and held
// against a ground truth.

#include <cstdint>
#include <cstdlib>

#include "evaluate/coco_summary.h"
#include "formats/coco_results.h"
#include "tests/fuzz/fuzz_file.h"

namespace {

using namespace labelloom;  // NOLINT(google-build-using-namespace): a fuzz target

/// The images and categories of the results, and an object at every second detection.
Dataset truth_for(const CocoResults& results) {
  Dataset truth;
  for (std::int64_t id = 0; id < 4; ++id) {
    truth.images.push_back({.id = id, .file_name = "a.png", .size = {40, 30}});
    truth.categories.push_back({.id = id, .name = "c", .keypoints = {"a", "b"}});
  }
  for (std::size_t i = 0; i < results.detections.size(); i += 2) {
    const Detection& detection = results.detections[i];
    if (detection.image_id < 0 || detection.image_id > 3) continue;
    if (detection.category_id < 0 || detection.category_id > 3) continue;
    Instance& instance = truth.instances.emplace_back();
    instance.id = static_cast<std::int64_t>(i);
    instance.image_id = detection.image_id;
    instance.category_id = detection.category_id;
    instance.bbox = detection.bbox;
    instance.area = detection.area;
    instance.rings = detection.rings;
    if (detection.mask) instance.ensure_extra().mask = detection.mask;
    instance.iscrowd = i % 4 == 2;
    if (i % 3 == 0) instance.keypoints.assign(2, {{1, 2}, Visibility::kVisible});
  }
  return truth;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::File input({reinterpret_cast<const char*>(data), size});
  CocoResults results;
  try {
    results = read_coco_results(input.path());
    const std::filesystem::path output = fuzz::scratch_file();
    write_coco_results(results.detections, output, {.boxes = results.has_boxes});
    if (read_coco_results(output).detections.size() != results.detections.size()) std::abort();
  } catch (const Error&) {
  }
  const Dataset truth = truth_for(results);
  for (const auto task :
       {evaluate::Task::kBoxes, evaluate::Task::kMasks, evaluate::Task::kKeypoints}) {
    try {
      const auto scores = evaluate::evaluate_coco(truth, results.detections, {.task = task});
      for (const auto& line : summarise(scores)) {
        if (!(line.value == -1 || (line.value >= 0 && line.value <= 1))) std::abort();
      }
    } catch (const Error&) {
    }
  }
  return 0;
}
