#include "augment/restore.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>
#include <string_view>

#include "formats/region_area.h"

namespace labelloom::augment {
namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }

/// Whether text[begin, begin + length) is a word of its own: no letter of the same word beside it.
/// A capital letter begins a word (LeftEye).
bool is_word(std::string_view text, std::size_t begin, std::size_t length) {
  const std::size_t end = begin + length;
  const bool starts = begin == 0 || !is_letter(text[begin - 1]) ||
                      (is_lower(text[begin - 1]) && !is_lower(text[begin]));
  return starts && (end == text.size() || !is_lower(text[end]) || !is_letter(text[end]));
}

/// The side word that begins at text[at], and its opposite; nothing where none does.
std::optional<std::array<std::string_view, 2>> side_word(std::string_view text, std::size_t at) {
  constexpr std::array<std::array<std::string_view, 2>, 5> kSides{
      {{"left", "right"}, {"Left", "Right"}, {"LEFT", "RIGHT"}, {"l", "r"}, {"L", "R"}}};
  for (const auto& sides : kSides) {
    for (std::size_t side = 0; side < 2; ++side) {
      if (text.substr(at).starts_with(sides[side]) && is_word(text, at, sides[side].size())) {
        return {{sides[side], sides[1 - side]}};
      }
    }
  }
  return std::nullopt;
}

/// The name of the other side, if `name` has one: every side word is replaced, as the left corner
/// of the left eye becomes the right corner of the right one.
std::optional<std::string> other_side(std::string_view name) {
  std::string other;
  bool has_side = false;
  for (std::size_t at = 0; at < name.size();) {
    const auto word = side_word(name, at);
    has_side |= word.has_value();
    other += word ? (*word)[1] : name.substr(at, 1);
    at += word ? (*word)[0].size() : 1;
  }
  return has_side ? std::optional(std::move(other)) : std::nullopt;
}

bool has_box(const Instance& instance) {
  return instance.bbox.width > 0 && instance.bbox.height > 0;
}

template <typename Item>
void add_once(std::vector<Item>& items, const Item& item) {
  if (std::ranges::find(items, item) == items.end()) items.push_back(item);
}

/// Builds one instance from the spans that belong to it.
class Restorer {
 public:
  Restorer(const Labels& labels, const FlipPairs& pairs, const RestoreOptions& options)
      : labels_(labels), pairs_(pairs), options_(options) {}

  /// Nothing when too little is left.
  std::optional<Instance> run(const Tracked& tracked,
                              std::span<const Span> spans,
                              const Rle* mask) {
    const Instance& source = *tracked.source;
    Instance instance;
    instance.id = source.id;
    instance.category_id = source.category_id;
    instance.iscrowd = source.iscrowd;
    if (source.extra) {
      InstanceExtra& extra = instance.ensure_extra();
      extra.members = source.extra->members;
      extra.score = source.extra->score;
      extra.mask_is_compressed = source.extra->mask_is_compressed;
    }
    Box outline;
    for (const Span& span : spans) {
      const auto run = labels_.geometry[span];
      switch (span.kind) {
        case Span::Kind::kBoxOutline:
          outline = extent(run);
          break;
        case Span::Kind::kRing:
          instance.rings.add(run, span.hole);
          break;
        case Span::Kind::kMaskRing:
          break;  // the mask comes as pixels
        case Span::Kind::kKeypoint:
          instance.keypoints = keypoints(tracked, span);
          break;
      }
    }
    if (mask != nullptr) instance.ensure_extra().mask = *mask;
    if (!fits_shape(tracked, outline, instance)) return std::nullopt;
    return instance;
  }

