#include <algorithm>
#include <iterator>
#include <memory>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "formats/json_text.h"
#include "formats/label_studio.h"
#include "formats/label_studio_annotation.h"
#include "formats/label_studio_image_name.h"

namespace labelloom {
namespace {

using label_studio::Annotation;
using label_studio::NameTable;
using label_studio::RecordConverter;
using label_studio::RegionKind;

/// What one part of the file holds.
class Collector final : public json::RecordHandler {
 public:
  explicit Collector(const LabelStudioOptions& options) : converter(options, report) {}

  void record(const json::Record& record, const json::RecordPlace& /*place*/) override {
    converter.convert(record, annotations);
  }

  Report report;
  RecordConverter converter;
  std::vector<Annotation> annotations;
};

/// Puts the parts of a file together: all annotations in file order, one table of labels.
class Parts final : public json::PartsHandler {
 public:
  explicit Parts(const LabelStudioOptions& options) : options_(options) {}

  std::vector<Annotation> annotations;
  NameTable labels;
  NameTable keypoint_labels;
  Report report;
  std::uint64_t predictions = 0;

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
    for (Annotation& annotation : part.annotations) {
      for (Instance& instance : annotation.instances) {
        instance.category_id = index_of_all[static_cast<std::size_t>(instance.category_id)];
      }
    }
    std::ranges::move(part.annotations, std::back_inserter(annotations));
    report.merge(part.report);
    predictions += part.converter.predictions();
  }

  void start_again() override {
    annotations.clear();
    labels = {};
    keypoint_labels = {};
    report = {};
    predictions = 0;
  }

 private:
  const LabelStudioOptions& options_;
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

std::uint64_t task_count(const std::vector<Annotation>& annotations) {
  std::unordered_set<std::string_view> keys;
  for (const Annotation& annotation : annotations) keys.insert(annotation.task_key);
  return keys.size();
}

/// Whether an annotation is to be preferred to an earlier one of the same task.
bool is_preferred(const Annotation& later, const Annotation& earlier, const std::string& who) {
  const bool newer = later.date != earlier.date ? later.date > earlier.date : !later.newest_first;
  return who == "first" ? !newer : newer;
}

/// Indexes of the annotations that count, in file order.
std::vector<std::size_t> choose(const std::vector<Annotation>& annotations,
                                const std::string& who,
                                LabelStudioSummary& summary,
                                Report& report) {
  std::vector<std::size_t> chosen;
  std::unordered_map<std::string, std::size_t> slot_of_task;  // index in `chosen`
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
    const auto [slot, added] = slot_of_task.try_emplace(annotation.task_key, chosen.size());
    if (added) {
      chosen.push_back(i);
      continue;
    }
    ++summary.other_annotations;
    std::size_t& best = chosen[slot->second];
    if (is_preferred(annotation, annotations[best], who)) best = i;
  }
  std::ranges::sort(chosen);
  return chosen;
}

/// A file name for every image address, all different: the shortest that no other address has.
std::unordered_map<std::string, std::string> name_images(const std::vector<Annotation>& annotations,
                                                         const std::vector<std::size_t>& chosen,
                                                         Report& report) {
  std::unordered_map<std::string, std::string> names;
  struct Candidate {
    std::string url;
    std::vector<std::string> names;
    std::size_t level = 0;
  };
  std::vector<Candidate> open;
  for (const std::size_t i : chosen) {
    const label_studio::ImageRef& image = annotations[i].image;
    if (image.url.empty() || names.contains(image.url)) continue;
    names.emplace(image.url, image.found);
    if (image.found.empty()) {
      open.push_back({image.url, image_name_candidates(image.url), 0});
    }
  }
  for (bool clash = true; clash;) {
    clash = false;
    std::unordered_map<std::string, std::vector<std::size_t>> users;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (!open[i].names.empty()) users[open[i].names[open[i].level]].push_back(i);
    }
    for (const auto& [name, indexes] : users) {
      if (indexes.size() < 2) continue;
      for (const std::size_t i : indexes) {
        if (open[i].level + 1 < open[i].names.size()) {
          ++open[i].level;
          clash = true;
        }
      }
    }
  }
  for (const Candidate& candidate : open) {
    if (candidate.level > 0) {
      report.add("name-clash",
                 {},
                 fmt::format("{} is not the only image of that name; called {}",
                             labelloom::quoted(candidate.names.front(), 200),
                             labelloom::quoted(candidate.names[candidate.level], 200)));
    }
    if (!candidate.names.empty()) names[candidate.url] = candidate.names[candidate.level];
  }
  return names;
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

/// Puts the chosen annotations into one data set with new ids from 1.
class Assembler {
 public:
  Assembler(LabelStudioExport& out,
            const std::vector<std::string>& labels,
            bool all_annotators,
            Report& report)
      : out_(out), all_annotators_(all_annotators), report_(report) {
    for (const std::string& label : labels) {
      const auto category = std::ranges::find(out.dataset.categories, label, &Category::name);
      category_ids_.push_back(category->id);
    }
  }

