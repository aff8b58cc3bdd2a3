#include "select/boxmask_cuda_run.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include <cuda_runtime_api.h>

#include "formats/error.h"
#include "select/boxmask_packed.h"

namespace labelloom::select {
namespace {

void check(int status, const char* what) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // or whoever asks next would be told of this
  throw Error(Errc::kIo,
              {},
              std::string("CUDA could not ") + what + ": " +
                  cudaGetErrorString(static_cast<cudaError_t>(status)));
}

/// Makes a device the current one as long as this lives. LibTorch, which has a runtime of its own,
/// does not say which device is to be the current one here.
class CurrentDevice {
 public:
  /// @param device -1: the one that is current already
  explicit CurrentDevice(int device) {
    check(cudaGetDevice(&before_), "say which device is current");
    if (device >= 0) check(cudaSetDevice(device), "change the device");
  }
  ~CurrentDevice() { cudaSetDevice(before_); }
  CurrentDevice(const CurrentDevice&) = delete;
  CurrentDevice& operator=(const CurrentDevice&) = delete;
  [[nodiscard]] int before() const { return before_; }

 private:
  int before_ = 0;
};

/// Lets the device's pool keep some memory that is freed; else it goes back to the system whenever
/// a stream is waited for, and every batch asks for it again.
void keep_freed_memory(int device) {
  constexpr std::uint64_t kKeptBytes = std::uint64_t{256} << 20U;
  cudaMemPool_t pool = nullptr;
  std::uint64_t kept = 0;
  if (cudaDeviceGetDefaultMemPool(&pool, device) == cudaSuccess &&
      cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &kept) == cudaSuccess &&
      kept < kKeptBytes) {
    kept = kKeptBytes;
    cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &kept);
  }
  cudaGetLastError();  // without it everything works, only slower
}

/// Whether kernels and memory are there; the device is prepared.
bool prepare_device(int device) {
  int count = 0;
  int has_pools = 0;
  const bool has_memory =
      cudaGetDeviceCount(&count) == cudaSuccess && device >= 0 && device < count &&
      cudaDeviceGetAttribute(&has_pools, cudaDevAttrMemoryPoolsSupported, device) == cudaSuccess &&
      has_pools != 0;
  cudaGetLastError();  // an answer, no error
  if (!has_memory) return false;
  const CurrentDevice current(device);
  if (labelloom_boxmask_can_launch() != cudaSuccess) return false;
  keep_freed_memory(device);
  return true;
}

/// Memory of the device, ordered by a stream.
class DeviceMemory {
 public:
  DeviceMemory(std::size_t size, cudaStream_t stream) : stream_(stream) {
    check(cudaMallocAsync(&data_, size, stream), "allocate memory");
  }
  ~DeviceMemory() { cudaFreeAsync(data_, stream_); }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  [[nodiscard]] std::byte* data() const { return static_cast<std::byte*>(data_); }

 private:
  void* data_ = nullptr;
  cudaStream_t stream_;
};

/// Gathers arrays in one block, each at a multiple of 16 bytes.
class Block {
 public:
  template <typename T>
  std::size_t append(const std::vector<T>& values) {
    const std::size_t at = reserve(values.size() * sizeof(T));
    bytes_.resize(size_);
    if (!values.empty()) std::memcpy(bytes_.data() + at, values.data(), values.size() * sizeof(T));
    return at;
  }
  /// Room behind what is appended.
  std::size_t reserve(std::size_t size) {
    const std::size_t at = size_;
    size_ += (size + 15) / 16 * 16;
    return at;
  }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::vector<std::byte> bytes_;
  std::size_t size_ = 0;
};

template <typename T>
T* at(std::byte* base, std::size_t offset) {
  return reinterpret_cast<T*>(base +
                              offset);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}

LogitShape shape_of(const DeviceLogits& logits) {
  return {logits.count, logits.classes, logits.height, logits.width};
}

}  // namespace

bool has_cuda_device() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess && count > 0;
}

bool can_score_on_cuda(int device) {
  static std::mutex mutex;
  static std::map<int, bool> known;
  const std::scoped_lock lock(mutex);
  const auto found = known.find(device);
  if (found != known.end()) return found->second;
  const bool can = prepare_device(device);
  known.emplace(device, can);
  return can;
}

