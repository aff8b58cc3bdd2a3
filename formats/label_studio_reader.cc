#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <set>
#include <unordered_map>

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include "formats/json_text.h"
#include "formats/label_studio.h"
#include "formats/label_studio_annotation.h"
#include "formats/label_studio_file_names.h"

namespace labelloom {
namespace {

using label_studio::Annotation;
using label_studio::Annotations;
using label_studio::NameTable;
using label_studio::Range;
using label_studio::RecordConverter;
using label_studio::RegionKind;

/// What one part of the file holds.
class Collector final : public json::RecordHandler {
 public:
  explicit Collector(const LabelStudioOptions& options) : converter(options, report) {}

  void record(const json::Record& record, const json::RecordPlace& /*place*/) override {
    converter.convert(record, content);
  }

  Report report;
  RecordConverter converter;
  Annotations content;
};

/// Puts the parts of a file together: all annotations in file order, one table of labels.
class Parts final : public json::PartsHandler {
 public:
  explicit Parts(const LabelStudioOptions& options) : options_(options) {}

  std::vector<Annotation> annotations;  // their ranges are of these two:
  std::deque<Instance> instances;
  std::vector<LooseKeypoint> keypoints;
  NameTable labels;
  NameTable keypoint_labels;
  Report report;
  std::uint64_t predictions = 0;

  void expect(std::size_t part_count, std::size_t bytes) override {
    part_count_ = part_count;
    bytes_ = bytes;
  }

  std::unique_ptr<json::RecordHandler> make() override {
    return std::make_unique<Collector>(options_);
  }

  void take(json::RecordHandler& handler) override {
    auto& part = static_cast<Collector&>(handler);
    std::vector<std::uint32_t> index_of_all;  // label index in the part -> in all
    for (const std::string& name : part.converter.labels().names()) {
      index_of_all.push_back(labels.index(name));
    }
    for (const std::string& name : part.converter.keypoint_labels().names()) {
      keypoint_labels.index(name);
    }
    if (annotations.empty()) {
      expect_as_many(annotations, part.content.list.size());
      expect_as_many(keypoints, part.content.keypoints.size());
    }
    for (Annotation& annotation : part.content.list) {
      annotation.instances.first += instances.size();
      annotation.keypoints.first += keypoints.size();
      annotations.push_back(std::move(annotation));
    }
    for (Instance& instance : part.content.instances) {
      instance.category_id = index_of_all[static_cast<std::size_t>(instance.category_id)];
      instances.push_back(std::move(instance));
    }
    std::ranges::move(part.content.keypoints, std::back_inserter(keypoints));
    report.merge(part.report);
    predictions += part.converter.predictions();
  }

  void start_again() override {
    annotations.clear();
    instances.clear();
    keypoints.clear();
    labels = {};
    keypoint_labels = {};
    report = {};
    predictions = 0;
    part_count_ = 1;
  }

 private:
  /// Makes room for as many elements in every part as in the first: growing copies all there is,
  /// into new memory, several times. A guess, which must not ask for more than the file could need.
  template <typename Element>
  void expect_as_many(std::vector<Element>& list, std::size_t in_first) const {
    const std::size_t in_all = part_count_ * (in_first + in_first / 8);
    list.reserve(std::min(in_all, bytes_ / sizeof(Element)));
  }

