#include "apps/study_folder.h"

#include <utility>

#include <fmt/format.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/json_text.h"
#include "model/json_document.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;

std::string facts_text(const StudyFacts& facts) {
  std::string out = "{\n";
  for (const auto& [name, value] : facts) {
    if (out.size() > 2) out += ",\n";
    json::append_string(out, name);
    out += ": ";
    json::append_string(out, value);
  }
  return out + "\n}\n";
}

StudyFacts read_facts(const fs::path& file) {
  const InputFile input(file);
  const auto document = model::json::parse_object(input.text(), file.string());
  const model::json::Place root(document, file.string());
  StudyFacts facts;
  for (const std::string& name : root.members()) facts[name] = root[name].string();
  return facts;
}

void expect_same(const StudyFacts& here, const StudyFacts& wanted, const fs::path& file) {
  for (const auto& [name, value] : wanted) {
    const auto found = here.find(name);
    if (found != here.end() && found->second == value) continue;
    throw Error(Errc::kArgument,
                {.file = file.string()},
                fmt::format("is of another study: {} is {} there and {} here; choose another "
                            "output folder",
                            name,
                            found == here.end() ? "missing" : labelloom::quoted(found->second),
                            labelloom::quoted(value)));
  }
}

}  // namespace

StudyFolder::StudyFolder(fs::path folder, const StudyFacts& facts) : folder_(std::move(folder)) {
  const fs::path file = folder_ / "study.json";
  if (fs::exists(file)) {
    expect_same(read_facts(file), facts, file);
  } else {
    write_file(file, facts_text(facts));
  }
}

fs::path StudyFolder::file_of(const std::string& strategy, std::uint64_t seed, int round) const {
  return folder_ / "cells" / cell_file_name(strategy, seed, round);
}

std::optional<StudyCell> StudyFolder::find(const std::string& strategy,
                                           std::uint64_t seed,
                                           int round) const {
  const fs::path file = file_of(strategy, seed, round);
  if (!fs::exists(file)) return std::nullopt;
  StudyCell cell = read_cell(file);
  if (cell.strategy != strategy || cell.seed != seed || cell.round != round) {
    throw Error(Errc::kInvalidData,
                {.file = file.string()},
                fmt::format("is of strategy {}, seed {}, round {}",
                            labelloom::quoted(cell.strategy),
                            cell.seed,
                            cell.round));
  }
  return cell;
}

void StudyFolder::write(const StudyCell& cell) const {
  write_file(file_of(cell.strategy, cell.seed, cell.round), cell_text(cell));
}

void StudyFolder::remove(const std::string& strategy, std::uint64_t seed, int round) const {
  fs::remove(file_of(strategy, seed, round));
}

}  // namespace labelloom::apps
