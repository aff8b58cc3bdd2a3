// shift_hsv in 16-bit lanes: two vectors of pixels at a time, whole numbers but for two quotients.
// It errs by less than a twentieth of a level before rounding (kernel_colour_test.cc).
//
// Angles of hue are 65536ths of the circle, so that they wrap as whole numbers do; shares are
// 65535ths, and levels 256ths.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "augment/colour_kernels.h"
#include "augment/kernel_inline.h"

#define HWY_WANT_AVX3_DL  // for its choice among the bytes of two registers
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/hsv_kernel.cc"
#include <hwy/foreach_target.h>
// Must come after foreach_target.h.
#include <hwy/highway.h>

#ifndef LABELLOOM_HSV_STEPS
#define LABELLOOM_HSV_STEPS
namespace labelloom::augment {

/// A shift in the units of the kernel. Of what is added and what is taken one is zero.
struct HsvSteps {
  std::uint16_t red = 0;  ///< where the hue of red comes to lie
  std::uint16_t green = 0;
  std::uint16_t blue = 0;
  std::uint16_t more_saturation = 0;
  std::uint16_t less_saturation = 0;
  std::uint16_t more_value = 0;
  std::uint16_t less_value = 0;
};

}  // namespace labelloom::augment
#endif

// NOLINTBEGIN(readability-identifier-naming): names of Highway
HWY_BEFORE_NAMESPACE();
namespace labelloom::augment {
namespace HWY_NAMESPACE {
// NOLINTEND(readability-identifier-naming)

namespace hn = hwy::HWY_NAMESPACE;

using Shorts = hn::ScalableTag<std::uint16_t>;
using SignedShorts = hn::RebindToSigned<Shorts>;
using ShortVec = hn::Vec<Shorts>;
using SignedShortVec = hn::Vec<SignedShorts>;

constexpr float kSixth = 65536.0F / 6;
constexpr std::uint16_t kThird = 21845;
constexpr float kWhole = 65535;

struct Levels {
  ShortVec b;
  ShortVec g;
  ShortVec r;
};

/// What division gives: the part of a sixth that a hue lies off its main colour, and saturation.
struct Quotients {
  ShortVec angle;
  ShortVec share;
};

/// The nearest whole number in the low 16 bits: numbers this small, added to 3 * 2^22, have it
/// there.
template <class D>
HWY_INLINE hn::Vec<hn::RebindToSigned<D>> rounded(D d, hn::Vec<D> v) {
  return hn::BitCast(hn::RebindToSigned<D>(), hn::Add(v, hn::Set(d, 12582912.0F)));
}

constexpr float kSideUnit = 65536;

/// side / chroma and chroma / high, by one division; 0 where the divisor is. `side` comes times
/// kSideUnit.
template <class D, class Ints = hn::Vec<hn::RebindToSigned<D>>>
HWY_INLINE void divide(D d, Ints high, Ints chroma, Ints side, Ints& angle, Ints& share) {
  constexpr float kScale = kSixth / kSideUnit;
  const auto h = hn::ConvertTo(d, high);
  const auto c = hn::ConvertTo(d, chroma);
  const auto inverse = hn::Div(hn::Set(d, kScale), hn::Max(hn::Mul(h, c), hn::Set(d, 1.0F)));
  angle = rounded(d, hn::Mul(hn::ConvertTo(d, side), hn::Mul(h, inverse)));
  share = rounded(d, hn::Mul(hn::Mul(c, hn::Set(d, kWhole / kScale)), hn::Mul(c, inverse)));
}

#if HWY_TARGET == HWY_SCALAR

Quotients quotients(ShortVec high, ShortVec chroma, SignedShortVec side) {
  const hn::ScalableTag<float> df;
  const hn::RebindToSigned<decltype(df)> di;
  hn::Vec<decltype(di)> angle;
  hn::Vec<decltype(di)> share;
  divide(df,
         hn::PromoteTo(di, high),
         hn::PromoteTo(di, chroma),
         hn::ShiftLeft<16>(hn::PromoteTo(di, side)),
         angle,
         share);
  const auto low = [](auto v) { return hn::Set(Shorts(), static_cast<std::uint16_t>(v.raw)); };
  return {low(angle), low(share)};
}

template <typename Change>
void for_levels(std::size_t count, std::uint32_t* words, Change&& change) {
  const Shorts d;
  for (std::size_t i = 0; i < count; ++i) {
    const auto level = [&](unsigned shift) {
      return hn::Set(d, static_cast<std::uint16_t>(words[i] >> shift & 255U));
    };
    const Levels out = change({level(0), level(8), level(16)});
    const auto word = [](ShortVec v) { return static_cast<std::uint32_t>(v.raw >> 8U); };
    words[i] = word(out.b) | word(out.g) << 8U | word(out.r) << 16U;
  }
}

#else

using Wides = hn::RepartitionToWide<Shorts>;
using WideVec = hn::Vec<Wides>;

#if HWY_TARGET == HWY_AVX3_DL

/// Bytes numbered by `byte(lane of a word, byte of it)`, from 128 on: zero.
template <typename Byte>
struct Choice {
  alignas(64) std::uint8_t at[64];

