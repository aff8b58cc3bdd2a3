#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace labelloom::apps {

/// A thread that takes in what it is given, in order, while who gives goes on.
template <typename Thing>
class OrderedConsumer {
 public:
  /// `consume` is called on the thread; at most `most_waiting` things wait for it.
  OrderedConsumer(std::function<void(Thing)> consume, std::size_t most_waiting)
      : consume_(std::move(consume)),
        most_waiting_(most_waiting > 0 ? most_waiting : 1),
        thread_([this] { work(); }) {}
  ~OrderedConsumer() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  OrderedConsumer(const OrderedConsumer&) = delete;
  OrderedConsumer& operator=(const OrderedConsumer&) = delete;

  /// Waits while too much lies there. @throws what `consume` threw before.
  void push(Thing thing) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queue_.size() < most_waiting_ || failure_; });
    if (failure_) std::rethrow_exception(failure_);
    queue_.push_back(std::move(thing));
    changed_.notify_all();
  }

  /// Waits until all is taken in. @throws what `consume` threw.
  void finish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return (queue_.empty() && !busy_) || failure_; });
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ended_ || !queue_.empty(); });
      if (ended_) return;
      Thing thing = std::move(queue_.front());
      queue_.pop_front();
      busy_ = true;
      changed_.notify_all();
      lock.unlock();
      std::exception_ptr failure;
      try {
        consume_(std::move(thing));
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      busy_ = false;
      if (failure) failure_ = failure;
      changed_.notify_all();
      if (failure) return;
    }
  }

  std::function<void(Thing)> consume_;
  std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Thing> queue_;
  std::exception_ptr failure_;
  bool busy_ = false;
  bool ended_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace labelloom::apps
