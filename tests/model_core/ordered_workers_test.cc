#include "model/ordered_workers.h"

#include <atomic>
#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace labelloom::model {
namespace {

std::vector<std::size_t> taken_with(unsigned threads) {
  // Later things are ready earlier.
  OrderedWorkers<std::size_t> workers(
      [](std::size_t number) {
        std::this_thread::sleep_for(std::chrono::microseconds(500 / (number % 5 + 1)));
        return number * number;
      },
      3,
      40,
      threads,
      4);
  std::vector<std::size_t> taken;
  for (std::size_t i = 3; i < 40; ++i) taken.push_back(workers.take());
  return taken;
}

TEST(OrderedWorkers, GiveTheSameThingsInOrderWhateverTheirNumber) {
  const std::vector<std::size_t> alone = taken_with(0);
  EXPECT_EQ(alone.front(), 9);
  EXPECT_EQ(alone.back(), 39 * 39);
  for (const unsigned threads : {1U, 2U, 7U}) EXPECT_EQ(taken_with(threads), alone);
}

TEST(OrderedWorkers, MakeNoMoreThanAllowedAhead) {
  std::atomic<int> begun = 0;
  OrderedWorkers<int> workers([&](std::size_t) { return ++begun; }, 0, 100, 4, 3);
  for (int i = 0; i < 10; ++i) {
    static_cast<void>(workers.take());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_LE(begun.load(), i + 1 + 3);
  }
}

TEST(OrderedWorkers, ThrowWhereTheFailingThingWouldHaveBeenTaken) {
  for (const unsigned threads : {0U, 1U, 3U}) {
    OrderedWorkers<int> workers(
        [](std::size_t number) {
          if (number == 4) throw std::runtime_error("fourth.jpg is damaged");
          return static_cast<int>(number);
        },
        0,
        10,
        threads,
        8);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(workers.take(), i);
    try {
      static_cast<void>(workers.take());
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(std::string(error.what()), "fourth.jpg is damaged");
    }
  }
}

TEST(OrderedWorkers, NothingIsLeftAfterTheEndOrAFailure) {
  OrderedWorkers<int> workers([](std::size_t) { return 1; }, 0, 1, 2, 2);
  EXPECT_EQ(workers.take(), 1);
  EXPECT_THROW(static_cast<void>(workers.take()), std::logic_error);
  OrderedWorkers<int> failing(
      [](std::size_t) -> int { throw std::runtime_error("damaged"); }, 0, 5, 2, 2);
  EXPECT_THROW(static_cast<void>(failing.take()), std::runtime_error);
  EXPECT_THROW(static_cast<void>(failing.take()), std::logic_error);
}

TEST(OrderedWorkers, SeveralTakersTakeTheirOwnNumbers) {
  OrderedWorkers<std::size_t> first([](std::size_t number) { return 10 * number; }, 0, 50, 2, 4);
  OrderedWorkers<std::size_t> second(
      [&](std::size_t number) { return first.take(number) + number; }, 0, 50, 3, 4);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(second.take(), 11 * i);
}

TEST(OrderedWorkers, WhatEndsOneTakerEndsTheOthers) {
  OrderedWorkers<int> first(
      [](std::size_t number) {
        if (number == 4) throw std::runtime_error("fourth.jpg is damaged");
        return static_cast<int>(number);
      },
      0,
      50,
      2,
      4);
  OrderedWorkers<int> second([&](std::size_t number) { return first.take(number); }, 0, 50, 3, 4);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(second.take(), i);
  try {
    static_cast<void>(second.take());
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()), "fourth.jpg is damaged");
  }
}

TEST(OrderedWorkers, StopWhenNobodyTakesWhatTheyMade) {
  std::atomic<int> made = 0;
  {
    OrderedWorkers<int> workers([&](std::size_t) { return ++made; }, 0, 1000, 2, 5);
    static_cast<void>(workers.take());
  }
  EXPECT_LE(made.load(), 7);
}

}  // namespace
}  // namespace labelloom::model