  void add(Annotation& annotation, const std::string& file_name) {
    count(annotation);
    if (annotation.image.url.empty()) return;
    if (annotation.size.width == 0) {  // then it has no regions either
      report_.add("image-without-size", {}, labelloom::quoted(annotation.image.url, 200));
      return;
    }
    const std::int64_t image_id = image(annotation, file_name);
    const std::int64_t first_id = next_instance_id_;
    for (Instance& instance : annotation.instances) {
      instance.id += first_id - 1;
      instance.image_id = image_id;
      instance.category_id = category_ids_[static_cast<std::size_t>(instance.category_id)];
      if (all_annotators_ && !annotation.annotator.empty()) note_annotator(annotation, instance);
      out_.dataset.instances.push_back(std::move(instance));
      ++next_instance_id_;
    }
    for (LooseKeypoint& keypoint : annotation.keypoints) {
      keypoint.image_id = image_id;
      if (keypoint.owner_id) *keypoint.owner_id += first_id - 1;
      out_.dataset.loose_keypoints.push_back(std::move(keypoint));
    }
    out_.summary.instances += annotation.instances.size();
    out_.summary.keypoints += annotation.keypoints.size();
    annotation.instances = {};
    annotation.keypoints = {};
  }

 private:
  void count(const Annotation& annotation) {
    for (std::size_t kind = 0; kind < annotation.regions.size(); ++kind) {
      if (annotation.regions[kind] == 0) continue;
      out_.summary.regions[name(static_cast<RegionKind>(kind))] += annotation.regions[kind];
    }
    for (const auto& [reason, n] : annotation.left_out) out_.summary.left_out[reason] += n;
    out_.summary.relations += annotation.relations;
  }

  std::int64_t image(const Annotation& annotation, const std::string& file_name) {
    const auto next = static_cast<std::int64_t>(out_.dataset.images.size()) + 1;
    const auto [entry, added] = image_ids_.try_emplace(file_name, next);
    if (added) {
      out_.dataset.images.push_back({.id = next,
                                     .file_name = file_name,
                                     .size = annotation.size,
                                     .extra = annotation.task_id});
      task_of_image_.push_back(annotation.task_key);
    } else if (task_of_image_[static_cast<std::size_t>(entry->second) - 1] != annotation.task_key) {
      report_.add("image-in-several-tasks",
                  {},
                  fmt::format("{}: task {} and task {}",
                              labelloom::quoted(file_name, 200),
                              task_of_image_[static_cast<std::size_t>(entry->second) - 1],
                              annotation.task_key));
    }
    return entry->second;
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
  std::unordered_map<std::string, std::int64_t> image_ids_;
  std::vector<std::string> task_of_image_;
  std::int64_t next_instance_id_ = 1;
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
  std::vector<Annotation>& annotations = parts.annotations;
  check_annotator(annotations, options.annotator, path.string());
  out.summary.tasks = task_count(annotations);
  out.summary.predictions = parts.predictions;
  const std::vector<std::size_t> chosen =
      choose(annotations, options.annotator, out.summary, report);
  const auto names = name_images(annotations, chosen, report);
  out.dataset.categories = make_categories(parts.labels, options.config, report);
  out.keypoint_labels = make_keypoint_order(parts.keypoint_labels, options.config);
  Assembler assembler(out, parts.labels.names(), options.annotator == "all", report);
  for (const std::size_t i : chosen) {
    const auto found = names.find(annotations[i].image.url);
    std::string file_name = found == names.end() ? std::string() : found->second;
    if (file_name.empty()) file_name = fmt::format("task-{}", annotations[i].task_key);
    assembler.add(annotations[i], file_name);
  }
  if (out.dataset.images.empty()) {
    throw Error(Errc::kInvalidData, {.file = path.string()}, nothing_found(out.summary, report));
  }
  read_visibility_suffixes(out.dataset.loose_keypoints, out.keypoint_labels);
  return out;
}

}  // namespace labelloom
