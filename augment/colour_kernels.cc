#include "augment/colour_kernels.h"

#include <cstring>

#include "augment/kernel_inline.h"

#define HWY_WANT_AVX3_DL  // for its tables of bytes
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
  const auto changed = [&](auto word) LABELLOOM_INLINE {
    const auto blue = hn::And(word, low_byte);
    const auto green = hn::And(hn::ShiftRight<8>(word), low_byte);
    const auto red = hn::And(hn::ShiftRight<16>(word), low_byte);
    const Colours out =
        change({hn::ConvertTo(df, blue), hn::ConvertTo(df, green), hn::ConvertTo(df, red)});
    // Added to 2^23, a number's nearest whole number stands in its lowest bits.
    const auto level = [&](FloatVec value) LABELLOOM_INLINE {
      return hn::BitCast(du, hn::Add(value, hn::Set(df, 8388608.0F)));
    };
    return hn::Or3(level(out.b), hn::ShiftLeft<8>(level(out.g)), hn::ShiftLeft<16>(level(out.r)));
  };
  const std::size_t lanes = hn::Lanes(df);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto word = hn::BitCast(di, hn::LoadU(du, words + i));
    hn::StoreU(changed(word), du, words + i);
  }
  if (i == count) return;
  HWY_ALIGN std::uint32_t rest[HWY_MAX_BYTES / sizeof(std::uint32_t)] = {};
  std::memcpy(rest, words + i, (count - i) * sizeof(std::uint32_t));
  const auto word = hn::BitCast(di, hn::Load(du, rest));
  hn::Store(changed(word), du, rest);
  std::memcpy(words + i, rest, (count - i) * sizeof(std::uint32_t));
}

FloatVec clamped(FloatVec v, float low, float high) {
  const Floats df;
  return hn::Min(hn::Max(v, hn::Set(df, low)), hn::Set(df, high));
}

void multiply_words(const std::array<float, 12>& matrix, std::size_t count, std::uint32_t* words) {
  const Floats df;
  for_pixels(count, words, [&](const Colours& in) LABELLOOM_INLINE {
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
  const auto six = hn::Set(df, 6.0F);
  const auto red_hue = hn::Set(df, hue);
  const auto green_hue = hn::Set(df, hue + 2);
  const auto blue_hue = hn::Set(df, hue + 4);
  for_pixels(count, words, [&](const Colours& in) LABELLOOM_INLINE {
    const auto high = hn::Max(in.r, hn::Max(in.g, in.b));
    const auto low = hn::Min(in.r, hn::Min(in.g, in.b));
    const auto chroma = hn::Sub(high, low);
    // Hue in sixths of the circle: 0 is red, 2 green, 4 blue; grey has that of red.
    const auto is_red = hn::Eq(high, in.r);
    const auto is_green = hn::Eq(high, in.g);
    auto side = hn::IfThenElse(is_green, hn::Sub(in.b, in.r), hn::Sub(in.r, in.g));
    side = hn::IfThenElse(is_red, hn::Sub(in.g, in.b), side);
    auto base = hn::IfThenElse(is_green, green_hue, blue_hue);
    base = hn::IfThenElse(is_red, red_hue, base);
    // One division for both chroma / high and side / chroma; where chroma is zero, side is as well.
    const auto share = hn::Div(one, hn::Max(hn::Mul(chroma, high), one));
    auto h = hn::Add(base, hn::Mul(hn::Mul(side, high), share));  // in [0, 12)
    h = hn::IfThenElse(hn::Ge(h, six), hn::Sub(h, six), h);
    const auto ratio = hn::Mul(hn::Mul(chroma, chroma), share);
    // Grey has no hue: more saturation must not make it red.
    const auto shifted = hn::Min(hn::Max(hn::Add(ratio, hn::Set(df, saturation)), zero), one);
    const auto s = hn::IfThenZeroElse(hn::Eq(chroma, zero), shifted);
    const auto v = clamped(hn::Add(high, hn::Set(df, value)), 0, 255);
    // A channel is the value less what saturation takes where the hue is far from it: in the middle
    // it grows or falls by `span` in a sixth of the circle.
    const auto span = hn::Mul(v, s);
    const auto least = hn::Sub(v, span);
    const auto above = hn::Add(v, span);
    const auto below = hn::Sub(least, span);
    const auto slope = [&](float centre) LABELLOOM_INLINE {
      return hn::Mul(span, hn::Abs(hn::Sub(h, hn::Set(df, centre))));
    };
    const auto limited = [&](FloatVec level)
                             LABELLOOM_INLINE { return hn::Min(hn::Max(level, least), v); };
    return Colours{limited(hn::Sub(above, slope(4))),
                   limited(hn::Sub(above, slope(2))),
                   limited(hn::Add(below, slope(3)))};
  });
}

#if HWY_TARGET == HWY_AVX3_DL

/// 256 bytes in four registers.
struct ByteTable {
  __m512i part[4];

  explicit ByteTable(const std::array<std::uint32_t, 256>& words, unsigned shift) {
    alignas(64) std::uint8_t bytes[256];
    for (std::size_t i = 0; i < 256; ++i) bytes[i] = static_cast<std::uint8_t>(words[i] >> shift);
    for (std::size_t i = 0; i < 4; ++i) part[i] = _mm512_load_si512(bytes + 64 * i);
  }
  [[nodiscard]] __m512i lower(__m512i at) const {
    return _mm512_permutex2var_epi8(part[0], at, part[1]);
  }
  [[nodiscard]] __m512i upper(__m512i at) const {
    return _mm512_permutex2var_epi8(part[2], at, part[3]);
  }
};

void look_up_words(const WordTables& tables, std::size_t count, std::uint32_t* words) {
  const ByteTable blue(tables[0], 0);
  const ByteTable green(tables[1], 8);
  const ByteTable red(tables[2], 16);
  constexpr __mmask64 kGreen = 0x2222222222222222;
  constexpr __mmask64 kRed = 0x4444444444444444;
  for (std::size_t i = 0; i < count; i += 16) {
    const std::size_t left = count - i;
    const auto lanes = static_cast<__mmask16>(left >= 16 ? 0xFFFF : (1U << left) - 1);
    const __m512i at = _mm512_maskz_loadu_epi32(lanes, words + i);
    const __mmask64 high = _mm512_movepi8_mask(at);
    __m512i lower = blue.lower(at);
    lower = _mm512_mask_mov_epi8(lower, kGreen, green.lower(at));
    lower = _mm512_mask_mov_epi8(lower, kRed, red.lower(at));
    __m512i upper = blue.upper(at);
    upper = _mm512_mask_mov_epi8(upper, kGreen, green.upper(at));
    upper = _mm512_mask_mov_epi8(upper, kRed, red.upper(at));
    _mm512_mask_storeu_epi32(words + i, lanes, _mm512_mask_mov_epi8(lower, high, upper));
  }
}

#else

void look_up_words(const WordTables& tables, std::size_t count, std::uint32_t* words) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t word = words[i];
    words[i] =
        tables[0][word & 255U] | tables[1][word >> 8U & 255U] | tables[2][word >> 16U & 255U];
  }
}

#endif

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
