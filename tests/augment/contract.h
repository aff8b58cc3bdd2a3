#pragma once

// What every transform is held to: pixels and points agree.

#include <ostream>
#include <string>
#include <vector>

#include "augment/pipeline.h"
#include "augment/pixel_plan.h"
#include "augment/registry.h"
#include "augment/render.h"
#include "augment/restore.h"

namespace labelloom::augment::test {

/// A transform of the table with settings to test it with.
struct Case {
  std::string name;  ///< of the test: letters, digits, underscores
  const TransformEntry* entry = nullptr;
  Settings settings = {};

  friend std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }
};

/// Every transform of the table: with default settings where there are defaults, and with others
/// where those do little.
[[nodiscard]] std::vector<Case> all_cases();
[[nodiscard]] bool is_geometric(TransformKind kind);

[[nodiscard]] Node leaf(const Case& from, double p = 1);
[[nodiscard]] Pipeline sequence(std::vector<Node> nodes);

/// The vertices of a shape, and a picture of it that is soft at the border as a camera's is.
struct Subjects {
  Size size;
  std::vector<Category> categories;
  std::vector<Instance> instances;  ///< shapes first, then dots
  std::size_t shape_count = 0;
  Canvas shapes;  ///< white on black; a mask for each instance with rings
  Canvas dots;    ///< a soft dot in each channel: blue, green, red
  Canvas smooth;  ///< slow changes of colour

  [[nodiscard]] std::vector<const Instance*> pointers() const;
};
/// A concave polygon, one with a hole, one that the frame cuts, and three dots with key points.

[[nodiscard]] Subjects make_subjects(Size size);
/// Given instances, without dots.
[[nodiscard]] Subjects make_subjects(Size size,
                                     std::vector<Instance> instances,
                                     std::vector<Category> categories);

/// All there is to know about one variant.
struct Outcome {
  Plan plan;
  Labels labels;
  std::vector<Instance> instances;
};
[[nodiscard]] Outcome run(const Pipeline& pipeline, const Subjects& subjects, RandomKey key);

/// Fails the test where the outcome is not what the picture shows. `least_iou` for shapes of more
/// than 1000 pixels. `moves_only`: the pixels' colours are as they were.
void expect_pixels_and_points_agree(const Outcome& outcome,
                                    const Subjects& subjects,
                                    double least_iou,
                                    bool moves_only,
                                    Fusion fusion);
/// Finite, inside the frame, with area, boxes that are the extents of the shapes.
void expect_valid(const Outcome& outcome);
/// Fused and not, a smooth picture looks the same.
void expect_fusion_changes_nothing(const Outcome& outcome, const Subjects& subjects);

}  // namespace labelloom::augment::test
