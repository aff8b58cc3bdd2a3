#include "augment/sample_kernels.h"

#include <bit>
#include <cstring>

#include <hwy/cache_control.h>

#include "augment/kernel_inline.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/sample_kernels.cc"
#include <hwy/foreach_target.h>
// Must come after foreach_target.h.
#include <hwy/highway.h>

// NOLINTBEGIN(readability-identifier-naming): names of Highway
HWY_BEFORE_NAMESPACE();
namespace labelloom::augment {
namespace HWY_NAMESPACE {
// NOLINTEND(readability-identifier-naming)

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
using VecOf = hn::Vec<D>;

constexpr float kFarthest = 4194303;  // 2^22 - 1

/// x and y of `Lanes` pixels from number `i` on, before rounding.
template <bool kProjective, class D>
void positions(D d, const BlockMap& map, std::size_t i, VecOf<D>& x, VecOf<D>& y) {
  const auto at = hn::Iota(d, static_cast<float>(i));
  x = hn::Add(hn::Set(d, map.x), hn::Mul(hn::Set(d, map.x_step), at));
  y = hn::Add(hn::Set(d, map.y), hn::Mul(hn::Set(d, map.y_step), at));
  if constexpr (kProjective) {
    const auto w = hn::Add(hn::Set(d, map.w), hn::Mul(hn::Set(d, map.w_step), at));
    const auto scale = hn::Div(hn::Set(d, 1.0F), hn::Max(w, hn::Set(d, 1e-12F)));
    x = hn::Mul(x, scale);
    y = hn::Mul(y, scale);
    // Near the horizon anything may come out.
    const auto limit = hn::Set(d, kFarthest);
    x = hn::Max(hn::Min(x, limit), hn::Neg(limit));
    y = hn::Max(hn::Min(y, limit), hn::Neg(limit));
  }
}

/// The nearest whole number of numbers no larger than kFarthest: added to 3 * 2^22, it stands in
/// the lowest bits. (NearestInt would look after larger ones, at a price.)
template <class D, class DI = hn::RebindToSigned<D>>
VecOf<DI> whole(D d, VecOf<D> v) {
  const DI di;
  const auto shifted = hn::BitCast(di, hn::Add(v, hn::Set(d, 12582912.0F)));
  return hn::Sub(shifted, hn::Set(di, 0x4B400000));
}

template <class D>
VecOf<D> clamped(D d, VecOf<D> v, std::int32_t low, std::int32_t high) {
  return hn::Max(hn::Min(v, hn::Set(d, high)), hn::Set(d, low));
}

template <bool kProjective, bool kOffsets>
void linear(const BlockMap& map, std::size_t count, std::uint32_t pitch, Block& block) {
  const hn::ScalableTag<float> df;
  const hn::RebindToSigned<decltype(df)> di;
  const hn::RebindToUnsigned<decltype(df)> du;
  const auto fraction = hn::Set(di, kSubpixels - 1);
  for (std::size_t i = 0; i < count; i += hn::Lanes(df)) {
    VecOf<decltype(df)> xf;
    VecOf<decltype(df)> yf;
    positions<kProjective>(df, map, i, xf, yf);
    const auto xq = whole(df, xf);
    const auto yq = whole(df, yf);
    const auto x = clamped(di,
                           hn::Add(hn::ShiftRight<kSubpixelBits>(xq), hn::Set(di, map.left)),
                           map.min_x,
                           map.max_x);
    const auto y = clamped(
        di, hn::Add(hn::ShiftRight<kSubpixelBits>(yq), hn::Set(di, map.top)), map.min_y, map.max_y);
    const auto right = hn::BitCast(du, hn::And(xq, fraction));
    const auto below = hn::BitCast(du, hn::And(yq, fraction));
    const auto left = hn::Sub(hn::Set(du, kSubpixels), right);
    hn::Store(hn::Or3(left, hn::ShiftLeft<8>(right), hn::ShiftLeft<kWeightShift>(below)),
              du,
              block.weights + i);
    if constexpr (kOffsets) {
      const auto row = hn::Mul(hn::BitCast(du, y), hn::Set(du, pitch));
      const auto column = hn::BitCast(du, hn::Add(x, hn::Add(x, x)));
      hn::Store(hn::Add(row, column), du, block.offsets + i);
    } else {
      hn::Store(x, di, block.x + i);
      hn::Store(y, di, block.y + i);
    }
  }
}

template <bool kProjective>
void nearest(const BlockMap& map, std::size_t count, Block& block) {
  const hn::ScalableTag<float> df;
  const hn::RebindToSigned<decltype(df)> di;
  for (std::size_t i = 0; i < count; i += hn::Lanes(df)) {
    VecOf<decltype(df)> xf;
    VecOf<decltype(df)> yf;
    positions<kProjective>(df, map, i, xf, yf);
    const auto x = hn::Add(whole(df, hn::Floor(xf)), hn::Set(di, map.left));
    const auto y = hn::Add(whole(df, hn::Floor(yf)), hn::Set(di, map.top));
    hn::Store(clamped(di, x, map.min_x, map.max_x), di, block.x + i);
    hn::Store(clamped(di, y, map.min_y, map.max_y), di, block.y + i);
  }
}

void linear_offsets(const BlockMap& map, std::size_t count, std::uint32_t pitch, Block& block) {
  map.w_step == 0 && map.w == 1 ? linear<false, true>(map, count, pitch, block)
                                : linear<true, true>(map, count, pitch, block);
}

void linear_places(const BlockMap& map, std::size_t count, Block& block) {
  map.w_step == 0 && map.w == 1 ? linear<false, false>(map, count, 0, block)
                                : linear<true, false>(map, count, 0, block);
}

void nearest_places(const BlockMap& map, std::size_t count, Block& block) {
  map.w_step == 0 && map.w == 1 ? nearest<false>(map, count, block)
                                : nearest<true>(map, count, block);
}

void fetch_pairs(const std::uint8_t* pixels,
                 std::size_t pitch,
                 [[maybe_unused]] std::ptrdiff_t ahead,
                 std::size_t count,
                 Block& block) {
  const auto load = [](const std::uint8_t* at) {
    std::uint64_t pair = 0;
    std::memcpy(&pair, at, sizeof pair);
    return pair;
  };
  std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  // Four at a time, stored as one: stores are what there is least of.
  const hn::FixedTag<std::uint64_t, 2> d2;
  const auto fetch = [&](const std::uint8_t* base, std::uint64_t* to) LABELLOOM_INLINE {
    const auto two = [&](std::size_t k) LABELLOOM_INLINE {
      return hn::Combine(d2,
                         hn::Set(hn::Half<decltype(d2)>(), load(base + block.offsets[k + 1])),
                         hn::Set(hn::Half<decltype(d2)>(), load(base + block.offsets[k])));
    };
    hn::Store(two(i), d2, to + i);
    hn::Store(two(i + 2), d2, to + i + 2);
  };
  for (; i + 4 <= count; i += 4) {
    hwy::Prefetch(pixels + block.offsets[i] + ahead);
    fetch(pixels, block.upper);
    fetch(pixels + pitch, block.lower);
  }
#endif
  for (; i < count; ++i) {
    const std::uint8_t* pixel = pixels + block.offsets[i];
    block.upper[i] = load(pixel);
    block.lower[i] = load(pixel + pitch);
  }
}

#if HWY_TARGET == HWY_SCALAR

// Without vectors there are no lanes to share: what the other one does, a channel at a time.
void blend_block(const Block& block, std::size_t count, std::uint32_t* words) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto right = static_cast<std::int32_t>(block.weights[i] >> 8U & 0xFFU);
    const auto below = static_cast<std::int32_t>(block.weights[i] >> kWeightShift);
    std::uint32_t word = 0;
    for (unsigned channel = 0; channel < 3; ++channel) {
      const auto across = [&](std::uint64_t pair) {
        const auto at_left = static_cast<std::int32_t>(pair >> (8 * channel) & 255U);
        const auto at_right = static_cast<std::int32_t>(pair >> (8 * channel + 24) & 255U);
        return at_left * (kSubpixels - right) + at_right * right;
      };
      const std::int32_t upper = across(block.upper[i]);
      const std::int32_t lower = across(block.lower[i]);
      const std::int32_t half = kSubpixels / 2;
      const std::int32_t mixed = upper + (((lower - upper) * below + half) >> kSubpixelBits);
      word |= static_cast<std::uint32_t>((mixed + half) >> kSubpixelBits) << (8 * channel);
    }
    words[i] = word;
  }
}

