#include "augment/colour_kernels.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/colour_kernels.cc"
#include <hwy/foreach_target.h>
// Must come after foreach_target.h.
#include <hwy/highway.h>

// NOLINTBEGIN(readability-identifier-naming): names of Highway
HWY_BEFORE_NAMESPACE();
namespace labelloom::augment {
namespace HWY_NAMESPACE {
// NOLINTEND(readability-identifier-naming)

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using FloatVec = hn::Vec<Floats>;

struct Colours {
  FloatVec b;
  FloatVec g;
  FloatVec r;
};

/// Changes all pixels by `change`, a function from Colours to Colours in [0, 255], which are
/// rounded to the nearest.
template <typename Change>
void for_pixels(std::size_t count, std::uint32_t* words, Change&& change) {
  const Floats df;
  const hn::RebindToSigned<Floats> di;
  const hn::RebindToUnsigned<Floats> du;
  const auto low_byte = hn::Set(di, 255);
  const auto changed = [&](auto word) {
    const auto blue = hn::And(word, low_byte);
    const auto green = hn::And(hn::ShiftRight<8>(word), low_byte);
    const auto red = hn::And(hn::ShiftRight<16>(word), low_byte);
    const Colours out =
        change({hn::ConvertTo(df, blue), hn::ConvertTo(df, green), hn::ConvertTo(df, red)});
    return hn::Or(
        hn::NearestInt(out.b),
        hn::Or(hn::ShiftLeft<8>(hn::NearestInt(out.g)), hn::ShiftLeft<16>(hn::NearestInt(out.r))));
  };
  const std::size_t lanes = hn::Lanes(df);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto word = hn::BitCast(di, hn::LoadU(du, words + i));
    hn::StoreU(hn::BitCast(du, changed(word)), du, words + i);
  }
  if (i == count) return;
  HWY_ALIGN std::uint32_t rest[HWY_MAX_BYTES / sizeof(std::uint32_t)] = {};
  std::memcpy(rest, words + i, (count - i) * sizeof(std::uint32_t));
  const auto word = hn::BitCast(di, hn::Load(du, rest));
  hn::Store(hn::BitCast(du, changed(word)), du, rest);
  std::memcpy(words + i, rest, (count - i) * sizeof(std::uint32_t));
}

FloatVec clamped(FloatVec v, float low, float high) {
  const Floats df;
  return hn::Min(hn::Max(v, hn::Set(df, low)), hn::Set(df, high));
}

void multiply_words(const std::array<float, 12>& matrix, std::size_t count, std::uint32_t* words) {
  const Floats df;
  for_pixels(count, words, [&](const Colours& in) {
    const auto row = [&](std::size_t at) {
      const auto red = hn::Mul(hn::Set(df, matrix[at]), in.r);
      const auto green = hn::Mul(hn::Set(df, matrix[at + 1]), in.g);
      const auto blue = hn::Mul(hn::Set(df, matrix[at + 2]), in.b);
      const auto sum = hn::Add(hn::Add(red, green), hn::Add(blue, hn::Set(df, matrix[at + 3])));
      return clamped(sum, 0, 255);
    };
    return Colours{row(8), row(4), row(0)};
  });
}

void shift_words(
    float hue, float saturation, float value, std::size_t count, std::uint32_t* words) {
  const Floats df;
  const auto zero = hn::Zero(df);
  const auto one = hn::Set(df, 1.0F);
  const auto two = hn::Set(df, 2.0F);
  const auto six = hn::Set(df, 6.0F);
  for_pixels(count, words, [&](const Colours& in) {
    const auto high = hn::Max(in.r, hn::Max(in.g, in.b));
    const auto low = hn::Min(in.r, hn::Min(in.g, in.b));
    const auto chroma = hn::Sub(high, low);
    // Hue in sixths of the circle: 0 is red, 2 green, 4 blue; grey has that of red.
    const auto is_red = hn::Eq(high, in.r);
    const auto is_green = hn::Eq(high, in.g);
    auto side = hn::Sub(in.r, in.g);
    side = hn::IfThenElse(is_green, hn::Sub(in.b, in.r), side);
    side = hn::IfThenElse(is_red, hn::Sub(in.g, in.b), side);
    auto base = hn::IfThenElse(is_green, two, hn::Set(df, 4.0F));
    base = hn::IfThenElse(is_red, zero, base);
    auto h = hn::Add(hn::Add(base, hn::Set(df, hue)), hn::Div(side, hn::Max(chroma, one)));
    h = hn::IfThenElse(hn::Ge(h, six), hn::Sub(h, six), h);
    h = hn::IfThenElse(hn::Lt(h, zero), hn::Add(h, six), h);
    const auto s =
        clamped(hn::Add(hn::Div(hn::Mul(hn::Set(df, 255.0F), chroma), hn::Max(high, one)),
                        hn::Set(df, saturation)),
                0,
                255);
    const auto v = clamped(hn::Add(high, hn::Set(df, value)), 0, 255);
    // A channel is the value less what saturation takes where the hue is far from it.
    const auto span = hn::Mul(hn::Mul(v, s), hn::Set(df, 1.0F / 255));
    const auto floor = hn::Sub(v, span);
    const auto near = [&](FloatVec distance) {
      return hn::Add(floor, hn::Mul(span, clamped(hn::Sub(two, distance), 0, 1)));
    };
    const auto red = hn::Sub(hn::Abs(hn::Sub(h, hn::Set(df, 3.0F))), one);
    return Colours{near(hn::Abs(hn::Sub(h, hn::Set(df, 4.0F)))),
                   near(hn::Abs(hn::Sub(h, two))),
                   hn::Add(floor, hn::Mul(span, clamped(red, 0, 1)))};
  });
}

void look_up_words(const WordTables& tables, std::size_t count, std::uint32_t* words) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t word = words[i];
    words[i] =
        tables[0][word & 255U] | tables[1][word >> 8U & 255U] | tables[2][word >> 16U & 255U];
  }
}

// NOLINTNEXTLINE(readability-identifier-naming)
}  // namespace HWY_NAMESPACE
}  // namespace labelloom::augment
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace labelloom::augment {
namespace {

HWY_EXPORT(look_up_words);
HWY_EXPORT(multiply_words);
HWY_EXPORT(shift_words);

}  // namespace

void look_up(const WordTables& tables, std::size_t count, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(look_up_words)(tables, count, words);
}

void multiply(const std::array<float, 12>& matrix, std::size_t count, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(multiply_words)(matrix, count, words);
}

void shift_hsv(float hue, float saturation, float value, std::size_t count, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(shift_words)(hue, saturation, value, count, words);
}

}  // namespace labelloom::augment
#endif  // HWY_ONCE
