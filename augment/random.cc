#include "augment/random.h"

#include <cmath>
#include <numbers>

#include <Random123/philox.h>

namespace labelloom::augment {
namespace {

/// Finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

}  // namespace

std::uint64_t image_key(std::string_view file_name) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
  for (const char c : file_name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return mixed(hash);
}

Random::Random(const RandomKey& key) {
  const std::uint64_t combined = mixed(key.seed) ^ key.image;
  key_[0] = static_cast<std::uint32_t>(combined);
  key_[1] = static_cast<std::uint32_t>(combined >> 32U);
  counter_[0] = 0;
  counter_[1] = 0;
  counter_[2] = key.step;
  counter_[3] = key.variant;
}

void Random::refill() {
  const r123::Philox4x32 philox;
  const r123::Philox4x32::ctr_type counter{{counter_[0], counter_[1], counter_[2], counter_[3]}};
  const r123::Philox4x32::key_type key{{key_[0], key_[1]}};
  const r123::Philox4x32::ctr_type block = philox(counter, key);
  for (unsigned i = 0; i < 4; ++i) block_[i] = block[i];
  if (++counter_[0] == 0) ++counter_[1];
  used_ = 0;
}

std::uint32_t Random::bits() {
  if (used_ == 4) refill();
  return block_[used_++];
}

double Random::uniform() {
  const std::uint64_t high = bits();
  const std::uint64_t low = bits();
  return static_cast<double>((high << 21U) ^ (low >> 11U)) * 0x1p-53;
}

double Random::uniform(double low, double high) { return low + (high - low) * uniform(); }

std::int64_t Random::integer(std::int64_t low, std::int64_t high) {
  if (high <= low) return low;
  const std::uint64_t range =
      static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  // 53 random bits: for the ranges of images the unevenness is below 1e-11.
  return low + static_cast<std::int64_t>(uniform() * static_cast<double>(range));
}

double Random::normal() {
  // Box and Muller 1958; the second number is not kept, so that draws do not depend on history.
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::uint64_t Random::derive() {
  const std::uint64_t high = bits();
  return (high << 32U) | bits();
}

}  // namespace labelloom::augment
