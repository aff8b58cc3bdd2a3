#include "augment/labelled_picture.h"

#include <utility>

#include <opencv2/core.hpp>

#include "augment/apply.h"
#include "augment/instance_masks.h"
#include "augment/pixel_plan.h"
#include "augment/render.h"
#include "formats/error.h"

namespace labelloom::augment {
namespace {

/// Masks are 0 where nothing is, label maps 255: the complement of a label map moves as masks do.
cv::Mat complement(const cv::Mat& labels) {
  cv::Mat result;
  cv::bitwise_not(labels, result);
  return result;
}

}  // namespace

LabelledPicture transformed(const Plan& plan,
                            const PictureParts& parts,
                            const Donors* donors,
                            const FlipPairs& pairs,
                            const RestoreOptions& options) {
  const Size size{parts.pixels.cols, parts.pixels.rows};
  if (parts.labels.size() != parts.pixels.size() || parts.labels.type() != CV_8U) {
    throw Error(Errc::kArgument, {}, "a label map must have a byte for every pixel of its picture");
  }
  OwnMasks masks = own_masks(parts.instances, size);
  const auto label_place = static_cast<std::ptrdiff_t>(masks.pixels.size());
  masks.pixels.push_back(mask_window(complement(parts.labels)));
  Canvas canvas =
      render(plan_pixels(plan, Fusion::kFull), {parts.pixels, std::move(masks.pixels)}, donors);
  LabelledPicture result;
  result.pixels = std::move(canvas.pixels);
  result.labels = complement(whole_mask(canvas.masks[static_cast<std::size_t>(label_place)]));
  canvas.masks.erase(canvas.masks.begin() + label_place);  // those of other images come behind it

  Labels labels = lay_out(parts.instances, size, BoxOutline::kCorners);
  apply(plan, labels, donors, BoxOutline::kCorners);
  result.instances =
      restore(labels, restored_masks(labels, masks.owners, canvas.masks), pairs, options);
  return result;
}

}  // namespace labelloom::augment
