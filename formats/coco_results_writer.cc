#include <cmath>
#include <string>

#include <fmt/format.h>

#include "formats/coco_results.h"
#include "formats/file_io.h"
#include "formats/text_buffer.h"

namespace labelloom {
namespace {

using json::TextBuffer;

constexpr std::size_t kBytesAtOnce = std::size_t{1} << 20;

/// Appends numbers and says which detection has one that is not finite.
class Line {
 public:
  Line(TextBuffer& out, std::size_t index) : out_(out), index_(index) {}

  void number(double value) {
    if (!std::isfinite(value)) fail(fmt::format("{} is not finite", value));
    out_.append_number(value);
  }
  void numbers(std::string_view before, std::initializer_list<double> values) {
    out_ += before;
    char separator = '[';
    for (const double value : values) {
      out_ += separator;
      separator = ',';
      number(value);
    }
    out_ += ']';
  }
  [[noreturn]] void fail(const std::string& message) const {
    throw Error(Errc::kArgument, {}, fmt::format("detection {}: {}", index_, message));
  }

 private:
  TextBuffer& out_;
  std::size_t index_;
};

void append_region(TextBuffer& out, Line& line, const Detection& detection) {
  if (detection.mask) {
    const Rle& mask = *detection.mask;
    std::string counts;
    json::append_string(counts, compress(mask));
    out += fmt::format(",\"segmentation\":{{\"size\":[{},{}],\"counts\":{}}}",
                       mask.size.height,
                       mask.size.width,
                       counts);
  } else if (!detection.rings.empty()) {
    if (detection.rings.has_holes()) line.fail("a region with holes must be a mask");
    out += ",\"segmentation\":";
    for (std::size_t r = 0; r < detection.rings.size(); ++r) {
      char separator = '[';
      out += r == 0 ? '[' : ',';
      for (const Point2d& p : detection.rings[r]) {
        out += separator;
        separator = ',';
        line.number(p.x);
        out += ',';
        line.number(p.y);
      }
      out += ']';
    }
    out += ']';
  }
}

void append_keypoints(TextBuffer& out,
                      Line& line,
                      const std::vector<DetectedKeypoint>& keypoints,
                      double shift) {
  if (keypoints.empty()) return;
  out += ",\"keypoints\":";
  char separator = '[';
  for (const DetectedKeypoint& k : keypoints) {
    out += separator;
    separator = ',';
    line.number(k.point.x - shift);
    out += ',';
    line.number(k.point.y - shift);
    out += ',';
    line.number(k.confidence);
  }
  out += ']';
}

}  // namespace

void write_coco_results(std::span<const Detection> detections,
                        const std::filesystem::path& path,
                        const CocoResultsParts& parts) {
  const double shift = parts.keypoint_origin == KeypointOrigin::kPixelCentre ? 0.5 : 0;
  OutputFile file(path);
  TextBuffer out;
  out += '[';
  for (std::size_t i = 0; i < detections.size(); ++i) {
    const Detection& detection = detections[i];
    Line line(out, i);
    out += std::string_view(i == 0 ? "\n{\"image_id\":" : ",\n{\"image_id\":");
    out.append_integer(detection.image_id);
    out += ",\"category_id\":";
    out.append_integer(detection.category_id);
    if (parts.boxes) {
      const Box& box = detection.bbox;
      line.numbers(",\"bbox\":", {box.x, box.y, box.width, box.height});
    }
    append_region(out, line, detection);
    append_keypoints(out, line, detection.keypoints, shift);
    out += ",\"score\":";
    line.number(detection.score);
    out += '}';
    if (out.size() >= kBytesAtOnce) {
      file.write(out.text());
      out.clear();
    }
  }
  out += std::string_view(detections.empty() ? "]\n" : "\n]\n");
  file.write(out.text());
  file.commit();
}

}  // namespace labelloom