  constexpr explicit Choice(Byte byte) : at{} {
    for (int i = 0; i < 64; ++i) at[i] = static_cast<std::uint8_t>(byte(i / 4, i % 4));
  }
  [[nodiscard]] auto index() const { return _mm512_load_si512(at); }
};

/// Even lanes are of the first vector.
HWY_INLINE ShortVec interleaved(WideVec even, WideVec odd) {
  static constexpr Choice kLow(
      [](int lane, int byte) { return 4 * lane + byte % 2 + byte / 2 * 64; });
  return ShortVec{_mm512_permutex2var_epi8(even.raw, kLow.index(), odd.raw)};
}

template <int kByte>
HWY_INLINE ShortVec channel_of(WideVec first, WideVec second) {
  static constexpr Choice kBytes(
      [](int lane, int byte) { return 4 * lane + kByte + byte / 2 * 64; });
  return ShortVec{
      _mm512_maskz_permutex2var_epi8(0x5555555555555555, first.raw, kBytes.index(), second.raw)};
}

HWY_INLINE Levels unpacked(WideVec first, WideVec second) {
  return {channel_of<0>(first, second), channel_of<1>(first, second), channel_of<2>(first, second)};
}

HWY_INLINE void pack(const Levels& levels, WideVec& first, WideVec& second) {
  // Words of blue and green, twice; then those of the even or odd pixels with red.
  static constexpr Choice kBlueGreen(
      [](int lane, int byte) { return 4 * lane + byte / 2 * 2 + 1 + byte % 2 * 64; });
  static constexpr Choice kEven(
      [](int lane, int byte) { return 4 * lane + (byte < 2 ? byte : 64 + 1); });
  static constexpr Choice kOdd(
      [](int lane, int byte) { return 4 * lane + (byte < 2 ? 2 + byte : 64 + 3); });
  const auto bg = _mm512_permutex2var_epi8(levels.b.raw, kBlueGreen.index(), levels.g.raw);
  first = WideVec{_mm512_permutex2var_epi8(bg, kEven.index(), levels.r.raw)};
  second = WideVec{_mm512_permutex2var_epi8(bg, kOdd.index(), levels.r.raw)};
}

#else

HWY_INLINE ShortVec shorts(WideVec v) { return hn::BitCast(Shorts(), v); }
HWY_INLINE WideVec wides(ShortVec v) { return hn::BitCast(Wides(), v); }

/// Even lanes are the low halves of the first vector's, odd ones of the second's.
HWY_INLINE ShortVec interleaved(WideVec even, WideVec odd) {
  return hn::OddEven(shorts(hn::ShiftLeft<16>(odd)), shorts(even));
}

HWY_INLINE Levels unpacked(WideVec first, WideVec second) {
  const auto low_bytes = hn::Set(Wides(), 0x00FF00FF);
  const auto even = hn::And(first, low_bytes);
  const auto odd = hn::And(second, low_bytes);
  return {interleaved(even, odd),
          hn::ShiftRight<8>(interleaved(first, second)),
          hn::OddEven(shorts(odd), shorts(hn::ShiftRight<16>(even)))};
}

HWY_INLINE void pack(const Levels& levels, WideVec& first, WideVec& second) {
  const auto green = hn::AndNot(hn::Set(Shorts(), 255), levels.g);
  const auto bg = hn::Or(hn::ShiftRight<8>(levels.b), green);
  const auto red = hn::ShiftRight<8>(levels.r);
  first = wides(interleaved(wides(bg), wides(red)));
  second = wides(hn::OddEven(red, shorts(hn::ShiftRight<16>(wides(bg)))));
}

#endif

HWY_INLINE Quotients quotients(ShortVec high, ShortVec chroma, SignedShortVec side) {
  const hn::RebindToSigned<Wides> di;
  const hn::RebindToFloat<decltype(di)> df;
  const auto wide = [&](auto v) LABELLOOM_INLINE { return hn::BitCast(di, v); };
  const auto low = hn::Set(di, 0xFFFF);
  hn::Vec<decltype(di)> angle[2];
  hn::Vec<decltype(di)> share[2];
  divide(df,
         hn::And(wide(high), low),
         hn::And(wide(chroma), low),
         hn::ShiftLeft<16>(wide(side)),
         angle[0],
         share[0]);
  divide(df,
         hn::ShiftRight<16>(wide(high)),
         hn::ShiftRight<16>(wide(chroma)),
         hn::AndNot(low, wide(side)),
         angle[1],
         share[1]);
  const auto together = [&](const auto& halves) LABELLOOM_INLINE {
    return interleaved(hn::BitCast(Wides(), halves[0]), hn::BitCast(Wides(), halves[1]));
  };
  return {together(angle), together(share)};
}

/// Changes all pixels by `change`, a function from Levels to Levels in 256ths, which are rounded
/// down. Even lanes are those of one vector of words, odd ones those of the next.
template <typename Change>
void for_levels(std::size_t count, std::uint32_t* words, Change&& change) {
  const Wides d;
  const std::size_t lanes = hn::Lanes(d);
  const auto change_at = [&](std::uint32_t* at) LABELLOOM_INLINE {
    auto first = hn::LoadU(d, at);
    auto second = hn::LoadU(d, at + lanes);
    pack(change(unpacked(first, second)), first, second);
    hn::StoreU(first, d, at);
    hn::StoreU(second, d, at + lanes);
  };
  std::size_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) change_at(words + i);
  if (i == count) return;
  HWY_ALIGN std::uint32_t rest[2 * HWY_MAX_BYTES / sizeof(std::uint32_t)] = {};
  std::memcpy(rest, words + i, (count - i) * sizeof(std::uint32_t));
  change_at(rest);
  std::memcpy(words + i, rest, (count - i) * sizeof(std::uint32_t));
}

#endif

void shift_words(const HsvSteps& shift, std::size_t count, std::uint32_t* words) {
  const Shorts d;
  const SignedShorts di;
  const auto red_hue = hn::Set(d, shift.red);
  const auto green_hue = hn::Set(d, shift.green);
  const auto blue_hue = hn::Set(d, shift.blue);
  const auto more_saturation = hn::Set(d, shift.more_saturation);
  const auto less_saturation = hn::Set(d, shift.less_saturation);
  const auto more_value = hn::Set(d, shift.more_value);
  const auto less_value = hn::Set(d, shift.less_value);
  for_levels(count, words, [&](const Levels& in) LABELLOOM_INLINE {
    const auto high = hn::Max(in.r, hn::Max(in.g, in.b));
    const auto low = hn::Min(in.r, hn::Min(in.g, in.b));
    const auto chroma = hn::Sub(high, low);
    const auto is_red = hn::Eq(high, in.r);
    const auto is_green = hn::Eq(high, in.g);
    auto side = hn::IfThenElse(is_green, hn::Sub(in.b, in.r), hn::Sub(in.r, in.g));
    side = hn::IfThenElse(is_red, hn::Sub(in.g, in.b), side);
    auto base = hn::IfThenElse(is_green, green_hue, blue_hue);
    base = hn::IfThenElse(is_red, red_hue, base);
    const Quotients q = quotients(high, chroma, hn::BitCast(di, side));
    const auto hue = hn::Add(base, q.angle);
    const auto shifted =
        hn::SaturatedSub(hn::SaturatedAdd(q.share, more_saturation), less_saturation);
    // Grey has no hue: more saturation must not make it red.
    const auto s = hn::IfThenZeroElse(hn::Eq(chroma, hn::Zero(d)), shifted);
    const auto raised = hn::Min(hn::SaturatedAdd(hn::ShiftLeft<8>(high), more_value),
                                hn::Set(d, std::uint16_t{255 << 8}));
    const auto v = hn::SaturatedSub(raised, less_value);
    // A channel is the value less what saturation takes where the hue is far from it: nothing
    // within a sixth of the circle, all of it beyond two, and in proportion between.
    const auto span = hn::MulHigh(v, s);
    const auto most = hn::Add(v, hn::Set(d, 128));  // what is left will be rounded down
    const auto channel = [&](std::uint16_t centre) LABELLOOM_INLINE {
      const auto off = hn::BitCast(di, hn::Sub(hue, hn::Set(d, centre)));
      const auto away = hn::BitCast(d, hn::Abs(off));
      const auto past = hn::SaturatedSub(away, hn::Set(d, std::uint16_t{kThird / 2 + 1}));
      const auto half = hn::Add(past, hn::Add(past, past));
      return hn::Sub(most, hn::MulHigh(span, hn::SaturatedAdd(half, half)));
    };
    return Levels{channel(2 * kThird), channel(kThird), channel(0)};
  });
}

// NOLINTNEXTLINE(readability-identifier-naming)
}  // namespace HWY_NAMESPACE
}  // namespace labelloom::augment
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace labelloom::augment {
namespace {

HWY_EXPORT(shift_words);

std::uint16_t short_of(double value) {
  return static_cast<std::uint16_t>(std::lround(std::clamp(value, 0.0, 65535.0)));
}

}  // namespace

void shift_hsv(
    double hue, double saturation, double value, std::size_t count, std::uint32_t* words) {
  const double circles = hue / 6 - std::floor(hue / 6);
  HsvSteps shift;
  shift.red = static_cast<std::uint16_t>(std::lround(circles * 65536) & 0xFFFF);
  shift.green = static_cast<std::uint16_t>(shift.red + 21845U);
  shift.blue = static_cast<std::uint16_t>(shift.red + 43690U);
  shift.more_saturation = short_of(saturation * 65535);
  shift.less_saturation = short_of(-saturation * 65535);
  shift.more_value = short_of(value * 256);
  shift.less_value = short_of(-value * 256);
  HWY_DYNAMIC_DISPATCH(shift_words)(shift, count, words);
}

}  // namespace labelloom::augment
#endif  // HWY_ONCE