  const LabelStudioOptions& options_;
  std::size_t part_count_ = 1;
  std::size_t bytes_ = 0;
};

bool is_by(const Annotation& annotation, const std::string& who) {
  return annotation.annotator == who || annotation.annotator_id == who;
}

void check_annotator(const std::vector<Annotation>& annotations,
                     const std::string& who,
                     const std::string& file) {
  if (who == "latest" || who == "first" || who == "all") return;
  std::set<std::string> known;
  for (const Annotation& annotation : annotations) {
    if (is_by(annotation, who)) return;
    if (!annotation.annotator.empty()) known.insert(annotation.annotator);
  }
  std::string names;
  for (const std::string& name : known) {
    names += names.empty() ? "" : ", ";
    if (names.size() > 300) {
      names += "...";
      break;
    }
    names += name;
  }
  throw Error(Errc::kArgument,
              {.file = file},
              fmt::format("no annotation is by {}; known: latest, first, all{}{}",
                          labelloom::quoted(who),
                          names.empty() ? "" : ", ",
                          names));
}

/// The tasks that annotations are of.
struct Tasks {
  std::vector<std::size_t> of;  // for every annotation, the index of its task
  std::size_t count = 0;
};

Tasks find_tasks(const std::vector<Annotation>& annotations) {
  Tasks tasks;
  // Exports of several servers, put together, have the same ids for different tasks.
  using Key = std::pair<std::string_view, std::string_view>;
  const auto hash = [](const Key& key) {
    const std::hash<std::string_view> of;
    return of(key.first) * 31 + of(key.second);
  };
  std::unordered_map<Key, std::size_t, decltype(hash)> index_of_key(annotations.size(), hash);
  tasks.of.reserve(annotations.size());
  for (const Annotation& annotation : annotations) {
    const Key key(annotation.task_key, annotation.image.url);
    tasks.of.push_back(index_of_key.try_emplace(key, index_of_key.size()).first->second);
  }
  tasks.count = index_of_key.size();
  return tasks;
}

/// Whether an annotation is to be preferred to an earlier one of the same task.
bool is_preferred(const Annotation& later, const Annotation& earlier, const std::string& who) {
  const bool newer = later.date != earlier.date ? later.date > earlier.date : !later.newest_first;
  return who == "first" ? !newer : newer;
}

/// Indexes of the annotations that count, in file order.
std::vector<std::size_t> choose(const std::vector<Annotation>& annotations,
                                const Tasks& tasks,
                                const std::string& who,
                                LabelStudioSummary& summary,
                                Report& report) {
  constexpr auto kNone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> chosen;
  std::vector<std::size_t> slot_of_task(tasks.count, kNone);  // index in `chosen`
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    const Annotation& annotation = annotations[i];
    if (annotation.unannotated) {
      report.add("task-without-annotation", {}, "task " + annotation.task_key);
      continue;
    }
    ++summary.annotations;
    if (annotation.cancelled) {
      ++summary.cancelled_annotations;
      continue;
    }
    if (who == "all") {
      chosen.push_back(i);
      continue;
    }
    if (who != "latest" && who != "first" && !is_by(annotation, who)) {
      ++summary.other_annotations;
      continue;
    }
    std::size_t& slot = slot_of_task[tasks.of[i]];
    if (slot == kNone) {
      slot = chosen.size();
      chosen.push_back(i);
      continue;
    }
    ++summary.other_annotations;
    std::size_t& best = chosen[slot];
    if (is_preferred(annotation, annotations[best], who)) best = i;
  }
  std::ranges::sort(chosen);
  return chosen;
}

/// Categories in the config's order, then by first appearance, and the id of every label.
std::vector<Category> make_categories(const NameTable& labels,
                                      const LabelConfig* config,
                                      Report& report) {
  std::vector<Category> categories;
  std::set<std::string> known;
  if (config != nullptr) {
    std::set<std::int64_t> ids;
    const bool own_ids = std::ranges::all_of(config->categories, [&](const auto& label) {
      return label.category_id && *label.category_id >= 1 && ids.insert(*label.category_id).second;
    });
    for (const LabelConfig::Label& label : config->categories) {
      const auto next = static_cast<std::int64_t>(categories.size()) + 1;
      categories.push_back({.id = own_ids ? *label.category_id : next, .name = label.name});
      known.insert(label.name);
    }
  }
  std::int64_t last = 0;
  for (const Category& category : categories) last = std::max(last, category.id);
  for (const std::string& name : labels.names()) {
    if (!known.insert(name).second) continue;
    if (config != nullptr) {
      report.add("label-not-in-config", {}, labelloom::quoted(name));
    }
    categories.push_back({.id = ++last, .name = name});
  }
  return categories;
}

std::vector<std::string> make_keypoint_order(const NameTable& labels, const LabelConfig* config) {
  std::vector<std::string> order;
  if (config != nullptr) order = config->keypoints;
  for (const std::string& name : labels.names()) {
    if (std::ranges::find(order, name) == order.end()) order.push_back(name);
  }
  return order;
}

/// `nose_occluded` is a hidden `nose` where both labels occur: Label Studio has no visibility, and
/// this is how annotators say it.
void read_visibility_suffixes(std::vector<LooseKeypoint>& keypoints,
                              std::vector<std::string>& order) {
  for (const std::string_view suffix : {"_occluded", "_hidden"}) {
    std::vector<std::string> suffixed;
    for (const std::string& name : order) {
      if (!name.ends_with(suffix)) continue;
      const std::string base = name.substr(0, name.size() - suffix.size());
      if (std::ranges::find(order, base) != order.end()) suffixed.push_back(name);
    }
    if (suffixed.empty()) continue;
    for (LooseKeypoint& keypoint : keypoints) {
      if (std::ranges::find(suffixed, keypoint.label) == suffixed.end()) continue;
      keypoint.label.resize(keypoint.label.size() - suffix.size());
      keypoint.visibility = Visibility::kHidden;
    }
    std::erase_if(order, [&](const std::string& name) {
      return std::ranges::find(suffixed, name) != suffixed.end();
    });
  }
}

/// Puts the chosen annotations into one data set with new ids from 1. They are added in the order
/// of the file.
class Assembler {
 public:
  Assembler(LabelStudioExport& out, Parts& parts, bool all_annotators, Report& report)
      : out_(out), all_annotators_(all_annotators), report_(report) {
    for (const std::string& label : parts.labels.names()) {
      const auto category = std::ranges::find(out.dataset.categories, label, &Category::name);
      category_ids_.push_back(category->id);
    }
    out_.dataset.instances = std::move(parts.instances);
    out_.dataset.loose_keypoints = std::move(parts.keypoints);
    image_ids_.reserve(parts.annotations.size());
    added_.reserve(parts.annotations.size());
  }

