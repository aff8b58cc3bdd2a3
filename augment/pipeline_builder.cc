#include "augment/pipeline_builder.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "augment/registry.h"

namespace labelloom::augment {
namespace {

constexpr std::int64_t kMaxNodes = 4096;
/// Transforms drawn for one picture at most: SomeOf in SomeOf multiplies.
constexpr std::int64_t kMaxVisits = 20000;
constexpr double kMaxCount = 1000;

/// A node, what it is in our own form, and how many nodes a draw may visit in it.
struct Built {
  Node node;
  Setting canonical;
  std::int64_t visits = 1;
};

std::string joined(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i) {
    text += (i == 0 ? "" : ", ") + labelloom::quoted(names[i], 40);
  }
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

/// What only says how masks and boxes are treated: labels here are shapes.
bool is_about_masks(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kNames{"cval_mask",
                                                          "fill_mask",
                                                          "mask_drop_value",
                                                          "mask_fill_value",
                                                          "mask_interpolation",
                                                          "mask_pad_val",
                                                          "mask_value",
                                                          "pad_cval_mask",
                                                          "rotate_method"};
  return std::ranges::find(kNames, name) != kNames.end();
}

/// Arguments of Compose that are about Python's calls.
bool is_about_calls(std::string_view name) {
  static constexpr std::array<std::string_view, 10> kNames{"additional_targets",
                                                           "instance_binding",
                                                           "is_check_args",
                                                           "is_check_shapes",
                                                           "mask_interpolation",
                                                           "save_applied_params",
                                                           "seed",
                                                           "semantic_mask_label_mappings",
                                                           "strict",
                                                           "telemetry"};
  return std::ranges::find(kNames, name) != kNames.end();
}

class Builder {
 public:
  Builder(Dialect dialect, Report& report) : dialect_(dialect), report_(report) {}

  PipelineFile run(std::vector<FileStep> steps) {
    open_outermost_compose(steps);
    Node root;
    root.name = "Compose";
    Setting::List canonical;
    std::int64_t visits = 1;
    for (FileStep& step : steps) {
      const Where where = step.where;
      visits += append(std::move(step), false, root.children, canonical);
      check_visits(visits, where);
    }
    PipelineFile file{Pipeline(std::move(root)), dialect_, {}, min_area_, min_visibility_};
    const Setting::Members members{{"labelloom_pipeline", {1.0}},
                                   {"transforms", {std::move(canonical)}}};
    file.canonical = Setting{members}.text();
    return file;
  }

 private:
  /// A Compose around everything that is always applied is the pipeline itself.
  void open_outermost_compose(std::vector<FileStep>& steps) {
    if (steps.size() != 1) return;
    FileStep& step = steps.front();
    if (step.name != "Compose" && step.name != "ReplayCompose") return;
    take_compose_arguments(step);
    const Setting* p = step.settings.find("p");
    const auto* number = p == nullptr ? nullptr : p->as<double>();
    if (p != nullptr && (number == nullptr || *number != 1)) return;
    Settings rest = step.settings;
    rest.take("p");
    check_unknown(step, rest, {"p", "transforms"});
    std::vector<FileStep> children = std::move(step.children);
    steps = std::move(children);
  }

  /// Appends what a step becomes; returns the visits. `weighted`: the parent chooses by p.
  std::int64_t append(FileStep step,
                      bool in_choice,
                      std::vector<Node>& nodes,
                      Setting::List& canonical,
                      bool weighted = false) {
    use_our_name(step);
    std::optional<Built> built;
    if (is_container(step.name)) {
      built = container(step, weighted);
    } else if (does_nothing(step.name)) {
      built = ignored(step, in_choice, weighted);
    } else {
      built = transform(step, weighted);
    }
    if (!built) return 0;
    if (++nodes_ > kMaxNodes) {
      throw Error(Errc::kLimit,
                  step.where,
                  fmt::format("the pipeline has more than {} transforms", kMaxNodes));
    }
    nodes.push_back(std::move(built->node));
    canonical.push_back(std::move(built->canonical));
    return built->visits;
  }

  static void check_visits(std::int64_t visits, const Where& where) {
    if (visits <= kMaxVisits) return;
    throw Error(Errc::kLimit,
                where,
                fmt::format("more than {} transforms could be applied to one picture", kMaxVisits));
  }

  /// `p`, after always_apply has had its say: version 1 applied such a transform in any case, but
  /// OneOf still chose by p.
  static double take_p(FileStep& step, double default_p, bool weighted) {
    const Setting always = step.settings.take("always_apply");
    const auto* truth = always.as<bool>();
    if (!always.is_null() && truth == nullptr) step.fail("always_apply must be true or false");
    double p = default_p;
    if (step.settings.has("p")) {
      read_field(step.settings.take("p"), {.low = 0, .high = 1}, step.where.text() + ": p", p);
    }
    return truth != nullptr && *truth && !weighted ? 1 : p;
  }