 private:
  std::vector<Keypoint> keypoints(const Tracked& tracked, const Span& span) const {
    std::vector<Keypoint> slots(span.count);
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      const std::size_t from =
          tracked.mirrored ? pairs_.source_slot(tracked.source->category_id, slot) : slot;
      const std::size_t index = span.first + std::min<std::size_t>(from, span.count - 1);
      const Visibility seen = labels_.visibility[index];
      if (seen != Visibility::kAbsent) slots[slot] = {labels_.geometry.points[index], seen};
    }
    return slots;
  }

  /// Sets box and area from what is left; false when the instance goes.
  bool fits_shape(const Tracked& tracked, const Box& outline, Instance& instance) const {
    const Instance& source = *tracked.source;
    const bool had_shape = source.mask() != nullptr || !source.rings.empty();
    const bool had_box = has_box(source);
    if (!had_shape && !had_box) {
      return labelled_count(instance.keypoints) > 0;  // key points alone, as in the source
    }
    Box box = outline;
    bool unchanged = false;
    if (const Rle* mask = instance.mask()) {
      if (had_box && outline.area() <= 0) return false;  // e.g. covered by something pasted
      box = extent(*mask);
      instance.area = static_cast<double>(pixel_count(*mask));
      unchanged = *mask == *source.mask();
    } else if (!source.rings.empty()) {
      box = extent(instance.rings.points());
      instance.area = region_area(instance.rings);
      unchanged = instance.rings == source.rings;
    } else {
      instance.area = box.area();
      unchanged = box == extent(rotated_corners(source.bbox, 0));
    }
    instance.bbox = options_.box_from == BoxFrom::kOutline && outline.area() > 0 ? outline : box;
    const bool fits = instance.area > 0 && instance.area >= options_.min_area &&
                      tracked.visible >= options_.min_visibility;
    // Who made the set may have counted otherwise, e.g. pixels.
    if (unchanged && source.area > 0 && std::isfinite(source.area)) instance.area = source.area;
    return fits;
  }

  const Labels& labels_;
  const FlipPairs& pairs_;
  const RestoreOptions& options_;
};

}  // namespace

FlipPairs::FlipPairs(std::span<const Category> categories) {
  for (const Category& category : categories) {
    const std::vector<std::string>& names = category.keypoints;
    std::vector<std::optional<std::size_t>> others;
    for (const std::string& name : names) {
      const auto other = other_side(name);
      const auto found = other ? std::ranges::find(names, *other) : names.end();
      others.emplace_back();
      if (found != names.end()) others.back() = static_cast<std::size_t>(found - names.begin());
      if (other && found == names.end()) add_once(unpaired_, name);
    }
    std::vector<std::size_t>& slots = slots_[category.id];
    for (std::size_t slot = 0; slot < names.size(); ++slot) {
      slots.push_back(slot);
      const auto other = others[slot];
      if (!other) continue;
      if (others[*other] != slot) {  // one of several of a name
        add_once(unpaired_, names[slot]);
        continue;
      }
      slots[slot] = *other;
      if (slot < *other && std::ranges::count(pairs_, std::pair(names[*other], names[slot])) == 0) {
        add_once(pairs_, std::pair(names[slot], names[*other]));
      }
    }
  }
}

std::size_t FlipPairs::source_slot(std::int64_t category_id, std::size_t slot) const {
  const auto found = slots_.find(category_id);
  return found == slots_.end() || slot >= found->second.size() ? slot : found->second[slot];
}

std::vector<Instance> restore(const Labels& labels,
                              std::span<const RestoredMask> masks,
                              const FlipPairs& pairs,
                              const RestoreOptions& options) {
  std::vector<Instance> restored;
  Restorer restorer(labels, pairs, options);
  const std::span<const Span> spans(labels.geometry.spans);
  std::size_t begin = 0;
  for (std::uint32_t index = 0; index < labels.instances.size(); ++index) {
    std::size_t end = begin;
    while (end < spans.size() && spans[end].instance == index) ++end;
    const auto mask = std::ranges::find(masks, index, &RestoredMask::instance);
    auto instance = restorer.run(labels.instances[index],
                                 spans.subspan(begin, end - begin),
                                 mask == masks.end() ? nullptr : &mask->mask);
    if (instance) restored.push_back(std::move(*instance));
    begin = end;
  }
  return restored;
}

}  // namespace labelloom::augment
