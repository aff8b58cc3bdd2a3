#include "tests/apps/cli_support.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include <fmt/format.h>

namespace labelloom::test {

Finished labelloom(std::vector<std::string> arguments, const RunOptions& options) {
  arguments.insert(arguments.begin(), LABELLOOM_PROGRAM);
  return run_program(arguments, options);
}

Finished labelloom_with_memory(int megabytes, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"/bin/sh",
                                      "-c",
                                      "ulimit -v \"$0\" && exec \"$@\"",
                                      std::to_string(megabytes * 1024),
                                      LABELLOOM_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command);
}

Finished interrupted_labelloom(const std::string& signal,
                               const std::filesystem::path& file,
                               const std::vector<std::string>& arguments) {
  const std::string script = R"(
      signal=$1; file=$2; shift 2
      "$@" & child=$!
      tries=0
      until [ -e "$file" ] || [ $tries -gt 1500 ]; do sleep 0.02; tries=$((tries + 1)); done
      kill -s "$signal" $child
      wait $child)";
  std::vector<std::string> command = {
      "/bin/sh", "-c", script, "sh", signal, file.string(), LABELLOOM_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command);
}

bool anybody_may_start_labelloom() {
  try {
    return labelloom({"--version"}, {.unprivileged = true}).status == 0;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::string sample(const std::string& name) {
  return (source_dir() / "samples" / "engine_parts" / name).string();
}

std::string small_full_export() {
  return R"([{"id":1,"data":{"image":"/data/upload/1/0a1b2c3d-a.jpg"},"predictions":[{"result":[]}],
"annotations":[{"id":2,"completed_by":{"id":3,"email":"a@example.com"},"was_cancelled":false,
"created_at":"2026-01-01T00:00:00Z","result":[
{"id":"p","type":"polygonlabels","from_name":"l","to_name":"i","original_width":40,"original_height":30,
"value":{"points":[[10,10],[60,10],[60,70]],"closed":true,"polygonlabels":["A"]}},
{"id":"k","parentID":"p","type":"keypointlabels","from_name":"kp","original_width":40,
"original_height":30,"value":{"x":40,"y":20,"width":0.5,"keypointlabels":["head"]}},
{"id":"r","type":"rectanglelabels","from_name":"r","original_width":40,"original_height":30,"score":0.5,
"value":{"x":10,"y":10,"width":20,"height":20,"rotation":30,"rectanglelabels":["B"]}},
{"id":"e","type":"ellipselabels","from_name":"e","original_width":40,"original_height":30,
"value":{"x":50,"y":50,"radiusX":5,"radiusY":9,"rotation":0,"ellipselabels":["B"]}},
{"id":"b","type":"brushlabels","from_name":"br","original_width":40,"original_height":30,
"value":{"format":"rle","rle":[0,0,18,192,57,27,255,7,207,0,224,99,255,252,31,60,0],"brushlabels":["A"]}},
{"id":"m","type":"bitmasklabels","from_name":"bm","original_width":40,"original_height":30,
"value":{"imageDataURL":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAACgAAAAeAQAAAAB2pmFwAAAAEElEQVR42mP4zwAC5JEDBADrDwn3QQG5CgAAAABJRU5ErkJggg==","bitmasklabels":["M"]}},
{"type":"relation","from_id":"k","to_id":"p","direction":"right"}]}]}])";
}

std::string small_min_export() {
  return R"([{"image":"\/data\/local-files\/?d=dir\/a%20b.jpg","id":1,
"label":[{"points":[[10,10],[60,10],[60,70]],"closed":true,"polygonlabels":["A"],
"original_width":40,"original_height":30}],
"kp-1":[{"x":40,"y":20,"width":0.5,"keypointlabels":["head"],"original_width":40,"original_height":30},
{"x":30,"y":15,"width":0.5,"keypointlabels":["tip"],"original_width":40,"original_height":30}],
"rect":[{"x":10,"y":10,"width":20,"height":20,"rotation":30,"rectanglelabels":["B"],
"original_width":40,"original_height":30}],
"ellipse":[{"x":50,"y":50,"radiusX":5,"radiusY":9,"rotation":0,"ellipselabels":["B"],
"original_width":40,"original_height":30}],
"brush":[{"format":"rle","rle":[0,0,18,192,57,27,255,7,207,0,224,99,255,252,31,60,0],"brushlabels":["A"],
"original_width":40,"original_height":30}],
"annotator":"a@example.com","annotation_id":2,"created_at":"2026-01-01T00:00:00Z",
"updated_at":"2026-01-01T00:00:00Z","lead_time":1.5},
{"image":"b.jpg","id":2,"annotator":1,"annotation_id":3,"created_at":"x","lead_time":null}])";
}