std::vector<ImageComponents> score_on_cuda(const ScoringJob& job,
                                           const DeviceLogits& images,
                                           std::span<const DeviceLogits> crops,
                                           const ScoringOptions& options,
                                           void* stream) {
  std::vector<LogitShape> shapes;
  std::vector<LabelloomLogits> crop_logits;
  for (const DeviceLogits& crop : crops) {
    if (crop.type != images.type) {
      throw Error(Errc::kInvalidData, {}, "logits of images and of crops have different types");
    }
    if (crop.device != images.device) {
      throw Error(Errc::kInvalidData, {}, "logits of images and of crops lie on different devices");
    }
    shapes.push_back(shape_of(crop));
    crop_logits.push_back(crop.logits);
  }
  const PreparedJob prepared = prepare(job, options, shape_of(images), shapes);
  if (prepared.valid.empty()) return {};
  const PackedJob packed = pack(job, prepared, options);

  Block block;
  const std::size_t crops_at = block.append(crop_logits);
  const std::size_t boxes_at = block.append(packed.boxes);
  const std::size_t images_at = block.append(packed.images);
  const std::size_t keypoints_at = block.append(packed.keypoints);
  const std::size_t q_at = block.append(prepared.q);
  const std::size_t log_q_at = block.append(prepared.log_q);
  const std::size_t q_log_q_at = block.append(prepared.q_log_q);
  const std::size_t detectable_at = block.append(job.detectable);
  const std::size_t ignored_at = block.append(packed.ignored);
  const std::size_t results_at = block.size();
  std::vector<LabelloomBoxSums> box_sums(packed.boxes.size());
  std::vector<LabelloomImageSums> image_sums(packed.images.size());
  const std::size_t union_words =
      packed.images.size() * static_cast<std::size_t>(packed.sizes.union_words);
  std::vector<unsigned> unions(options.keep_union ? union_words : 0);
  const std::size_t box_sums_at = block.reserve(box_sums.size() * sizeof(LabelloomBoxSums));
  const std::size_t image_sums_at = block.reserve(image_sums.size() * sizeof(LabelloomImageSums));
  const std::size_t unions_at = block.reserve(union_words * sizeof(unsigned));

  const CurrentDevice current(images.device);
  if (!can_score_on_cuda(images.device >= 0 ? images.device : current.before())) {
    throw Error(Errc::kIo, {}, "the CUDA scorer was not built for this device");
  }
  auto* on = static_cast<cudaStream_t>(stream);
  const DeviceMemory memory(block.size(), on);
  std::byte* base = memory.data();
  LabelloomBatch batch = packed.sizes;
  batch.type = images.type;
  batch.images = images.logits;
  batch.crops = at<const LabelloomLogits>(base, crops_at);
  batch.boxes = at<const LabelloomBox>(base, boxes_at);
  batch.image_parts = at<const LabelloomImage>(base, images_at);
  batch.keypoints = at<const LabelloomKeypoint>(base, keypoints_at);
  batch.q = at<const float>(base, q_at);
  batch.log_q = at<const float>(base, log_q_at);
  batch.q_log_q = at<const float>(base, q_log_q_at);
  batch.detectable = at<const unsigned char>(base, detectable_at);
  batch.ignored = at<const unsigned char>(base, ignored_at);
  batch.box_sums = at<LabelloomBoxSums>(base, box_sums_at);
  batch.image_sums = at<LabelloomImageSums>(base, image_sums_at);
  batch.unions = at<unsigned>(base, unions_at);

  check(cudaMemcpyAsync(base, block.bytes().data(), results_at, cudaMemcpyHostToDevice, on),
        "copy the job to the device");
  check(cudaMemsetAsync(base + results_at, 0, block.size() - results_at, on), "clear memory");
  check(labelloom_boxmask_launch(&batch, stream), "launch the scorer");
  // The unions, the last and largest part, only if they are wanted.
  const std::size_t end = options.keep_union ? block.size() : unions_at;
  std::vector<std::byte> results(end - results_at);
  check(cudaMemcpyAsync(
            results.data(), base + results_at, results.size(), cudaMemcpyDeviceToHost, on),
        "copy the results from the device");
  check(cudaStreamSynchronize(on), "score");
  const auto load = [&](auto& to, std::size_t offset) {
    if (to.empty()) return;
    std::memcpy(to.data(), results.data() + (offset - results_at), to.size() * sizeof(to[0]));
  };
  load(box_sums, box_sums_at);
  load(image_sums, image_sums_at);
  load(unions, unions_at);
  return unpack(prepared, options, box_sums, image_sums, unions);
}

}  // namespace labelloom::select
