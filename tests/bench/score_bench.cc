// score_bench MODEL IMAGES [THREADS [ROUNDS [BATCH]]]: the rate of `labelloom score --strategy
// boxmask` from files to rows against that of the same forward passes alone, on tensors that lie in
// memory already.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <torch/torch.h>
#include <unistd.h>

#include "apps/compute_lanes.h"
#include "apps/image_source.h"
#include "apps/pool_scorer.h"
#include "formats/error.h"
#include "select/score_shard.h"

namespace {

using namespace labelloom;  // NOLINT(google-build-using-namespace): a program of one file

struct Time {
  double wall = 0;
  double cpu = 0;

  static Time now() {
    std::timespec cpu{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    const auto wall = std::chrono::steady_clock::now().time_since_epoch();
    return {std::chrono::duration<double>(wall).count(),
            static_cast<double>(cpu.tv_sec) + 1e-9 * static_cast<double>(cpu.tv_nsec)};
  }
  Time operator-(const Time& other) const { return {wall - other.wall, cpu - other.cpu}; }
  Time& operator+=(const Time& other) {
    wall += other.wall;
    cpu += other.cpu;
    return *this;
  }
};

/// Remembers the shapes that went through a model.
class Recorder final : public model::Predictor {
 public:
  explicit Recorder(model::Predictor& inner) : inner_(inner) {}
  [[nodiscard]] const model::ModelConfig& config() const override { return inner_.config(); }
  [[nodiscard]] int multiple_of() const override { return inner_.multiple_of(); }
  [[nodiscard]] torch::Device device() const override { return inner_.device(); }
  [[nodiscard]] const std::string& fingerprint() const override { return inner_.fingerprint(); }
  [[nodiscard]] bool runs_in_threads() const override { return inner_.runs_in_threads(); }
  [[nodiscard]] model::Prediction predict(const torch::Tensor& images,
                                          const model::DecodeOptions& options) override {
    remember(true, images);
    return inner_.predict(images, options);
  }
  [[nodiscard]] model::NamedOutputs outputs(const torch::Tensor& images) override {
    return inner_.outputs(images);
  }
  [[nodiscard]] model::Prediction decoded(const model::NamedOutputs& outputs,
                                          Size input,
                                          const model::DecodeOptions& options) const override {
    return inner_.decoded(outputs, input, options);
  }
  [[nodiscard]] torch::Tensor segment(const torch::Tensor& images) override {
    remember(false, images);
    return inner_.segment(images);
  }

  /// The same passes once more, without anything around them.
  [[nodiscard]] Time replay() {
    std::vector<std::pair<bool, torch::Tensor>> inputs;
    for (const auto& [whole, shape] : calls_) {
      const auto same = std::ranges::find_if(
          inputs, [&, &s = shape](const auto& input) { return input.second.sizes().vec() == s; });
      inputs.emplace_back(whole, same == inputs.end() ? torch::randn(shape) : same->second);
    }
    const unsigned lanes = apps::lane_count(inner_);
    std::atomic<std::size_t> next = 0;
    const auto run = [&] {
      apps::enter_lane(lanes);
      for (std::size_t i = next++; i < inputs.size(); i = next++) {
        const auto& [whole, images] = inputs[i];
        if (whole) {
          static_cast<void>(inner_.outputs(images));
        } else {
          static_cast<void>(inner_.segment(images));
        }
      }
    };
    const Time start = Time::now();
    std::vector<std::future<void>> done;
    for (unsigned i = 0; i < lanes; ++i) done.push_back(std::async(std::launch::async, run));
    for (std::future<void>& one : done) one.get();
    return Time::now() - start;
  }

 private:
  void remember(bool whole, const torch::Tensor& images) {
    const std::lock_guard lock(mutex_);
    calls_.emplace_back(whole, images.sizes().vec());
  }

  model::Predictor& inner_;
  std::mutex mutex_;
  std::vector<std::pair<bool, std::vector<std::int64_t>>> calls_;
};

void run(const std::string& model_file,
         const std::string& folder,
         int threads,
         int rounds,
         std::size_t batch) {
  torch::set_num_threads(threads);
  const auto inner = model::open_model(model_file, torch::kCPU);
  const Dataset pool = apps::pictures_below(folder);
  apps::PoolScoringOptions options;
  options.columns.boxmask = true;
  options.row_workers = static_cast<unsigned>(threads);
  if (batch > 0) options.batch = batch;
  const std::filesystem::path scores =
      std::filesystem::temp_directory_path() / fmt::format("score_bench.{}", std::time(nullptr));
  fmt::print(
      "{:>24} {:>12} {:>12} {:>12} {:>12}\n", "", "images/s", "share", "ms CPU/image", "share");
  Time all_bare;
  Time all_scoring;
  double all_images = 0;
  const auto print =
      [](const std::string& what, double images, const Time& time, const Time& bare) {
        fmt::print("{:>24} {:>12.1f} {:>11.1f}% {:>12.2f} {:>11.1f}%\n",
                   what,
                   images / time.wall,
                   100 * bare.wall / time.wall,
                   1e3 * time.cpu / images,
                   100 * bare.cpu / time.cpu);
      };
  for (int round = 0; round < rounds; ++round) {
    Recorder recorder(*inner);
    apps::FolderSource source(pool.images, folder, inner->config());
    Time scoring;
    apps::PoolScoringTimes times;
    {
      const select::ScoreHeader header = score_header(recorder, "bench", pool, options);
      select::ScoreShardWriter writer(scores, header);
      const Time start = Time::now();
      times = score_pool(
          recorder,
          pool,
          source,
          options,
          [](const std::string&) { return true; },
          [&](const select::ScoreRow& row) { writer.add(row); });
      writer.finish();
      scoring = Time::now() - start;
    }
    std::filesystem::remove_all(scores);
    const Time bare = recorder.replay();
    const auto images = static_cast<double>(times.images);
    print(fmt::format("passes, {:.1f} crops", static_cast<double>(times.crops) / images),
          images,
          bare,
          bare);
    print("score", images, scoring, bare);
    all_images += images;
    all_bare += bare;
    all_scoring += scoring;
  }
  print("all rounds", all_images, all_scoring, all_bare);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return EXIT_FAILURE;
  // As `labelloom` has it; OpenBLAS reads it when it is loaded.
  if (std::getenv("OPENBLAS_NUM_THREADS") == nullptr) {
    ::setenv("OPENBLAS_NUM_THREADS", "1", 1);
    ::execv("/proc/self/exe", argv);
  }
  try {
    const auto number = [&](int i, int otherwise) {
      return argc > i ? std::atoi(argv[i]) : otherwise;
    };
    run(argv[1], argv[2], number(3, 1), number(4, 3), static_cast<std::size_t>(number(5, 0)));
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