  /// Borrows the annotation and the file name.
  void add(const Annotation& annotation, std::string_view file_name) {
    count(annotation);
    if (annotation.image.url.empty() || annotation.several_images) return;
    if (annotation.size.width == 0) {  // then it has no regions either
      report_.add("image-without-size", {}, labelloom::quoted(annotation.image.url, 200));
      return;
    }
    added_.push_back(
        {&annotation, image(annotation, file_name), static_cast<std::int64_t>(instance_count_)});
    instance_count_ += annotation.instances.count;
  }

  /// To be called after the last annotation.
  void finish() {
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, added_.size(), 64),
                      [&](const tbb::blocked_range<std::size_t>& range) {
                        for (std::size_t i = range.begin(); i < range.end(); ++i) {
                          complete(added_[i]);
                        }
                      });
    close_gaps(out_.dataset.instances, &Annotation::instances);
    close_gaps(out_.dataset.loose_keypoints, &Annotation::keypoints);
    out_.summary.instances = out_.dataset.instances.size();
    out_.summary.keypoints = out_.dataset.loose_keypoints.size();
  }

 private:
  struct Added {
    const Annotation* annotation;
    std::int64_t image_id;
    std::int64_t ids_before;  // of instances
  };

  void complete(const Added& added) {
    const Annotation& annotation = *added.annotation;
    for (std::size_t i = 0; i < annotation.instances.count; ++i) {
      Instance& instance = out_.dataset.instances[annotation.instances.first + i];
      instance.id += added.ids_before;
      instance.image_id = added.image_id;
      instance.category_id = category_ids_[static_cast<std::size_t>(instance.category_id)];
      if (all_annotators_ && !annotation.annotator.empty()) note_annotator(annotation, instance);
    }
    for (std::size_t i = 0; i < annotation.keypoints.count; ++i) {
      LooseKeypoint& keypoint = out_.dataset.loose_keypoints[annotation.keypoints.first + i];
      keypoint.image_id = added.image_id;
      if (keypoint.owner_id) *keypoint.owner_id += added.ids_before;
    }
  }

  /// Moves what the annotations that were added own up over what is nobody's.
  template <typename List>
  void close_gaps(List& list, Range Annotation::*owned) {
    const auto at = [&](std::size_t i) { return list.begin() + static_cast<std::ptrdiff_t>(i); };
    std::size_t kept = 0;
    for (const Added& added : added_) {
      const auto [first, count] = added.annotation->*owned;
      if (first != kept) std::move(at(first), at(first + count), at(kept));
      kept += count;
    }
    list.erase(at(kept), list.end());
  }

  void count(const Annotation& annotation) {
    for (std::size_t kind = 0; kind < annotation.regions.size(); ++kind) {
      if (annotation.regions[kind] == 0) continue;
      out_.summary.regions[name(static_cast<RegionKind>(kind))] += annotation.regions[kind];
    }
    for (const auto& [reason, n] : annotation.left_out) out_.summary.left_out[reason] += n;
    out_.summary.relations += annotation.relations;
  }

  std::int64_t image(const Annotation& annotation, std::string_view file_name) {
    const auto next = static_cast<std::int64_t>(out_.dataset.images.size()) + 1;
    const auto [entry, added] = image_ids_.try_emplace(file_name, next);
    if (added || all_annotators_) {
      out_.dataset.images.push_back({.id = next,
                                     .file_name = std::string(file_name),
                                     .size = annotation.size,
                                     .extra = annotation.task_id});
      task_of_image_.push_back(annotation.task_key);
    }
    if (!added &&
        task_of_image_[static_cast<std::size_t>(entry->second) - 1] != annotation.task_key) {
      report_.add("image-in-several-tasks",
                  {},
                  fmt::format("{}: task {} and task {}",
                              labelloom::quoted(file_name, 200),
                              task_of_image_[static_cast<std::size_t>(entry->second) - 1],
                              annotation.task_key));
    }
    return all_annotators_ ? next : entry->second;
  }

  static void note_annotator(const Annotation& annotation, Instance& instance) {
    JsonMembers& members = instance.ensure_extra().members;
    members += members.empty() ? "\"annotator\":" : ",\"annotator\":";
    json::append_string(members, annotation.annotator);
  }

  LabelStudioExport& out_;
  bool all_annotators_;
  Report& report_;
  std::vector<std::int64_t> category_ids_;  // of every label
  std::unordered_map<std::string_view, std::int64_t> image_ids_;
  std::vector<std::string_view> task_of_image_;
  std::vector<Added> added_;
  std::size_t instance_count_ = 0;
};

