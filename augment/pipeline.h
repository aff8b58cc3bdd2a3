#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "augment/donors.h"
#include "augment/effect.h"
#include "augment/point_set.h"
#include "augment/random.h"
#include "augment/transform.h"
#include "formats/error.h"

namespace labelloom::augment {

/// A transform or a container of a pipeline.
struct Node {
  enum class Kind : std::uint8_t {
    kTransform,
    kSequence,     ///< all children in order (Compose, Sequential)
    kOneOf,        ///< one child, chosen by the children's p as weights, and then surely applied
    kSomeOf,       ///< `count` children, in order of the file
    kRandomOrder,  ///< `count` children, in random order
  };
  Kind kind = Kind::kSequence;
  std::string name;
  double p = 1;
  std::uint32_t index = 0;  ///< of all nodes, in the order of the file
  std::unique_ptr<const Transform> transform = {};
  std::vector<Node> children = {};
  IntRange count{1, 1};
  bool replace = false;  ///< a child may be chosen more than once
  /// Albumentations 1: children are chosen by their p as weights and then surely applied; in 2 all
  /// are equally likely and their own p decides again.
  bool weighted = false;
};

/// What a plan is drawn for.
struct Subject {
  Size size;
  std::span<const Instance* const> instances = {};
  const Donors* donors = nullptr;
  std::size_t self = View::kSelf;  ///< this image's index in `donors`, if it is one of them
  BoxOutline outline = BoxOutline::kCorners;
};

/// That nothing can be drawn for a picture: a step asks for a larger one, or would make too large a
/// one.
class PlanError : public Error {
 public:
  using Error::Error;
};

/// A pipeline: immutable, shared by threads.
class Pipeline {
 public:
  explicit Pipeline(Node root);

  /// Draws everything that is random about one variant of one image. `key.step` is set here.
  /// @throws PlanError, kLimit when a step would make a picture larger than kMaxSide or kMaxPixels.
  [[nodiscard]] Plan sample(const Subject& subject, RandomKey key) const;

  [[nodiscard]] const Node& root() const { return root_; }

  static constexpr int kMaxSide = 32767;  // OpenCV's warps take no more
  static constexpr std::int64_t kMaxPixels = std::int64_t{1} << 28;

 private:
  Node root_;
};

}  // namespace labelloom::augment
