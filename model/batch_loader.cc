#include "model/batch_loader.h"

#include <utility>

#include "formats/error.h"
#include "model/input_batch.h"
#include "model/targets.h"

namespace labelloom::model {
namespace {

BatchPlan plan_of(const SampleSource& source, std::size_t batch) {
  if (source.count() == 0) throw Error(Errc::kArgument, {}, "there is no sample to train on");
  if (batch == 0) throw Error(Errc::kArgument, {}, "batches of no picture");
  return {.sample_count = source.count(), .batch_size = batch};
}

}  // namespace

BatchLoader::BatchLoader(SampleSource& source,
                         const ModelConfig& config,
                         const LoaderOptions& options)
    : source_(source),
      config_(config),
      plan_(plan_of(source, options.batch)),
      pinned_(options.pinned),
      order_(plan_, options.seed),
      workers_([this](std::size_t number) { return make(number); },
               options.first,
               options.end,
               options.workers,
               options.ahead) {}

Batch BatchLoader::make(std::size_t number) {
  std::vector<std::uint32_t> indexes;
  {
    const std::lock_guard lock(mutex_);
    indexes = order_.samples(number);
  }
  const std::size_t epoch = number / plan_.batches_per_epoch();
  std::vector<Sample> samples;
  std::vector<const InputImage*> images;
  std::vector<Targets> targets;
  Batch batch;
  samples.reserve(indexes.size());  // images has pointers into it
  for (const std::uint32_t index : indexes) {
    const Sample& sample = samples.emplace_back(source_.load(index, epoch));
    targets.push_back(make_targets(sample, config_));
    batch.names.push_back(sample.image.name);
    images.push_back(&sample.image);
  }
  batch.images = byte_batch(images, pinned_);  // first: it names a picture of another size
  batch.targets = stack(targets, config_);
  return batch;
}

}  // namespace labelloom::model