#else

// Byte numbers for two pixels of 64 bits; 0x80 gives a zero. Channels of the pixel at left and of
// that at right are paired in the order blue, red, green, green, which narrows to a word with one
// shift.
#define LABELLOOM_ROW(name, ...) alignas(16) constexpr std::uint8_t name[16] = {__VA_ARGS__}
LABELLOOM_ROW(kPairs, 0, 3, 2, 5, 1, 4, 1, 4, 8, 11, 10, 13, 9, 12, 9, 12);
LABELLOOM_ROW(kPartsAcross, 0, 1, 0, 1, 0, 1, 0, 1, 8, 9, 8, 9, 8, 9, 8, 9);
LABELLOOM_ROW(kPartBelow, 2, 3, 2, 3, 2, 3, 2, 3, 10, 11, 10, 11, 10, 11, 10, 11);
#undef LABELLOOM_ROW

using Pairs = hn::ScalableTag<std::int16_t>;
using PairVec = hn::Vec<Pairs>;

/// The sums of the products of byte pairs: weights of no more than kSubpixels together, and levels
/// less 128, signed.
HWY_INLINE PairVec mixed_pairs(PairVec weights, PairVec levels) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  return PairVec{_mm512_maddubs_epi16(weights.raw, levels.raw)};
#elif HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
  return PairVec{_mm256_maddubs_epi16(weights.raw, levels.raw)};