  /// Of a saved file parameters that are unknown here are ignored: it holds those of parent classes
  /// too. Who writes by hand wants to hear of a misspelt one.
  void check_unknown(const FileStep& step,
                     const Settings& settings,
                     const std::vector<std::string>& known,
                     std::vector<std::string> shown = {}) const {
    std::vector<std::string> unknown;
    for (const auto& [name, value] : settings.members()) {
      if (std::ranges::find(known, name) == known.end()) unknown.push_back(name);
    }
    if (dialect_ == Dialect::kLabelLoom) {
      std::erase_if(unknown, is_about_masks);
      if (!unknown.empty()) {
        if (shown.empty()) shown = known;
        step.fail(fmt::format("{} has no parameter {}; known: {}",
                              step.name,
                              joined(unknown),
                              fmt::join(shown, ", ")));
      }
      return;
    }
    if (unknown.empty()) return;
    report_.add("pipeline-ignored", step.where, "ignored parameters: " + joined(unknown));
  }

  Built transform(FileStep& step, bool weighted) {
    const TransformEntry* entry = find_transform(step.name);
    if (entry == nullptr) fail_unknown(step);
    if (entry->adapt != nullptr) entry->adapt(step.settings, dialect_);
    Built built;
    built.node.kind = Node::Kind::kTransform;
    built.node.name = entry->name;
    built.node.p = take_p(step, entry->default_p, weighted);
    std::vector<std::string> known{"p"};
    const std::string place = step.where.text();
    try {
      built.node.transform = entry->make(step.settings, place, known);
    } catch (const Error& error) {
      if (error.message().starts_with(place)) throw;
      throw Error(error.code(), step.where, error.message());
    }
    std::vector<std::string> shown{"p"};
    for (const FieldDoc& field : entry->fields) shown.push_back(field.name);
    check_unknown(step, step.settings, known, shown);
    Setting::Members members = entry->spell_out(step.settings, place);
    members.insert(members.begin(), {"p", {built.node.p}});
    built.canonical = {Setting::Members{{entry->name, {std::move(members)}}}};
    return built;
  }

  [[noreturn]] static void fail_unknown(const FileStep& step) {
    const std::string name = labelloom::quoted(step.name, 60);
    if (step.name == "Lambda") {
      step.fail("Lambda stands for Python code, which a pipeline file cannot hold; leave it out");
    }
    step.fail(
        fmt::format("there is no transform {}; did you mean {}? `labelloom augment --list` shows "
                    "all",
                    name,
                    nearest_transform(step.name)));
  }

  /// In a sequence it vanishes; where one of several is chosen, choosing it means to do nothing.
  std::optional<Built> ignored(FileStep& step, bool in_choice, bool weighted) {
    if (step.name != "NoOp") {
      report_.add("pipeline-ignored",
                  step.where,
                  step.name + " is for training: files keep their 8-bit pixels");
    }
    const double p = take_p(step, step.name == "NoOp" ? 0.5 : 1, weighted);
    if (!in_choice) return std::nullopt;
    return finish_container(Node{}, "Sequential", p, {}, {});
  }

  void take_compose_arguments(FileStep& step) {
    const Setting boxes = unwrapped(step.settings.take("bbox_params"), "BboxParams");
    if (boxes.as<Setting::Members>() != nullptr) {
      offer(boxes, "min_area", step, std::numeric_limits<double>::max(), min_area_);
      offer(boxes, "min_visibility", step, 1, min_visibility_);
      report_.add("pipeline-ignored",
                  step.where,
                  "bbox_params: labels follow their own shapes; only min_area and min_visibility "
                  "are used, where the job does not say otherwise");
    }
    const Setting points = unwrapped(step.settings.take("keypoint_params"), "KeypointParams");
    if (points.as<Setting::Members>() != nullptr) {
      report_.add("pipeline-ignored",
                  step.where,
                  "keypoint_params: key points belong to their objects and keep their slots");
    }
    Settings rest;
    for (const auto& [name, value] : step.settings.members()) {
      if (!is_about_calls(name)) rest.set(name, value);
    }
    step.settings = std::move(rest);
  }

  /// In lines a call, `BboxParams(...)`, is {"BboxParams": {...}}.
  static Setting unwrapped(Setting from, std::string_view name) {
    const Setting* arguments = from.find(name);
    if (arguments == nullptr) return from;
    Setting inner = *arguments;
    return inner;
  }

  static void offer(const Setting& boxes,
                    const char* name,
                    const FileStep& step,
                    double most,
                    std::optional<double>& to) {
    const Setting* value = boxes.find(name);
    if (value == nullptr || value->is_null()) return;
    double number = 0;
    read_field(
        *value,
        {.low = 0, .high = most},
        (step.where.path.empty() ? step.where.file : step.where.text()) + ": bbox_params." + name,
        number);
    if (number > 0) to = number;
  }

