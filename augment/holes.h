#pragma once

// What transforms that paint rectangles over have in common.

#include <initializer_list>
#include <string>
#include <vector>

#include "augment/effect.h"
#include "augment/options.h"
#include "augment/random.h"
#include "augment/setting.h"

namespace labelloom::augment {

/// What erased rectangles are painted with.
struct HoleFill {
  Rgb colour;
  std::string with = "colour";
};

/// fill and fill_with.
template <typename Self, typename Visit>
void hole_fill_fields(Self& fill, Visit&& visit) {
  visit(
      "fill",
      fill.colour,
      FieldSpec{.doc = "colour of the holes: one number or [r, g, b]", .aliases = {"fill_value"}});
  visit("fill_with",
        fill.with,
        FieldSpec{.doc = "colour: with `fill`; random: noise; random_uniform: a colour a hole",
                  .choices = {"colour", "random", "random_uniform"}});
}

/// Albumentations writes "random" and the like where a colour may stand. What is not known here
/// (inpaint_telea, inpaint_ns) is refused when fields are read.
void adapt_hole_fill(Settings& settings);

/// Draws the colours or the key of the noise.
[[nodiscard]] Erase erase(std::vector<PixelRect> rects, const HoleFill& fill, Random& random);

/// `names` of numbers of older versions that became one list. A missing or null one counts as
/// `missing`; nothing happens when all of them are, or when the list is there.
void join_settings(Settings& settings,
                   std::initializer_list<const char*> names,
                   const char* list,
                   double missing);

/// (min, max) of older versions, where a missing min means the max and a missing max means
/// `max_missing`. Nothing happens when both are missing or the range is there.
void join_range(
    Settings& settings, const char* min, const char* max, const char* range, double max_missing);

}  // namespace labelloom::augment