std::string small_coco() {
  return R"({"info":{"year":2026},"licenses":[{"id":1}],
"images":[{"id":1,"file_name":"a/b.jpg","width":8,"height":6,"license":1}],
"annotations":[
{"id":1,"image_id":1,"category_id":3,"bbox":[1,2,3,3],"area":4.5,"iscrowd":0,
"segmentation":[[1,2,4,2,4,5]],"keypoints":[1,2,2,0,0,0],"num_keypoints":1},
{"id":2,"image_id":1,"category_id":3,"iscrowd":1,"segmentation":{"size":[6,8],"counts":[0,10,38]}},
{"id":3,"image_id":1,"category_id":3,"score":0.5,"segmentation":{"size":[6,8],"counts":"0:V1"}}],
"categories":[{"id":3,"name":"bolt","supercategory":"part","keypoints":["head","tip"],
"skeleton":[[1,2]]}]})";
}

std::string large_coco(int images) {
  constexpr int kObjects = 4;
  constexpr int kPoints = 40;
  std::string text = "{\"images\":[";
  for (int i = 1; i <= images; ++i) {
    text += fmt::format("{}{{\"id\":{},\"file_name\":\"{:06}.jpg\",\"width\":640,\"height\":480}}",
                        i == 1 ? "" : ",\n",
                        i,
                        i);
  }
  text += "],\n\"annotations\":[";
  for (int id = 1; id <= images * kObjects; ++id) {
    text += fmt::format(
        "{}{{\"id\":{},\"image_id\":{},\"category_id\":{},\"bbox\":[220,140,200,200],"
        "\"area\":31286.9,\"iscrowd\":0,\"segmentation\":[[",
        id == 1 ? "" : ",\n",
        id,
        (id - 1) / kObjects + 1,
        id % 2 + 1);
    for (int k = 0; k < kPoints; ++k) {
      const double angle = 2 * std::numbers::pi * k / kPoints;
      text += fmt::format("{}{:.4f},{:.4f}",
                          k == 0 ? "" : ",",
                          320 + 100 * std::cos(angle),
                          240 + 100 * std::sin(angle));
    }
    text += "]]}";
  }
  return text + "],\n\"categories\":[{\"id\":1,\"name\":\"bolt\"},{\"id\":2,\"name\":\"nut\"}]}\n";
}

std::vector<std::string> files_below(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    files.push_back(entry.path().lexically_relative(folder).string());
  }
  std::ranges::sort(files);
  return files;
}

::testing::AssertionResult ended_with(const Finished& run, int status) {
  if (run.signal == 0 && run.status == status) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "signal " << run.signal << ", status " << run.status
                                       << " instead of " << status << "; stderr: " << run.err;
}

::testing::AssertionResult refused(const Finished& run, const std::string& file) {
  if (const auto result = ended_with(run, 1); !result) return result;
  const bool one_line = std::ranges::count(run.err, '\n') == 1 && run.err.ends_with('\n');
  if (one_line && run.err.starts_with("labelloom: error: ") &&
      run.err.find(file) != std::string::npos) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure()
         << "expected one line \"labelloom: error: \" that names " << file << ": " << run.err;
}

::testing::AssertionResult done_or_refused(const Finished& run, const std::string& file) {
  return run.status == 0 ? ended_with(run, 0) : refused(run, file);
}

}  // namespace labelloom::test
