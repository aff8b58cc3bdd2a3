#include "augment/mix_labels.h"

#include <algorithm>

#include "formats/geometry_difference.h"
#include "formats/rle.h"

namespace labelloom::augment {
namespace {

void move(Labels& labels, const Homography& map) {
  for (Point2d& point : labels.geometry.points) point = map(point);
  if (map.determinant() >= 0) return;
  for (Tracked& tracked : labels.instances) tracked.mirrored = !tracked.mirrored;
}

/// Lays a donor's instances out in the picture's coordinates.
Labels donated(const View& view,
               std::span<const Instance* const> instances,
               const Donors& donors,
               BoxOutline outline) {
  Labels labels = lay_out(instances, donors.size(view.image), outline);
  for (Tracked& tracked : labels.instances) tracked.image = view.image;
  move(labels, view.out_from_in);
  return labels;
}

/// Cuts labels at a rectangle of a frame.
void cut_at_rect(Labels& labels, const PixelRect& rect, Size frame) {
  move(labels, translation(-rect.x, -rect.y));
  cut_at_frame(labels, {rect.width, rect.height});
  move(labels, translation(rect.x, rect.y));
  labels.frame = frame;
}

/// All rings of what is pasted, and the borders of its masks.
Rings cover_of(const Labels& pasted) {
  Rings cover;
  for (const Span& span : pasted.geometry.spans) {
    // Where an instance has both, the pixels are cut out along its mask.
    const bool is_masked = pasted.instances[span.instance].source->mask() != nullptr;
    const Span::Kind wanted = is_masked ? Span::Kind::kMaskRing : Span::Kind::kRing;
    if (span.kind == wanted) cover.add(pasted.geometry[span], span.hole);
  }
  return cover;
}

/// Removes what is left of instances of which too little is left.
void drop_hidden(Labels& labels, double min_visibility) {
  const auto hidden = [&](const Span& span) {
    const Tracked& tracked = labels.instances[span.instance];
    return tracked.visible < min_visibility;
  };
  if (std::ranges::none_of(labels.geometry.spans, hidden)) return;
  PointSet kept;
  std::vector<Visibility> visibility;
  for (const Span& span : labels.geometry.spans) {
    if (hidden(span)) continue;
    kept.add(span.instance, span.kind, labels.geometry[span], span.hole);
    const auto first = labels.visibility.begin() + span.first;
    visibility.insert(visibility.end(), first, first + span.count);
  }
  labels.geometry = std::move(kept);
  labels.visibility = std::move(visibility);
}

}  // namespace

void apply(const Collage& effect, Labels& labels, const Donors& donors, BoxOutline outline) {
  const auto self = std::ranges::find(
      effect.cells, View::kSelf, [](const Collage::Cell& cell) { return cell.view.image; });
  if (self == effect.cells.end()) {
    labels.geometry = {};  // instances stay known, so that masks keep their places
    labels.visibility.clear();
  } else {
    move(labels, self->view.out_from_in);
    cut_at_rect(labels, self->rect, effect.out);
  }
  labels.frame = effect.out;
  for (const Collage::Cell& cell : effect.cells) {
    if (cell.view.image == View::kSelf) continue;
    Labels others = donated(cell.view, donors.instances(cell.view.image), donors, outline);
    cut_at_rect(others, cell.rect, effect.out);
    append(labels, others);
  }
}

void apply(const Blend& effect, Labels& labels, const Donors& donors, BoxOutline outline) {
  Labels others = donated(effect.other, donors.instances(effect.other.image), donors, outline);
  cut_at_frame(others, labels.frame);
  append(labels, others);
}

void apply(const Paste& effect, Labels& labels, const Donors& donors, BoxOutline outline) {
  Labels pasted = donated(effect.other, chosen(effect, donors), donors, outline);
  cut_at_frame(pasted, labels.frame);
  const Rings cover = cover_of(pasted);
  if (!cover.empty()) {
    cut(
        labels,
        [&cover](const Rings& rings) { return subtract(rings, cover).value_or(rings); },
        [&cover](Point2d point, Visibility seen) {
          const bool covered = seen == Visibility::kVisible && signed_distance(cover, point) < 0;
          return covered ? Visibility::kHidden : seen;
        });
    drop_hidden(labels, effect.min_visibility);
  }
  append(labels, pasted);
}

std::vector<const Instance*> chosen(const Paste& effect, const Donors& donors) {
  const auto all = donors.instances(effect.other.image);
  std::vector<const Instance*> some;
  for (const std::uint32_t index : effect.instances) {
    if (index < all.size()) some.push_back(all[index]);
  }
  return some;
}

}  // namespace labelloom::augment
