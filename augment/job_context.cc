#include "augment/job_context.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "augment/registry.h"
#include "formats/file_io.h"
#include "formats/json_members.h"
#include "formats/json_text.h"

namespace labelloom::augment {
namespace {

constexpr const char* kSourceFileName = "source_file_name";
constexpr const char* kVariant = "variant";
constexpr const char* kAugmentation = "augmentation";

std::optional<std::int64_t> integer(std::optional<std::string_view> json) {
  std::int64_t value = 0;
  if (!json) return std::nullopt;
  const auto [stop, error] = std::from_chars(json->data(), json->data() + json->size(), value);
  if (error != std::errc{} || stop != json->data() + json->size()) return std::nullopt;
  return value;
}

/// New ids are above all that the set uses, so that old and new images can stand in one file.
std::int64_t highest_id(const Dataset& dataset, std::uint32_t variants) {
  std::int64_t highest = 0;
  for (const Image& image : dataset.images) {
    highest = std::max(highest, image.id);
    highest = std::max(highest, integer(find_member(image.extra, kSourceImageId)).value_or(0));
  }
  // Numbers beyond 2^53 are not safe with all who read JSON.
  constexpr std::int64_t kSafe = std::int64_t{1} << 53;
  const auto outputs = static_cast<std::int64_t>(dataset.images.size()) * variants;
  if (highest > kSafe - outputs) {
    throw Error(
        Errc::kLimit,
        {},
        fmt::format("image id {} leaves no room for the ids of {} more images", highest, outputs));
  }
  return highest;
}

JsonMembers without_ours(JsonMembers members) {
  for (const std::string_view name : {kSourceImageId,
                                      std::string_view(kSourceFileName),
                                      std::string_view(kVariant),
                                      std::string_view(kAugmentation)}) {
    members = remove_member(members, name);
  }
  return members;
}

void append_member(JsonMembers& members, std::string_view name, std::string_view json) {
  if (!members.empty()) members += ',';
  json::append_string(members, name);
  members += ':';
  members += json;
}

}  // namespace

bool mixes_images(const Node& node) {
  if (node.kind == Node::Kind::kTransform) {
    const TransformEntry* entry = find_transform(node.name);
    return entry != nullptr && entry->kind == TransformKind::kMultiImage;
  }
  return std::ranges::any_of(node.children, mixes_images);
}

JobContext::JobContext(const Dataset& dataset,
                       const PipelineFile& pipeline,
                       const JobSettings& settings,
                       std::size_t cache_bytes)
    : dataset_(dataset),
      pipeline_(pipeline),
      settings_(settings),
      sources_(dataset, settings.images, settings.max_side),
      cache_(sources_, cache_bytes),
      pairs_(dataset.categories),
      names_(dataset.images),
      highest_id_(highest_id(dataset, settings.variants)) {
  std::error_code code;
  if (!std::filesystem::is_directory(settings.images, code)) {
    throw Error(Errc::kIo, {.file = settings.images.string()}, "there is no such folder of images");
  }
  if (augment::mixes_images(pipeline.pipeline.root())) {
    donors_ = std::make_unique<const SetDonors>(sources_, cache_);
  }
}

RandomKey JobContext::key(std::size_t image, std::uint32_t variant) const {
  return {settings_.seed, image_key(dataset_.images[image].file_name), variant, 0};
}

Plan JobContext::sample(std::size_t image, std::uint32_t variant) {
  return pipeline_.pipeline.sample({sources_.size(image),
                                    sources_.instances(image),
                                    donors_.get(),
                                    image,
                                    settings_.variant.outline},
                                   key(image, variant));
}

std::optional<PlanError> JobContext::unsuitable(std::size_t image) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = unsuitable_.find(image);
    if (found != unsuitable_.end()) return found->second;
  }
  std::optional<PlanError> first;
  for (std::uint32_t variant = 1; variant <= settings_.variants; ++variant) {
    try {
      static_cast<void>(sample(image, variant));
      return std::nullopt;
    } catch (const PlanError& error) {
      if (!first) first = error;
    }
  }
  const std::lock_guard lock(mutex_);
  if (first) unsuitable_.emplace(image, *first);
  return first;
}

Image JobContext::record(std::size_t image,
                         std::uint32_t variant,
                         Size size,
                         std::string_view extension,
                         const std::string& drawn) const {
  const Image& source = dataset_.images[image];
  Image record;
  record.id = variant == 0 ? source.id
                           : highest_id_ + static_cast<std::int64_t>(image) * settings_.variants +
                                 static_cast<std::int64_t>(variant);
  record.file_name = names_.name(image, variant, extension);
  record.size = size;
  record.extra = without_ours(source.extra);
  // A source that was augmented itself: its own source is the one that matters.
  const auto root = integer(find_member(source.extra, kSourceImageId));
  if (root || variant != 0) {
    append_member(record.extra, kSourceImageId, std::to_string(root.value_or(source.id)));
  }
  std::string text;
  json::append_string(text, source.file_name);
  append_member(record.extra, kSourceFileName, text);
  append_member(record.extra, kVariant, std::to_string(variant));
  append_member(record.extra, kAugmentation, drawn);
  return record;
}

JobContext::Output JobContext::make_original(const SourceImage& source, std::size_t image) const {
  Output output;
  std::string extension = plain_extension(dataset_.images[image].file_name);
  if (source.is_reduced || extension.empty()) {
    extension = file_extension(settings_.variant.encode.format);
    output.file = encode(source.pixels, settings_.variant.encode);
  } else {
    output.file = std::string(InputFile(source.file).text());
  }
  output.image = record(image, 0, {source.pixels.cols, source.pixels.rows}, extension, "[]");
  for (const Instance* instance : source.instances) output.instances.push_back(*instance);
  return output;
}

JobContext::Output JobContext::make(const SourceImage& source,
                                    std::size_t image,
                                    std::uint32_t variant) {
  if (variant == 0) return make_original(source, image);
  try {
    Variant made = make_variant(
        pipeline_.pipeline, source, key(image, variant), donors_.get(), pairs_, settings_.variant);
    Output output;
    output.image = record(
        image, variant, made.size, file_extension(settings_.variant.encode.format), made.drawn);
    output.instances = std::move(made.instances);
    for (Instance& instance : output.instances) instance.image_id = output.image.id;
    output.file = std::move(made.file);
    return output;
  } catch (const DonorError&) {
    throw;
  } catch (const PlanError&) {
    throw;
  } catch (const Error& error) {
    throw Error(error.code(),
                {.file = source.file.string()},
                fmt::format("variant {}: {}", variant, error.message()));
  }
}

}  // namespace labelloom::augment