#elif HWY_ARCH_X86 && HWY_TARGET <= HWY_SSSE3
  return PairVec{_mm_maddubs_epi16(weights.raw, levels.raw)};
#else
  const auto low = hn::Set(Pairs(), 255);
  const auto first = hn::ShiftRight<8>(hn::ShiftLeft<8>(levels));
  return hn::Add(hn::Mul(hn::And(weights, low), first),
                 hn::Mul(hn::ShiftRight<8>(weights), hn::ShiftRight<8>(levels)));
#endif
}

void blend_block(const Block& block, std::size_t count, std::uint32_t* words) {
  const hn::ScalableTag<std::uint64_t> d64;
  const hn::Rebind<std::uint32_t, decltype(d64)> d32;
  const Pairs d16;
  const hn::Repartition<std::uint8_t, decltype(d64)> d8;
  const std::size_t lanes = hn::Lanes(d64);
  const auto take = [&](auto v, auto bytes) LABELLOOM_INLINE {
    return hn::BitCast(d16, hn::TableLookupBytes(hn::BitCast(d8, v), bytes));
  };
  const auto pair_bytes = hn::LoadDup128(d8, kPairs);
  const auto across_bytes = hn::LoadDup128(d8, kPartsAcross);
  const auto below_bytes = hn::LoadDup128(d8, kPartBelow);
  const auto signs = hn::BitCast(d16, hn::Set(d8, 0x80));
  constexpr std::int16_t kHalf = kSubpixels / 2;
  for (std::size_t i = 0; i < count; i += lanes) {
    const auto weights = hn::PromoteTo(d64, hn::Load(d32, block.weights + i));
    const auto parts_across = take(weights, across_bytes);
    const auto part_below = take(weights, below_bytes);  // times 2^15
    const auto across = [&](const std::uint64_t* pairs) LABELLOOM_INLINE {
      const auto levels = take(hn::Load(d64, pairs + i), pair_bytes);
      return mixed_pairs(parts_across, hn::Xor(levels, signs));
    };
    const auto upper = across(block.upper);
    const auto lower = across(block.lower);
    const auto mixed = hn::Add(upper, hn::MulFixedPoint15(hn::Sub(lower, upper), part_below));
    // To be rounded, and without the 128 that levels are less.
    const auto rounded = hn::ShiftRight<kSubpixelBits>(
        hn::Add(mixed, hn::Set(d16, std::int16_t{kHalf + 128 * kSubpixels})));
    const auto wide = hn::BitCast(d64, rounded);
    const auto word = hn::TruncateTo(d32, hn::Or(wide, hn::ShiftRight<24>(wide)));
    if (i + lanes <= count) {
      hn::StoreU(word, d32, words + i);
    } else {
      HWY_ALIGN std::uint32_t rest[HWY_MAX_BYTES / 8];
      hn::Store(word, d32, rest);
      std::memcpy(words + i, rest, (count - i) * sizeof(std::uint32_t));
    }
  }
}

