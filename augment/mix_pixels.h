#pragma once

#include "augment/donors.h"
#include "augment/render.h"

namespace labelloom::augment {

// What effects that mix pictures do to pixels and masks. `canvas.pixels` must be the canvas's own.

void render(const Collage& effect, Canvas& canvas, const Donors& donors);
void render(const Blend& effect, Canvas& canvas, const Donors& donors);
void render(const Paste& effect, Canvas& canvas, const Donors& donors);

}  // namespace labelloom::augment
