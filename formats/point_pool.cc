#include "formats/point_pool.h"

#include <atomic>
#include <cstdint>
#include <limits>
#include <new>

#include <sys/mman.h>

#include "formats/geometry.h"

namespace labelloom {
namespace {

// One huge page: the system hands it out in one go instead of 512 times, which is a tenth of the
// time that reading a large file takes.
constexpr std::size_t kBlockSize = std::size_t{2} << 20U;
/// More points than these are on their own, so that little of a block is left unused.
constexpr std::size_t kMaxPooled = 4096;
/// The first blocks are common memory, as a huge page is all used from its first byte on.
constexpr int kSmallBlocks = 2;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kPooled = false;  // so that the sanitizer sees every ring
#elif defined(__has_feature)
constexpr bool kPooled = !__has_feature(address_sanitizer);
#else
constexpr bool kPooled = true;
#endif

/// Lies at the beginning of a block, which is aligned to its size: a ring's address tells its
/// block.
struct alignas(Point2d) Block {
  std::atomic<std::uint32_t> users{1};  // rings, and the thread that allocates from it
};

void drop(Block* block) noexcept {
  if (block->users.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  block->~Block();
  ::operator delete (static_cast<void*>(block), kBlockSize, std::align_val_t{kBlockSize});
}

/// The block that a thread allocates from.
class Current {
 public:
  Current() = default;
  ~Current() {
    if (block_ != nullptr) drop(block_);
  }
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;

  std::byte* take(std::size_t bytes) {
    if (block_ == nullptr || kBlockSize - used_ < bytes) next();
    std::byte* const place = reinterpret_cast<std::byte*>(block_) + used_;
    used_ += bytes;
    block_->users.fetch_add(1, std::memory_order_relaxed);
    return place;
  }

 private:
  void next() {
    void* const memory = ::operator new (kBlockSize, std::align_val_t{kBlockSize});
    static std::atomic<int> made{0};
    if (made.fetch_add(1, std::memory_order_relaxed) >= kSmallBlocks) {
      madvise(memory, kBlockSize, MADV_HUGEPAGE);
    }
    if (block_ != nullptr) drop(block_);
    block_ = new (memory) Block;
    used_ = sizeof(Block);
  }

  Block* block_ = nullptr;
  std::size_t used_ = 0;
};

}  // namespace

Point2d* allocate_points(std::size_t count) {
  if (count > std::numeric_limits<std::size_t>::max() / sizeof(Point2d)) throw std::bad_alloc();
  if (!kPooled || count > kMaxPooled) {
    return static_cast<Point2d*>(::operator new(count * sizeof(Point2d)));
  }
  thread_local Current current;
  return reinterpret_cast<Point2d*>(current.take(count * sizeof(Point2d)));
}

void free_points(Point2d* points, std::size_t count) noexcept {
  if (points == nullptr) return;
  if (!kPooled || count > kMaxPooled) return ::operator delete(static_cast<void*>(points));
  const auto address = reinterpret_cast<std::uintptr_t>(points);
  drop(reinterpret_cast<Block*>(address / kBlockSize * kBlockSize));
}

}  // namespace labelloom
