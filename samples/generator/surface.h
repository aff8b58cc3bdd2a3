#pragma once

namespace labelloom::samples {

/// Linear light, not sRGB.
struct Colour {
  double r = 0;
  double g = 0;
  double b = 0;
};

inline Colour operator*(double s, Colour c) { return {s * c.r, s * c.g, s * c.b}; }
inline Colour operator*(Colour a, Colour b) { return {a.r * b.r, a.g * b.g, a.b * b.b}; }
inline Colour operator+(Colour a, Colour b) { return {a.r + b.r, a.g + b.g, a.b + b.b}; }
inline Colour mix(Colour a, Colour b, double t) { return (1 - t) * a + t * b; }

/// What a point of a surface is like.
struct Texel {
  double height = 0;  ///< above the bench, in units of the part's coordinates
  Colour colour;      ///< diffuse, or for metal the colour of its reflection
  double roughness = 0.5;
  double metal = 0;
  bool is_hole = false;  ///< nothing there; what lies below shows
};

}  // namespace labelloom::samples
