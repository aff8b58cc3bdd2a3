#pragma once

#include <cstdint>
#include <vector>

#include "select/boxmask.h"
#include "select/class_target.h"

namespace labelloom::select {

/// Numbers that look like noise and are the same every time.
class Noise {
 public:
  explicit Noise(std::uint32_t seed) : state_(seed * 2654435761U + 1U) {}
  std::uint32_t operator()() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 17U;
    state_ ^= state_ << 5U;
    return state_;
  }
  int below(int limit) { return static_cast<int>((*this)() % static_cast<std::uint32_t>(limit)); }
  double in(double low, double high) { return low + (high - low) * ((*this)() / 4294967296.0); }

 private:
  std::uint32_t state_;
};

/// Logits with memory of their own, [count, classes, height, width].
struct Logits {
  int count = 0;
  int classes = 0;
  int height = 0;
  int width = 0;
  std::vector<float> values;

  Logits(int n, int c, int h, int w, float value = 0);
  float& at(int n, int k, int y, int x);
  /// All of a cell's logits `low`, but that of one class `high`.
  void set_label(int n, int y, int x, int label, float high, float low = 0);
  void fill(Noise& noise, double spread);
  [[nodiscard]] LogitBatch batch() const;
};

/// A job with its logits.
struct Scene {
  ScoringJob job;
  ClassMap classes;
  Logits images;
  std::vector<Logits> crops;

  /// `count` pictures of that many cells. The first `things` of the classes are those of boxes.
  Scene(int count, int seg_classes, int things, int height, int width);
  [[nodiscard]] std::vector<LogitBatch> crop_batches() const;
  /// A detection of that class whose crop is a part of the image's logits, as they are then.
  BoxJob& add_box(const Box& box, int seg_class, const Cells& window, int image = 0);
  BoxJob& add_box(const Box& box, int seg_class, int image = 0);
};

/// Random logits, boxes, windows, key points; some classes are rare enough for empty BoxMasks.
/// `with_padding`: crops are larger than their windows, and what is behind them is noise.
[[nodiscard]] Scene random_scene(std::uint32_t seed, int seg_classes, bool with_padding = true);

/// A cell's one-hot logit, so large that all other probabilities vanish.
inline constexpr float kSure = 60;

}  // namespace labelloom::select
