#include "convert/split.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "apps/dataset_commands.h"
#include "apps/dataset_io.h"
#include "apps/number_checks.h"
#include "apps/terminal.h"
#include "apps/text_table.h"
#include "formats/coco.h"
#include "formats/error.h"

namespace labelloom::apps {
namespace {

struct Options {
  std::string input;
  std::string output;
  SplitOptions split;
  bool skip_bad = false;
  bool dry_run = false;
  bool json = false;
};

bool is_wanted(const SplitOptions& options, std::size_t side) {
  const double shares[] = {1, options.val_share, options.test_share};
  return shares[side] > 0;
}

std::filesystem::path output_of(const Options& options, std::size_t side) {
  return std::filesystem::path(options.output) / fmt::format("{}.json", name(Side(side)));
}

std::string summary(const Dataset& dataset, const SplitPlan& plan, const SplitOptions& options) {
  std::vector<std::string> heading = {""};
  for (std::size_t s = 0; s < kSideCount; ++s) {
    if (is_wanted(options, s)) heading.emplace_back(name(Side(s)));
  }
  if (is_wanted(options, 1)) heading.emplace_back("val share");
  TextTable table(heading);
  const auto add = [&](const std::string& what, const std::array<std::uint64_t, kSideCount>& row) {
    std::vector<std::string> cells = {what};
    const std::uint64_t total = row[0] + row[1] + row[2];
    for (std::size_t s = 0; s < kSideCount; ++s) {
      if (is_wanted(options, s)) cells.push_back(std::to_string(row[s]));
    }
    if (is_wanted(options, 1)) {
      cells.push_back(
          total == 0 ? "-"
                     : fmt::format("{:.1f} %",
                                   100 * static_cast<double>(row[1]) / static_cast<double>(total)));
    }
    table.add(std::move(cells));
  };
  add("images", plan.images);
  add("instances", plan.instances);
  for (std::size_t c = 0; c < dataset.categories.size(); ++c) {
    add("  " + dataset.categories[c].name, plan.category_instances[c]);
  }
  return table.text();
}

void add_counts(JsonText& json,
                std::string_view key,
                const std::array<std::uint64_t, kSideCount>& counts) {
  json.key(key);
  json().StartObject();
  for (std::size_t s = 0; s < kSideCount; ++s) json.member(name(Side(s)), counts[s]);
  json().EndObject();
}

void print_json(const Dataset& dataset, const SplitPlan& plan, const Options& options) {
  JsonText json;
  json().StartObject();
  json.member("file", options.input);
  json.member("seed", options.split.seed);
  json.member("groups", std::uint64_t{plan.group_count});
  json.member("largest_group", std::uint64_t{plan.largest_group});
  add_counts(json, "images", plan.images);
  add_counts(json, "instances", plan.instances);
  json.key("categories");
  json().StartArray();
  for (std::size_t c = 0; c < dataset.categories.size(); ++c) {
    json().StartObject();
    json.member("id", dataset.categories[c].id);
    json.member("name", dataset.categories[c].name);
    add_counts(json, "instances", plan.category_instances[c]);
    json().EndObject();
  }
  json().EndArray();
  json().EndObject();
  json.print();
}

void warn_of_missing_classes(const Dataset& dataset, const SplitPlan& plan, std::size_t side) {
  constexpr std::size_t kShown = 8;
  std::string names;
  std::size_t count = 0;
  for (std::size_t c = 0; c < dataset.categories.size(); ++c) {
    const auto& counts = plan.category_instances[c];
    // A class that is not even in train is train's matter.
    const std::uint64_t elsewhere = side == 0 ? counts[1] + counts[2] : counts[0];
    if (counts[side] > 0 || elsewhere == 0) continue;
    if (++count <= kShown) names += (count == 1 ? "" : ", ") + dataset.categories[c].name;
  }
  if (count > kShown) names += fmt::format(" and {} more", count - kShown);
  if (count > 0) log_warning(fmt::format("{} has no instance of {}", name(Side(side)), names));
}

void warn(const Dataset& dataset, const SplitPlan& plan, const Options& options) {
  for (std::size_t s = 0; s < kSideCount; ++s) {
    if (!is_wanted(options.split, s)) {
      std::error_code code;
      if (std::filesystem::exists(output_of(options, s), code)) {
        log_warning(
            fmt::format("{} is from an earlier split and stays; its images may be in the "
                        "new files, too",
                        output_of(options, s).string()));
      }
      continue;
    }
    if (plan.images[s] == 0) {
      log_warning(fmt::format("{} is empty: there are only {}",
                              name(Side(s)),
                              counted(plan.group_count, "source image")));
      continue;
    }
    warn_of_missing_classes(dataset, plan, s);
  }
}

/// Writes files beside their later names, then gives them those names: all of them or none. A new
/// train.json beside an old val.json would share images with it.
class PartFiles {
 public:
  PartFiles() = default;
  ~PartFiles() {
    std::error_code ignored;
    for (const File& file : files_) std::filesystem::remove(file.temporary, ignored);
  }
  PartFiles(const PartFiles&) = delete;
  PartFiles& operator=(const PartFiles&) = delete;

