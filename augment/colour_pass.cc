#include "augment/colour_pass.h"

#include <algorithm>

#include "augment/sample_kernels.h"

namespace labelloom::augment {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

ColourRows::ColourRows(const ColourPass& pass) {
  for (const ColourStage& stage : pass.stages) {
    std::visit(
        Overloaded{
            [&](const ToneTable& table) { stages_.emplace_back(LevelTables(table.bgr)); },
            [&](const ColourMatrix& matrix) {
              Matrix& m = stages_.emplace_back(Matrix{}).emplace<1>();
              for (std::size_t i = 0; i < m.size(); ++i) {
                m[i] = static_cast<float>(matrix.m[i]);
              }
            },
            [&](const HsvShift& shift) {
              stages_.emplace_back(Shift{shift.hue / 30, shift.saturation / 255, shift.value});
            }},
        stage);
  }
}

void ColourRows::apply(std::span<std::uint32_t> words) const {
  constexpr std::size_t kMost = 2048;  // stay in the nearest cache from stage to stage
  for (; !words.empty(); words = words.subspan(std::min(kMost, words.size()))) {
    const std::size_t count = std::min(kMost, words.size());
    for (const auto& stage : stages_) {
      std::visit(
          Overloaded{[&](const LevelTables& tables) { look_up(tables, count, words.data()); },
                     [&](const Matrix& matrix) { multiply(matrix, count, words.data()); },
                     [&](const Shift& shift) {
                       shift_hsv(shift.hue, shift.saturation, shift.value, count, words.data());
                     }},
          stage);
    }
  }
}

void apply(const ColourPass& pass, cv::Mat& bgr) {
  const ColourRows colours(pass);
  std::vector<std::uint32_t> words(static_cast<std::size_t>(bgr.cols));
  for (int row = 0; row < bgr.rows; ++row) {
    auto* line = bgr.ptr<std::uint8_t>(row);
    words_from_bgr(line, words.size(), words.data());
    colours.apply(words);
    bgr_from_words(words.data(), words.size(), line);
  }
}

}  // namespace labelloom::augment
