#include "augment/colour_pass.h"

#include <cmath>

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
    std::visit(Overloaded{[&](const ToneTable& table) {
                            WordTables& words = stages_.emplace_back(WordTables{}).emplace<0>();
                            for (std::size_t channel = 0; channel < 3; ++channel) {
                              for (std::size_t level = 0; level < 256; ++level) {
                                words[channel][level] = std::uint32_t{table.bgr[channel][level]}
                                                        << (8 * channel);
                              }
                            }
                          },
                          [&](const ColourMatrix& matrix) {
                            Matrix& m = stages_.emplace_back(Matrix{}).emplace<1>();
                            for (std::size_t i = 0; i < m.size(); ++i) {
                              m[i] = static_cast<float>(matrix.m[i]);
                            }
                          },
                          [&](const HsvShift& shift) {
                            const double sixths = shift.hue / 30;
                            stages_.emplace_back(
                                Shift{static_cast<float>(sixths - 6 * std::floor((sixths - 1) / 6)),
                                      static_cast<float>(shift.saturation / 255),
                                      static_cast<float>(shift.value)});
                          }},
               stage);
  }
}

void ColourRows::apply(std::span<std::uint32_t> words) const {
  for (const auto& stage : stages_) {
    std::visit(
        Overloaded{[&](const WordTables& tables) { look_up(tables, words.size(), words.data()); },
                   [&](const Matrix& matrix) { multiply(matrix, words.size(), words.data()); },
                   [&](const Shift& shift) {
                     shift_hsv(
                         shift.hue, shift.saturation, shift.value, words.size(), words.data());
                   }},
        stage);
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