  void write(const Dataset& dataset, const std::filesystem::path& path) {
    std::error_code missing;
    if (std::filesystem::is_directory(path, missing)) {
      throw Error(Errc::kIo, {.file = path.string()}, "is a folder, expected a file to write");
    }
    files_.push_back(
        {path.parent_path() / fmt::format(".{}.part-{}", path.filename().string(), getpid()),
         path});
    try {
      write_coco(dataset, files_.back().temporary);
    } catch (const Error& error) {
      throw Error(error.code(), {.file = path.string()}, error.message());
    }
  }

  void commit() {
    for (const File& file : files_) {
      std::error_code code;
      std::filesystem::rename(file.temporary, file.path, code);
      if (code) throw Error(Errc::kIo, {.file = file.path.string()}, code.message());
    }
  }

 private:
  struct File {
    std::filesystem::path temporary;
    std::filesystem::path path;
  };
  std::vector<File> files_;
};

void write_parts(const std::array<Dataset, kSideCount>& parts, const Options& options) {
  PartFiles files;
  for (std::size_t s = 0; s < kSideCount; ++s) {
    if (is_wanted(options.split, s)) files.write(parts[s], output_of(options, s));
  }
  files.commit();
  for (std::size_t s = 0; s < kSideCount; ++s) {
    if (is_wanted(options.split, s)) log_written(parts[s], output_of(options, s));
  }
}

void run_split(const Options& options) {
  for (std::size_t s = 0; s < kSideCount; ++s) {
    refuse_same_file(options.input, output_of(options, s));
  }
  Report report;
  Dataset dataset = read_coco_file(options.input, options.skip_bad, report);
  log_remarks(report);
  const SplitPlan plan = plan_split(dataset, options.split);
  if (options.json) {
    print_json(dataset, plan, options);
  } else {
    fmt::print("{} from {}, the largest group has {}; seed {}\n{}",
               counted(dataset.images.size(), "image"),
               counted(plan.group_count, "source"),
               counted(plan.largest_group, "image"),
               options.split.seed,
               summary(dataset, plan, options.split));
  }
  warn(dataset, plan, options);
  if (options.dry_run) return;
  write_parts(apply_split(std::move(dataset), plan), options);
}

}  // namespace

void add_split(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("file", options->input, "COCO file to divide")->required()->type_name("COCO.json");
  app.add_option("-o,--output",
                 options->output,
                 "Folder for train.json, val.json and, with --test, test.json")
      ->required()
      ->type_name("DIR");
  app.add_option("--val", options->split.val_share, "Share of the images for validation")
      ->type_name("SHARE")
      ->capture_default_str();
  app.add_option("--test", options->split.test_share, "Share of the images for testing")
      ->type_name("SHARE")
      ->capture_default_str();
  app.add_option("--seed", options->split.seed, "Another number gives another split")
      ->check(not_negative())
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--skip-bad", options->skip_bad, "Leave wrong records out instead of stopping");
  app.add_flag("--dry-run", options->dry_run, "Print the counts, but write nothing");
  app.add_flag("--json", options->json, "Print the counts as JSON");
  app.footer(
      "All images of one source (source_image_id, or names that differ in Roboflow's .rf.<hash>)\n"
      "are on one side, and every class has about its share on each.\n"
      "Example:\n  labelloom split coco.json -o split --val 0.2 --test 0.1 --seed 7");
  app.callback([options] { run_split(*options); });
}

}  // namespace labelloom::apps
