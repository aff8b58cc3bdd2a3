#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace labelloom::model {

/// Threads that make things number `first`, `first` + 1, ... before `end`, ahead of who takes them
/// in this order. What is made depends on its number alone, so that the number of threads changes
/// nothing but the time.
template <typename Thing>
class OrderedWorkers {
 public:
  /// Makes the thing of that number; called by several threads at the same time.
  using Make = std::function<Thing(std::size_t number)>;

  /// At most `ahead` (at least one) things are being made or wait. Without threads a thing is made
  /// when it is taken.
  OrderedWorkers(Make make, std::size_t first, std::size_t end, unsigned threads, std::size_t ahead)
      : make_(std::move(make)), taken_(first), begun_(first), end_(end) {
    ahead_ = ahead > 0 ? ahead : 1;
    try {
      for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
    } catch (...) {  // the system has no thread left: those that run must end before this throws
      stop();
      throw;
    }
  }
  ~OrderedWorkers() { stop(); }
  OrderedWorkers(const OrderedWorkers&) = delete;
  OrderedWorkers& operator=(const OrderedWorkers&) = delete;

  /// The next thing; waits for it. Throws what `make` threw for it; after that, or at the end,
  /// nothing more can be taken.
  [[nodiscard]] Thing take() {
    std::unique_lock lock(mutex_);
    return next(lock);
  }
  /// The same for several threads, each of which takes the things of its own numbers: waits until
  /// those before it are taken. Every number has to be taken by somebody.
  [[nodiscard]] Thing take(std::size_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return taken_ >= number; });  // greater after a failure
    return next(lock);
  }

 private:
  struct Slot {
    bool done = false;
    std::optional<Thing> thing = {};
    std::exception_ptr failure = {};
  };

  Thing next(std::unique_lock<std::mutex>& lock) {
    if (taken_ == end_) throw std::logic_error("OrderedWorkers: nothing is left to take");
    if (threads_.empty()) {
      changed_.notify_all();
      return make_(taken_++);
    }
    changed_.wait(lock, [this] { return !slots_.empty() && slots_.front().done; });
    Slot slot = std::move(slots_.front());
    slots_.pop_front();
    ++taken_;
    changed_.notify_all();
    if (slot.failure) {
      taken_ = end_;
      std::rethrow_exception(slot.failure);
    }
    return std::move(*slot.thing);
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopped_ || begun_ == end_ || slots_.size() < ahead_; });
      if (stopped_ || begun_ == end_) return;
      const std::size_t number = begun_++;
      slots_.emplace_back();  // a deque's elements stay where they are
      Slot& slot = slots_.back();
      lock.unlock();
      std::optional<Thing> thing;
      std::exception_ptr failure;
      try {
        thing.emplace(make_(number));
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      slot.thing = std::move(thing);
      slot.failure = std::move(failure);
      slot.done = true;
      if (slot.failure) stopped_ = true;  // nobody will take what comes later
      changed_.notify_all();
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  Make make_;
  std::size_t taken_;
  std::size_t begun_;
  std::size_t end_;
  std::size_t ahead_ = 1;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Slot> slots_;  // of the numbers from taken_ to begun_
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace labelloom::model
