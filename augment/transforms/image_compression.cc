// Compresses the picture with loss and decompresses it.

#include <string>

#include <opencv2/imgcodecs.hpp>

#include "augment/adapting.h"
#include "augment/encode.h"
#include "augment/transform_table.h"
#include "formats/error.h"

namespace labelloom::augment {
namespace {

void compress(cv::Mat& bgr, const EncodeOptions& options) {
  std::string bytes = encode(bgr, options);
  const cv::Mat file(1, static_cast<int>(bytes.size()), CV_8U, bytes.data());
  const cv::Mat decoded = cv::imdecode(file, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  if (decoded.size() != bgr.size()) throw Error(Errc::kIo, {}, "the picture cannot be decoded");
  bgr = decoded;
}

class ImageCompression final : public Transform {
 public:
  struct Options {
    std::string compression_type = "jpeg";
    IntRange quality_range{99, 100};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("compression_type",
            self.compression_type,
            FieldSpec{.doc = "file format", .choices = {"jpeg", "webp"}});
      visit("quality_range",
            self.quality_range,
            FieldSpec{.doc = "100 is the best", .low = 0, .high = 100});
    }
  };

  explicit ImageCompression(Options options) : options_(std::move(options)) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    EncodeOptions file;
    if (options_.compression_type == "webp") file.format = ImageFormat::kWebp;
    file.quality =
        static_cast<int>(random.integer(options_.quality_range.low, options_.quality_range.high));
    draw.note("quality", file.quality);
    draw.add(Filter{[file](cv::Mat& bgr) { compress(bgr, file); }});
  }

 private:
  Options options_;
};

/// Albumentations 1 has the range's ends, and numbers for the formats.
void adapt(Settings& settings, Dialect /*dialect*/) {
  join_ends(settings, "quality_lower", "quality_upper", "quality_range", {99, 100});
  const Setting* type = settings.find("compression_type");
  const double* number = type == nullptr ? nullptr : type->as<double>();
  if (number == nullptr) return;
  if (*number == 0)
    settings.set("compression_type", {"jpeg"});
  else if (*number == 1)
    settings.set("compression_type", {"webp"});
}

}  // namespace

TransformEntry image_compression() {
  return transform_entry<ImageCompression>("ImageCompression",
                                           "Compresses with loss, as a JPEG or WebP file.",
                                           TransformKind::kFilter,
                                           0.5,
                                           adapt);
}

}  // namespace labelloom::augment
