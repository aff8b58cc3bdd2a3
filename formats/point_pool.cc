#include "formats/point_pool.h"

#include <atomic>
#include <cstdint>
#include <limits>
#include <new>

#include "formats/geometry.h"

namespace labelloom {
namespace {

// Address space rather than memory: pages count when they are first written. (Huge pages were
// tried; the system takes longer to clear them than single pages that were just in use.)
constexpr std::size_t kBlockSize = std::size_t{2} << 20U;
/// More points than these are on their own, so that little of a block is left unused.
constexpr std::size_t kMaxPooled = 4096;
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
  ::operator delete (static_cast<void*>(block), std::align_val_t{kBlockSize});
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
  const std::size_t place = reinterpret_cast<std::uintptr_t>(points) % kBlockSize;
  drop(reinterpret_cast<Block*>(reinterpret_cast<std::byte*>(points) - place));
}

}  // namespace labelloom
