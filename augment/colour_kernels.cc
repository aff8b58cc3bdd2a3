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

#if HWY_TARGET == HWY_AVX3_DL

/// 256 bytes in four registers.
struct ByteTable {
  __m512i part[4];

  explicit ByteTable(const std::array<std::uint8_t, 256>& bytes) {
    for (std::size_t i = 0; i < 4; ++i) part[i] = _mm512_loadu_si512(bytes.data() + 64 * i);
  }
  [[nodiscard]] __m512i lower(__m512i at) const {
    return _mm512_permutex2var_epi8(part[0], at, part[1]);
  }
  [[nodiscard]] __m512i upper(__m512i at) const {
    return _mm512_permutex2var_epi8(part[2], at, part[3]);
  }
};

/// Changes 16 words at a time.
template <typename Change>
void for_sixteen(std::size_t count, std::uint32_t* words, Change&& change) {
  for (std::size_t i = 0; i < count; i += 16) {
    const std::size_t left = count - i;
    const auto lanes = static_cast<__mmask16>(left >= 16 ? 0xFFFF : (1U << left) - 1);
    const __m512i at = _mm512_maskz_loadu_epi32(lanes, words + i);
    _mm512_mask_storeu_epi32(words + i, lanes, change(at));
  }
}

void look_up_words(const LevelTables& tables, std::size_t count, std::uint32_t* words) {
  const ByteTable blue(tables.bytes[0]);
  if (tables.equal) {
    for_sixteen(count, words, [&](__m512i at) LABELLOOM_INLINE {
      return _mm512_mask_mov_epi8(blue.lower(at), _mm512_movepi8_mask(at), blue.upper(at));
    });
    return;
  }
  const ByteTable green(tables.bytes[1]);
  const ByteTable red(tables.bytes[2]);
  constexpr __mmask64 kGreen = 0x2222222222222222;
  constexpr __mmask64 kRed = 0x4444444444444444;
  for_sixteen(count, words, [&](__m512i at) LABELLOOM_INLINE {
    __m512i lower = blue.lower(at);
    lower = _mm512_mask_mov_epi8(lower, kGreen, green.lower(at));
    lower = _mm512_mask_mov_epi8(lower, kRed, red.lower(at));
    __m512i upper = blue.upper(at);
    upper = _mm512_mask_mov_epi8(upper, kGreen, green.upper(at));
    upper = _mm512_mask_mov_epi8(upper, kRed, red.upper(at));
    return _mm512_mask_mov_epi8(lower, _mm512_movepi8_mask(at), upper);
  });
}

#else

void look_up_words(const LevelTables& tables, std::size_t count, std::uint32_t* words) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t word = words[i];
    words[i] = tables.words[0][word & 255U] | tables.words[1][word >> 8U & 255U] |
               tables.words[2][word >> 16U & 255U];
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

}  // namespace

LevelTables::LevelTables(const std::array<std::array<std::uint8_t, 256>, 3>& bgr)
    : bytes(bgr), words{}, equal(bgr[0] == bgr[1] && bgr[0] == bgr[2]) {
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t level = 0; level < 256; ++level) {
      words[channel][level] = std::uint32_t{bgr[channel][level]} << (8 * channel);
    }
  }
}

void look_up(const LevelTables& tables, std::size_t count, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(look_up_words)(tables, count, words);
}

void multiply(const std::array<float, 12>& matrix, std::size_t count, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(multiply_words)(matrix, count, words);
}

}  // namespace labelloom::augment
#endif  // HWY_ONCE
