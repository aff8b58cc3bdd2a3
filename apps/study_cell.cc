#include "apps/study_cell.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/json_text.h"
#include "model/json_document.h"

namespace labelloom::apps {
namespace {

void append_member(std::string& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  json::append_string(out, name);
  out += ':';
}

void append_member(std::string& out, std::string_view name, double number) {
  append_member(out, name);
  json::append_number(out, number);
}

std::uint64_t whole(const model::json::Place& place) {
  return static_cast<std::uint64_t>(place.integer(0, std::int64_t{1} << 53));
}

double share(const model::json::Place& place) {
  const double value = place.number();
  if (!(value >= 0 && value <= 1)) place.fail(fmt::format("{} is no share", value));
  return value;
}

}  // namespace

std::optional<double> StudyCell::metric(const std::string& name) const {
  const auto found = std::ranges::find(metrics, name, &std::pair<std::string, double>::first);
  return found == metrics.end() ? std::nullopt : std::optional(found->second);
}

std::string cell_file_name(const std::string& strategy, std::uint64_t seed, int round) {
  std::string name = strategy;
  std::ranges::replace(name, ':', '_');
  return fmt::format("{}.seed{}.round{}.json", name, seed, round);
}

std::string cell_text(const StudyCell& cell) {
  std::string out = "{";
  append_member(out, "strategy");
  json::append_string(out, cell.strategy);
  append_member(out, "seed", static_cast<double>(cell.seed));
  append_member(out, "round", cell.round);
  append_member(out, "images", static_cast<double>(cell.images));
  append_member(out, "metrics");
  out += '{';
  for (const auto& [name, value] : cell.metrics) append_member(out, name, value);
  out += '}';
  if (cell.pool) {
    append_member(out, "pool");
    out += '{';
    append_member(out, "rare", cell.pool->rare);
    append_member(out, "duplicates", cell.pool->duplicates);
    out += '}';
  }
  append_member(out, "chosen");
  out += '[';
  for (const std::string& key : cell.chosen) {
    if (out.back() != '[') out += ',';
    json::append_string(out, key);
  }
  return out + "]}\n";
}

StudyCell read_cell(const std::filesystem::path& file) {
  const InputFile input(file);
  const auto document = model::json::parse_object(input.text(), file.string());
  const model::json::Place root(document, file.string());
  StudyCell cell;
  cell.strategy = root["strategy"].string();
  cell.seed = whole(root["seed"]);
  cell.round = static_cast<int>(root["round"].integer(0, 1000000));
  cell.images = whole(root["images"]);
  const model::json::Place metrics = root["metrics"];
  for (const std::string& name : metrics.members()) {
    const double value = metrics[name].number();
    if (!std::isfinite(value)) metrics[name].fail("is not finite");
    cell.metrics.emplace_back(name, value);
  }
  if (root.has("pool")) {
    cell.pool = {share(root["pool"]["rare"]), share(root["pool"]["duplicates"])};
  }
  const model::json::Place chosen = root["chosen"];
  for (std::size_t i = 0; i < chosen.size(); ++i) cell.chosen.emplace_back(chosen[i].string());
  return cell;
}

}  // namespace labelloom::apps
