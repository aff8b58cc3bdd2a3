// Grey, in three equal channels.

#include <algorithm>
#include <string>

#include <opencv2/imgproc.hpp>

#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

/// Pictures keep three channels here; a file that asks for that asks for nothing.
void adapt(Settings& settings, Dialect /*dialect*/) {
  const Setting* channels = settings.find("num_output_channels");
  const auto* number = channels == nullptr ? nullptr : channels->as<double>();
  if (number != nullptr && *number == 3) settings.take("num_output_channels");
}

class ToGray final : public Transform {
 public:
  struct Options {
    std::string method = "weighted_average";

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit(
          "method",
          self.method,
          FieldSpec{.doc = "how three values become one; weights are 0.299, 0.587, 0.114",
                    .choices = {"weighted_average", "from_lab", "desaturation", "average", "max"}});
    }
  };

  explicit ToGray(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& /*random*/, Draw& draw) const override {
    if (options_.method == "weighted_average") {
      draw.add(grey(0.299, 0.587, 0.114));
    } else if (options_.method == "average") {
      draw.add(grey(1.0 / 3, 1.0 / 3, 1.0 / 3));
    } else if (options_.method == "from_lab") {
      draw.add(Filter{[](cv::Mat& bgr) {
        cv::Mat lab;
        cv::cvtColor(bgr, lab, cv::COLOR_BGR2Lab);
        cv::extractChannel(lab, lab, 0);
        cv::cvtColor(lab, bgr, cv::COLOR_GRAY2BGR);
      }});
    } else {
      const bool max_alone = options_.method == "max";
      draw.add(Filter{[max_alone](cv::Mat& bgr) {
        for (int row = 0; row < bgr.rows; ++row) {
          auto* pixel = bgr.ptr<std::uint8_t>(row);
          for (int column = 0; column < bgr.cols; ++column, pixel += 3) {
            const int high = std::max({pixel[0], pixel[1], pixel[2]});
            const int low = std::min({pixel[0], pixel[1], pixel[2]});
            const int level = max_alone ? high : (high + low + 1) / 2;
            std::fill_n(pixel, 3, static_cast<std::uint8_t>(level));
          }
        }
      }});
    }
  }

 private:
  static ColourMatrix grey(double r, double g, double b) {
    return {{r, g, b, 0, r, g, b, 0, r, g, b, 0}};
  }

  Options options_;
};

}  // namespace

TransformEntry to_gray() {
  return transform_entry<ToGray>(
      "ToGray", "Makes the picture grey.", TransformKind::kColour, 0.5, adapt);
}

}  // namespace labelloom::augment