#endif

void unpack(const std::uint8_t* bgr, std::size_t count, std::uint32_t* words) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    VecOf<decltype(d)> b;
    VecOf<decltype(d)> g;
    VecOf<decltype(d)> r;
    hn::LoadInterleaved3(d, bgr + i * 3, b, g, r);
    hn::StoreInterleaved4(b, g, r, g, d, reinterpret_cast<std::uint8_t*>(words + i));
  }
  for (; i < count; ++i) {
    const std::uint8_t* p = bgr + i * 3;
    words[i] = p[0] | std::uint32_t{p[1]} << 8U | std::uint32_t{p[2]} << 16U;
  }
}

void pack(const std::uint32_t* words, std::size_t count, std::uint8_t* bgr) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    VecOf<decltype(d)> b;
    VecOf<decltype(d)> g;
    VecOf<decltype(d)> r;
    VecOf<decltype(d)> unused;
    hn::LoadInterleaved4(d, reinterpret_cast<const std::uint8_t*>(words + i), b, g, r, unused);
    hn::StoreInterleaved3(b, g, r, d, bgr + i * 3);
  }
  for (; i < count; ++i) std::memcpy(bgr + i * 3, words + i, 3);
}

void fill_line(std::uint32_t word, std::size_t count, std::uint32_t* words) {
  const hn::ScalableTag<std::uint32_t> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(hn::Set(d, word), d, words + i);
  for (; i < count; ++i) words[i] = word;
}

// NOLINTNEXTLINE(readability-identifier-naming)
}  // namespace HWY_NAMESPACE
}  // namespace labelloom::augment
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace labelloom::augment {
namespace {

static_assert(std::endian::native == std::endian::little, "words are bytes in memory's order");

HWY_EXPORT(linear_offsets);
HWY_EXPORT(linear_places);
HWY_EXPORT(nearest_places);
HWY_EXPORT(fetch_pairs);
HWY_EXPORT(blend_block);
HWY_EXPORT(unpack);
HWY_EXPORT(pack);
HWY_EXPORT(fill_line);

}  // namespace

void locate_linear(const BlockMap& map, std::size_t count, Block& block) {
  HWY_DYNAMIC_DISPATCH(linear_places)(map, count, block);
}

void locate_linear(const BlockMap& map, std::size_t count, std::uint32_t pitch, Block& block) {
  HWY_DYNAMIC_DISPATCH(linear_offsets)(map, count, pitch, block);
}

void locate_nearest(const BlockMap& map, std::size_t count, Block& block) {
  HWY_DYNAMIC_DISPATCH(nearest_places)(map, count, block);
}

void fetch(const std::uint8_t* pixels,
           std::size_t pitch,
           std::ptrdiff_t ahead,
           std::size_t count,
           Block& block) {
  HWY_DYNAMIC_DISPATCH(fetch_pairs)(pixels, pitch, ahead, count, block);
}

void blend(const Block& block, std::size_t count, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(blend_block)(block, count, words);
}

void words_from_bgr(const std::uint8_t* bgr, std::size_t count, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(unpack)(bgr, count, words);
}

void bgr_from_words(const std::uint32_t* words, std::size_t count, std::uint8_t* bgr) {
  HWY_DYNAMIC_DISPATCH(pack)(words, count, bgr);
}

void fill_words(std::uint32_t word, std::size_t count, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(fill_line)(word, count, words);
}

}  // namespace labelloom::augment
#endif  // HWY_ONCE