  Built container(FileStep& step, bool weighted) {
    if (step.name == "Compose" || step.name == "ReplayCompose") take_compose_arguments(step);
    const bool first_version = dialect_ == Dialect::kAlbumentations1;
    const bool half =
        step.name == "OneOf" || step.name == "OneOrOther" || step.name == "Sequential";
    double p = take_p(step, half ? 0.5 : 1, weighted);
    if (step.name == "OneOrOther") return one_or_other(step, p, weighted);
    if (step.name == "OneOf") {
      check_unknown(step, step.settings, {"p", "transforms"});
      Node node;
      node.kind = Node::Kind::kOneOf;
      return finish_container(std::move(node), "OneOf", p, {}, std::move(step.children));
    }
    if (step.name == "SomeOf" || step.name == "RandomOrder") return some_of(step, p);
    check_unknown(step, step.settings, {"p", "transforms"});
    // Sequential of version 1 ignored its p.
    if (step.name == "Sequential" && first_version && !weighted) p = 1;
    return finish_container({}, "Sequential", p, {}, std::move(step.children));
  }

  /// The first with probability p, else the last: a OneOf with these weights.
  Built one_or_other(FileStep& step, double p, bool weighted) {
    check_unknown(step, step.settings, {"p", "first", "second", "transforms"});
    if (step.children.size() != 2) {
      step.fail(fmt::format("has {} transforms, expected two", step.children.size()));
    }
    for (std::size_t i = 0; i < 2; ++i) {
      step.children[i].settings.take("always_apply");
      step.children[i].settings.set("p", {i == 0 ? p : 1 - p});
    }
    Node node;
    node.kind = Node::Kind::kOneOf;
    return finish_container(
        std::move(node), "OneOf", weighted ? p : 1, {}, std::move(step.children));
  }

  Built some_of(FileStep& step, double p) {
    const bool first_version = dialect_ == Dialect::kAlbumentations1;
    const std::string place = step.where.text();
    Node node;
    node.kind = step.name == "SomeOf" ? Node::Kind::kSomeOf : Node::Kind::kRandomOrder;
    node.replace = first_version && step.name == "SomeOf";
    node.weighted = first_version;
    if (const Setting* n = step.settings.find("n")) {
      read_field(*n, {.low = 0, .high = kMaxCount}, place + ": n", node.count);
    }
    if (const Setting* replace = step.settings.find("replace")) {
      read_field(*replace, {}, place + ": replace", node.replace);
    }
    const Setting* weighted = step.settings.find("weighted");
    const bool own = dialect_ == Dialect::kLabelLoom;
    if (weighted != nullptr && own) {
      read_field(*weighted, {}, place + ": weighted", node.weighted);
    }
    std::vector<std::string> known{"p", "n", "replace", "transforms"};
    if (own) known.emplace_back("weighted");
    check_unknown(step, step.settings, known);
    const bool one_count = node.count.low == node.count.high;
    Setting::Members members{
        {"n", one_count ? Setting{static_cast<double>(node.count.low)} : to_setting(node.count)},
        {"replace", {node.replace}},
        {"weighted", {node.weighted}}};
    const std::string name = step.name;
    return finish_container(
        std::move(node), name.c_str(), p, std::move(members), std::move(step.children));
  }

  /// Builds the children and the canonical form; `members` are the container's own parameters.
  Built finish_container(Node node,
                         const char* name,
                         double p,
                         Setting::Members members,
                         std::vector<FileStep> steps) {
    Built built;
    built.node = std::move(node);
    built.node.name = name;
    built.node.p = p;
    const bool sequence = built.node.kind == Node::Kind::kSequence;
    const bool weighted = built.node.kind == Node::Kind::kOneOf || built.node.weighted;
    Setting::List children;
    std::int64_t sum = 0;
    std::int64_t most = 0;
    for (FileStep& step : steps) {
      const Where where = step.where;
      const std::int64_t visits =
          append(std::move(step), !sequence, built.node.children, children, weighted);
      sum += visits;
      most = std::max(most, visits);
      check_visits(sum, where);
    }
    built.visits = 1 + sum;
    if (built.node.kind == Node::Kind::kOneOf) built.visits = 1 + most;
    if (built.node.kind == Node::Kind::kSomeOf || built.node.kind == Node::Kind::kRandomOrder) {
      built.visits = 1 + built.node.count.high * most;
      if (!built.node.replace) built.visits = std::min(built.visits, 1 + sum);
    }
    if (built.visits > kMaxVisits) {
      check_visits(built.visits, steps.empty() ? Where{} : steps.front().where);
    }
    members.insert(members.begin(), {"p", {p}});
    members.emplace_back("transforms", Setting{std::move(children)});
    built.canonical = {Setting::Members{{name, {std::move(members)}}}};
    return built;
  }

  Dialect dialect_;
  Report& report_;
  std::int64_t nodes_ = 0;
  std::optional<double> min_area_;
  std::optional<double> min_visibility_;
};

}  // namespace

PipelineFile build_pipeline(std::vector<FileStep> steps, Dialect dialect, Report& report) {
  return Builder(dialect, report).run(std::move(steps));
}

}  // namespace labelloom::augment