std::string nothing_found(const LabelStudioSummary& summary, const Report& report) {
  if (summary.tasks == 0) return "holds no tasks";
  std::string why;
  for (const Report::Kind& kind : report.kinds()) {
    why += fmt::format("{}{} {}", why.empty() ? "" : ", ", kind.count, kind.name);
  }
  return fmt::format("none of {} tasks has an annotation of a single image of known size{}{}{}",
                     summary.tasks,
                     why.empty() ? "" : " (",
                     why,
                     why.empty() ? "" : ")");
}

/// Whether the root is an object: one task in a file of its own.
bool is_single_task(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return at != std::string_view::npos && text[at] == '{';
}

}  // namespace

LabelStudioExport read_label_studio(const std::filesystem::path& path,
                                    const LabelStudioOptions& options,
                                    Report& report) {
  const InputFile file(path);
  json::ReadOptions json_options;
  json_options.whole_root_object = is_single_task(file.text());
  json_options.skip_bad = options.skip_bad;
  json_options.on_skipped = [&](const Error& error) {
    report.add("skipped-bad-record", {}, error.what());
  };
  json_options.progress = options.progress;
  Parts parts(options);
  json::read_records_in_parts(file, path.string(), json_options, parts);
  report.merge(parts.report);

  LabelStudioExport out;
  const std::vector<Annotation>& annotations = parts.annotations;
  check_annotator(annotations, options.annotator, path.string());
  const Tasks tasks = find_tasks(annotations);
  out.summary.tasks = tasks.count;
  out.summary.predictions = parts.predictions;
  const std::vector<std::size_t> chosen =
      choose(annotations, tasks, options.annotator, out.summary, report);
  const auto names = label_studio::name_images(annotations, chosen, report);
  out.dataset.categories = make_categories(parts.labels, options.config, report);
  out.keypoint_labels = make_keypoint_order(parts.keypoint_labels, options.config);
  Assembler assembler(out, parts, options.annotator == "all", report);
  for (const std::size_t i : chosen) {
    const auto name = names.find(annotations[i].image.url);
    assembler.add(annotations[i], name == names.end() ? std::string_view{} : name->second);
  }
  assembler.finish();
  if (out.dataset.images.empty()) {
    throw Error(Errc::kInvalidData, {.file = path.string()}, nothing_found(out.summary, report));
  }
  read_visibility_suffixes(out.dataset.loose_keypoints, out.keypoint_labels);
  return out;
}

}  // namespace labelloom
