// Speed of augmentation at the library's level, beside the speed of encoding alone.
//
// usage: augment_bench make DIR COUNT       photographs and labels
//        augment_bench rates DIR [THREADS]  the whole job and encoding alone: images a second of
//                                           the wall's clock, and of the processors' time
//        augment_bench stages DIR [NAME]    microseconds an image and thread of each stage
//
// The job: decode a photograph once; 8 variants of HorizontalFlip + Affine +
// RandomBrightnessContrast + HueSaturationValue with 8 polygons and 24 key points; JPEG 95.
// Kinds of work are measured in turn, and the best of several rounds counts.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <numbers>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "augment/apply.h"
#include "augment/colour_pass.h"
#include "augment/decode_jpeg.h"
#include "augment/encode.h"
#include "augment/picture_rows.h"
#include "augment/pipeline.h"
#include "augment/random.h"
#include "augment/registry.h"
#include "augment/restore.h"

namespace fs = std::filesystem;

namespace labelloom::augment {
namespace {

constexpr Size kSize{1280, 720};
constexpr std::uint32_t kVariants = 8;
constexpr int kQuality = 95;
constexpr int kPolygons = 8;
constexpr int kPolygonPoints = 24;
constexpr int kKeypoints = 3;

// ---- Photographs and labels -----------------------------------------------------------------

/// Smooth ground, texture of every scale, edges of objects and a sensor's noise.
cv::Mat photograph(std::uint64_t number) {
  cv::RNG random(number + 1);
  const cv::Size size(kSize.width, kSize.height);
  cv::Mat sum(size, CV_32FC3, cv::Scalar(120, 125, 130));
  for (int cells = 4; cells <= 512; cells *= 2) {
    cv::Mat grid(cells * 9 / 16 + 1, cells, CV_32FC3);
    random.fill(grid, cv::RNG::NORMAL, 0, 90 / std::pow(cells, 0.7));
    cv::Mat octave;
    cv::resize(grid, octave, size, 0, 0, cv::INTER_CUBIC);
    sum += octave;
  }
  for (int i = 0; i < 60; ++i) {
    std::vector<cv::Point> ring;
    const cv::Point centre(random.uniform(0, size.width), random.uniform(0, size.height));
    const int radius = random.uniform(10, 120);
    for (int k = 0; k < 9; ++k) {
      const double angle = 2 * std::numbers::pi * k / 9;
      const double r = radius * random.uniform(0.5, 1.0);
      ring.emplace_back(centre.x + cvRound(r * std::cos(angle)),
                        centre.y + cvRound(r * std::sin(angle)));
    }
    cv::Mat mask(size, CV_8U, cv::Scalar(0));
    cv::fillPoly(mask, std::vector{ring}, cv::Scalar(255), cv::LINE_AA);
    const cv::Scalar shade(
        random.uniform(-60, 60), random.uniform(-60, 60), random.uniform(-60, 60));
    cv::add(sum, shade, sum, mask);
  }
  cv::Mat noise(size, CV_32FC3);
  random.fill(noise, cv::RNG::NORMAL, 0, 3);
  sum += noise;
  cv::Mat photo;
  sum.convertTo(photo, CV_8U);
  return photo;
}

std::vector<Point2d> ring_about(Point2d centre, double radius, cv::RNG& random) {
  std::vector<Point2d> ring;
  for (int i = 0; i < kPolygonPoints; ++i) {
    const double angle = 2 * std::numbers::pi * i / kPolygonPoints;
    const double r = radius * random.uniform(0.6, 1.0);
    ring.push_back({centre.x + r * std::cos(angle), centre.y + r * std::sin(angle)});
  }
  return ring;
}

std::vector<Instance> labels(std::uint64_t number) {
  cv::RNG random(number + 1000);
  std::vector<Instance> instances;
  for (int i = 0; i < kPolygons; ++i) {
    const Point2d centre{random.uniform(100.0, 1180.0), random.uniform(100.0, 620.0)};
    Instance& one = instances.emplace_back();
    one.id = i + 1;
    one.category_id = 1;
    one.rings = Rings(ring_about(centre, 90, random));
    one.bbox = extent(one.rings.points());
    one.area = ring_area(one.rings);
    for (int k = 0; k < kKeypoints; ++k) {
      one.keypoints.push_back({{centre.x + 20 * k, centre.y}, Visibility::kVisible});
    }
  }
  return instances;
}

fs::path photo_path(const fs::path& dir, int number) {
  return dir / fmt::format("photo{:03}.jpg", number);
}

void make(const fs::path& dir, int count) {
  fs::create_directories(dir);
  std::size_t bytes = 0;
  for (int i = 0; i < count; ++i) {
    const std::string file =
        encode(photograph(static_cast<std::uint64_t>(i)), {ImageFormat::kJpeg, kQuality});
    std::ofstream(photo_path(dir, i), std::ios::binary) << file;
    bytes += file.size();
  }
  fmt::print("{} photographs of {} x {}, {} KB each\n",
             count,
             kSize.width,
             kSize.height,
             bytes / static_cast<std::size_t>(count) / 1000);
}

std::vector<std::string> read_photos(const fs::path& dir) {
  std::vector<std::string> files;
  for (int i = 0; fs::exists(photo_path(dir, i)); ++i) {
    std::ifstream in(photo_path(dir, i), std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return files;
}

cv::Mat decode(const std::string& file) { return decode_jpeg(file, 0).pixels; }

// ---- The job --------------------------------------------------------------------------------

Setting list(std::initializer_list<double> values) {
  Setting::List items;
  for (const double value : values) items.push_back({value});
  return {std::move(items)};
}

Node transform(const char* name, double p, Setting::Members members = {}) {
  std::vector<std::string> known;
  Node node{.kind = Node::Kind::kTransform, .name = name, .p = p};
  node.transform = find_transform(name)->make(Settings(std::move(members)), name, known);
  return node;
}

Pipeline pipeline() {
  Node root{.name = "Compose"};
  root.children.push_back(transform("HorizontalFlip", 0.5));
  root.children.push_back(transform("Affine",
                                    1,
                                    {{"scale", list({0.8, 1.2})},
                                     {"translate_percent", list({-0.1, 0.1})},
                                     {"rotate", list({-20, 20})}}));
  root.children.push_back(transform("RandomBrightnessContrast", 1));
  root.children.push_back(transform("HueSaturationValue", 1));
  return Pipeline(std::move(root));
}

/// The plan of variant `variant` of photograph `number`.
Plan plan_of(const Pipeline& pipe, std::size_t number, std::uint32_t variant) {
  return pipe.sample({.size = kSize}, {.seed = 7, .image = number, .variant = variant});
}

PixelPlan pixel_plan_of(const Pipeline& pipe, std::size_t number, std::uint32_t variant) {
  return plan_pixels(plan_of(pipe, number, variant), Fusion::kFull);
}

/// All variants of a photograph with their labels; bytes written.
std::size_t augment_photo(const Pipeline& pipe, const std::string& file, std::size_t number) {
  const Canvas source{decode(file), {}};
  const std::vector<Instance> instances = labels(number);
  std::vector<const Instance*> pointers;
  pointers.reserve(instances.size());
  for (const Instance& one : instances) pointers.push_back(&one);
  const FlipPairs pairs;
  std::size_t bytes = 0;
  for (std::uint32_t variant = 0; variant < kVariants; ++variant) {
    const Plan plan = plan_of(pipe, number, variant);
    Labels moved = lay_out(pointers, kSize);
    apply(plan, moved, nullptr, BoxOutline::kCorners);
    bytes += restore(moved, {}, pairs, {}).size();
    const PixelPlan pixels = plan_pixels(plan, Fusion::kFull);
    bytes += render_encoded(pixels, source, nullptr, {ImageFormat::kJpeg, kQuality}).file.size();
  }
  return bytes;
}

// ---- Measuring ------------------------------------------------------------------------------

/// Seconds of a clock of <ctime>, or of the wall.
double now(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Processor time of this thread.
double seconds_of(const std::function<void()>& work) {
  const double start = now(CLOCK_THREAD_CPUTIME_ID);
  work();
  return now(CLOCK_THREAD_CPUTIME_ID) - start;
}

/// Seconds for items 0 to count - 1, shared by threads: of the wall, or of the processors, divided
/// by the threads, where the machine has others to serve.
struct Spent {
  double wall = 1e9;
  double processor = 1e9;
};

Spent parallel(unsigned threads, std::size_t count, const std::function<void(std::size_t)>& one) {
  std::atomic<std::size_t> next{0};
  const double wall = now(CLOCK_MONOTONIC);
  const double processor = now(CLOCK_PROCESS_CPUTIME_ID);
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < threads; ++i) {
      workers.emplace_back([&] {
        for (std::size_t k = next++; k < count; k = next++) one(k);
      });
    }
  }
  return {now(CLOCK_MONOTONIC) - wall, (now(CLOCK_PROCESS_CPUTIME_ID) - processor) / threads};
}

/// One kind of work: its name, its time over all items, the best of the rounds.
struct Kind {
  std::string name;
  std::function<double()> run;
  double best = 1e9;
};

void measure_in_turn(std::vector<Kind>& kinds, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (Kind& kind : kinds) kind.best = std::min(kind.best, kind.run());
  }
}

void rates(const fs::path& dir, unsigned threads) {
  const std::vector<std::string> files = read_photos(dir);
  const Pipeline pipe = pipeline();
  std::vector<cv::Mat> rendered;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Canvas source{decode(files[i]), {}};
    for (std::uint32_t v = 0; v < kVariants; ++v) {
      rendered.push_back(render(pixel_plan_of(pipe, i, v), source, nullptr).pixels);
    }
  }
  std::atomic<std::size_t> bytes{0};
  struct Rate {
    const char* name;
    std::size_t items;
    std::function<void(std::size_t)> one;
    Spent best = {};
  };
  std::vector<Rate> kinds{
      {"augment", files.size(), [&](std::size_t i) { bytes += augment_photo(pipe, files[i], i); }},
      {"opencv_encode",
       rendered.size(),
       [&](std::size_t i) {
         std::vector<unsigned char> file;
         cv::imencode(".jpg", rendered[i], file, {cv::IMWRITE_JPEG_QUALITY, kQuality});
       }},
      {"own_encode", rendered.size(), [&](std::size_t i) {
         (void)encode(rendered[i], {ImageFormat::kJpeg, kQuality});
       }}};
  constexpr int kRounds = 5;
  for (int round = 0; round < kRounds; ++round) {
    for (Rate& kind : kinds) {
      const Spent spent = parallel(threads, kind.items, kind.one);
      kind.best.wall = std::min(kind.best.wall, spent.wall);
      kind.best.processor = std::min(kind.best.processor, spent.processor);
    }
  }
  const auto count = static_cast<double>(rendered.size());
  for (const Rate& kind : kinds) {
    fmt::print(
        "{} {:.2f} {:.2f}\n", kind.name, count / kind.best.wall, count / kind.best.processor);
  }
  fmt::print("kilobytes {:.0f}\n", static_cast<double>(bytes) / kRounds / count / 1000);
}

void stages(const fs::path& dir, const std::string& only) {
  const std::vector<std::string> files = read_photos(dir);
  const Pipeline pipe = pipeline();
  std::vector<Canvas> sources;
  sources.reserve(files.size());
  for (const std::string& file : files) sources.push_back({decode(file), {}});
  struct Item {
    std::size_t source = 0;
    PixelPlan plan;
    const Resample* resample = nullptr;
    const ColourPass* colours = nullptr;
  };
  std::vector<Item> items;
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::uint32_t v = 0; v < kVariants; ++v) items.push_back({i, pixel_plan_of(pipe, i, v)});
  }
  for (Item& item : items) {
    for (const PixelStep& step : item.plan.steps) {
      if (const auto* resample = std::get_if<Resample>(&step)) item.resample = resample;
      if (const auto* colours = std::get_if<ColourPass>(&step)) item.colours = colours;
    }
  }
  alignas(64) static std::uint32_t line[static_cast<std::size_t>(kSize.width)] = {};
  const std::span<std::uint32_t> words(line);
  const auto rows = [&](auto use) {
    return seconds_of([&] {
      for (const Item& item : items) use(item, sources[item.source].pixels);
    });
  };
  const auto for_rows = [&](auto use) {
    for (int row = 0; row < kSize.height; ++row) use(row);
  };
  std::vector<Kind> kinds{{"decode / 8",
                           [&] {
                             return seconds_of([&] {
                               for (const std::string& file : files) (void)decode(file);
                             });
                           }},
                          {"plan and labels",
                           [&] {
                             return seconds_of([&] {
                               for (std::size_t i = 0; i < files.size(); ++i) {
                                 const std::vector<Instance> instances = labels(i);
                                 std::vector<const Instance*> pointers;
                                 pointers.reserve(instances.size());
                                 for (const Instance& one : instances) pointers.push_back(&one);
                                 for (std::uint32_t v = 0; v < kVariants; ++v) {
                                   const Plan plan = plan_of(pipe, i, v);
                                   Labels moved = lay_out(pointers, kSize);
                                   apply(plan, moved, nullptr, BoxOutline::kCorners);
                                   (void)restore(moved, {}, {}, {});
                                   (void)plan_pixels(plan, Fusion::kFull);
                                 }
                               }
                             });
                           }},
                          {"warp",
                           [&] {
                             return rows([&](const Item& item, const cv::Mat& source) {
                               PictureRows picture(source, item.resample, nullptr);
                               picture.for_each_row([](std::span<const std::uint32_t>) {});
                             });
                           }},
                          {"colours", [&] {
                             return rows([&](const Item& item, const cv::Mat&) {
                               const ColourRows colours(*item.colours);
                               for_rows([&](int) { colours.apply(words); });
                             });
                           }}};
  for (const std::size_t stage : {0U, 1U}) {
    kinds.push_back({stage == 0 ? "  of it the table" : "  of it the HSV shift", [&, stage] {
                       return rows([&](const Item& item, const cv::Mat&) {
                         const ColourRows colours({{item.colours->stages[stage]}});
                         for_rows([&](int) { colours.apply(words); });
                       });
                     }});
  }
  kinds.push_back({"JPEG from BGR rows", [&] {
                     return rows([&](const Item&, const cv::Mat& source) {
                       (void)encode(source, {ImageFormat::kJpeg, kQuality});
                     });
                   }});
  kinds.push_back(
      {"render_encoded", [&] {
         return rows([&](const Item& item, const cv::Mat& source) {
           (void)render_encoded(item.plan, {source, {}}, nullptr, {ImageFormat::kJpeg, kQuality});
         });
       }});
  kinds.push_back({"for comparison: cv::imencode", [&] {
                     return rows([&](const Item&, const cv::Mat& source) {
                       std::vector<unsigned char> file;
                       cv::imencode(".jpg", source, file, {cv::IMWRITE_JPEG_QUALITY, kQuality});
                     });
                   }});
  kinds.push_back({"for comparison: cv::warpAffine", [&] {
                     return rows([&](const Item& item, const cv::Mat& source) {
                       cv::Mat out;
                       const Homography map = to_pixel_centres(item.resample->in_from_out);
                       cv::warpAffine(source,
                                      out,
                                      cv::Matx33d(map.m.data()).get_minor<2, 3>(0, 0),
                                      source.size(),
                                      cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
                     });
                   }});
  kinds.push_back({"for comparison: cv::cvtColor to HSV and back", [&] {
                     return rows([&](const Item&, const cv::Mat& source) {
                       cv::Mat hsv;
                       cv::Mat out;
                       cv::cvtColor(source, hsv, cv::COLOR_BGR2HSV);
                       cv::cvtColor(hsv, out, cv::COLOR_HSV2BGR);
                     });
                   }});
  std::erase_if(kinds, [&](const Kind& kind) { return !kind.name.starts_with(only); });
  measure_in_turn(kinds, 7);
  for (const Kind& kind : kinds) {
    fmt::print(
        "{:46} {:7.0f} us\n", kind.name, kind.best / static_cast<double>(items.size()) * 1e6);
  }
}

int run(const std::vector<std::string>& args) {
  cv::setNumThreads(1);  // each thread has a picture of its own
  if (args.size() == 3 && args[0] == "make") {
    make(args[1], std::stoi(args[2]));
  } else if ((args.size() == 2 || args.size() == 3) && args[0] == "rates") {
    rates(args[1], args.size() == 3 ? static_cast<unsigned>(std::stoi(args[2])) : 2);
  } else if ((args.size() == 2 || args.size() == 3) && args[0] == "stages") {
    stages(args[1], args.size() == 3 ? args[2] : "");
  } else {
    fmt::print(stderr,
               "usage: augment_bench make DIR COUNT | rates DIR [THREADS] | stages DIR [NAME]\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace labelloom::augment

int main(int argc, char** argv) { return labelloom::augment::run({argv + 1, argv + argc}); }
