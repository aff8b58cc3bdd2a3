#include "select/score_pool.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include <boost/crc.hpp>
#include <fmt/format.h>
#include <tbb/parallel_pipeline.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "select/score_lines.h"
#include "select/score_shard.h"

namespace labelloom::select {
namespace {

namespace fs = std::filesystem;

bool is_shard_name(std::string_view name) {
  return name.starts_with("shard-") && name.ends_with(".jsonl");
}

std::vector<fs::path> files_of(const fs::path& source) {
  std::error_code code;
  if (!fs::is_directory(source, code)) return {source};
  std::vector<fs::path> files;
  std::size_t unfinished = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(source)) {
    const std::string name = entry.path().filename().string();
    if (is_shard_name(name)) files.push_back(entry.path());
    if (name.ends_with(".part") && is_shard_name(entry.path().stem().string())) ++unfinished;
  }
  if (files.empty()) {
    throw Error(
        Errc::kInvalidData,
        {.file = source.string()},
        unfinished > 0
            ? "has only unfinished scores; run `labelloom score` again, it goes on where it was"
            : "has no scores: no shard-i-of-n.jsonl; expected the folder that `labelloom score` "
              "wrote");
  }
  std::ranges::sort(files);
  return files;
}

void refuse_missing_shards(const std::vector<std::unique_ptr<ScoreLines>>& files,
                           const fs::path& source) {
  const ScoreHeader& header = files.front()->header();
  std::vector<bool> there(files.size(), false);  // of the first shards; more cannot all be there
  for (const auto& file : files) {
    const auto shard = static_cast<std::size_t>(file->header().shard);
    if (shard < there.size() && there[shard]) {
      throw Error(Errc::kInvalidData,
                  {.file = file->path().string()},
                  fmt::format("shard {} is there twice", shard + 1));
    }
    if (shard < there.size()) there[shard] = true;
  }
  const auto first = static_cast<std::size_t>(std::ranges::find(there, false) - there.begin());
  const std::size_t wanted = static_cast<std::size_t>(header.shards);
  if (files.size() == wanted) return;
  throw Error(
      Errc::kInvalidData,
      {.file = source.string()},
      fmt::format("{} of {} shards {} missing, {} first; run `labelloom score --shard {}/{}`",
                  wanted - files.size(),
                  wanted,
                  wanted - files.size() == 1 ? "is" : "are",
                  shard_file_name(static_cast<int>(first), header.shards),
                  first + 1,
                  wanted));
}

}  // namespace

ScorePool::ScorePool(const fs::path& source) : source_(source) {
  for (const fs::path& path : files_of(source))
    files_.push_back(std::make_unique<ScoreLines>(path));
  const ScoreHeader& first = files_.front()->header();
  for (const auto& file : files_) refuse_other_scores(file->header(), first, file->path().string());
  refuse_missing_shards(files_, source);
  header_ = first;
  header_.shard = 0;
  header_.shards = 1;
  // Copies of a model may be called otherwise; which shard is read first must not matter.
  for (const auto& file : files_)
    header_.model_name = std::min(header_.model_name, file->header().model_name);
  for (std::size_t f = 0; f < files_.size(); ++f) {
    const ScoreLines& file = *files_[f];
    file.for_each_row([&](std::string_view line, std::size_t offset) {
      if (line.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw Error(Errc::kLimit,
                    {.file = file.path().string(), .offset = offset},
                    "a row is larger than 4 GB");
      }
      try {
        places_.push_back({key_of_line(line),
                           static_cast<std::uint32_t>(f),
                           static_cast<std::uint32_t>(line.size()),
                           offset});
      } catch (const Error& error) {
        throw Error(
            error.code(), {.file = file.path().string(), .offset = offset}, error.message());
      }
    });
  }
  std::ranges::sort(places_, {}, &Place::key);
  const auto twice = std::ranges::adjacent_find(places_, {}, &Place::key);
  if (twice != places_.end()) {
    throw Error(Errc::kInvalidData,
                {.file = source.string()},
                fmt::format("{} is in the pool twice", labelloom::quoted(twice->key)));
  }
  std::vector<std::string> keys;
  for (const Place& place : places_) keys.push_back(place.key);
  if (places_.size() != header_.images || pool_hash(keys) != header_.pool) {
    throw Error(
        Errc::kInvalidData,
        {.file = source.string()},
        fmt::format(
            "has {} of the {} images of its pool, or others", places_.size(), header_.images));
  }
}

ScorePool::~ScorePool() = default;

ScoreRow ScorePool::row(std::size_t index) const {
  const Place& place = places_.at(index);
  return files_[place.file]->row(place.offset, place.length);
}

void ScorePool::for_each(const std::function<void(std::size_t, const ScoreRow&)>& visit) const {
  struct Read {
    std::size_t index = 0;
    ScoreRow row = {};
  };
  constexpr std::size_t kAhead = 32;
  std::size_t next = 0;
  tbb::parallel_pipeline(
      kAhead,
      tbb::make_filter<void, std::size_t>(tbb::filter_mode::serial_in_order,
                                          [&](tbb::flow_control& control) -> std::size_t {
                                            if (next >= size()) {
                                              control.stop();
                                              return 0;
                                            }
                                            return next++;
                                          }) &
          tbb::make_filter<std::size_t, std::shared_ptr<Read>>(tbb::filter_mode::parallel,
                                                               [&](std::size_t index) {
                                                                 auto read =
                                                                     std::make_shared<Read>();
                                                                 read->index = index;
                                                                 read->row = row(index);
                                                                 return read;
                                                               }) &
          tbb::make_filter<std::shared_ptr<Read>, void>(
              tbb::filter_mode::serial_in_order,
              [&](const std::shared_ptr<Read>& read) { visit(read->index, read->row); }));
}

void ScorePool::refuse_overwriting(const fs::path& file) const {
  std::error_code missing;  // then they are not the same
  for (const auto& input : files_) {
    if (!fs::equivalent(input->path(), file, missing)) continue;
    throw Error(Errc::kArgument,
                {.file = file.string()},
                "is an input, too; choose another name for the output");
  }
  const bool beside = fs::equivalent(fs::absolute(file).parent_path(), source_, missing);
  if (beside && is_shard_name(file.filename().string())) {
    throw Error(Errc::kArgument,
                {.file = file.string()},
                "would be taken for a shard of the folder; choose another name for the output");
  }
}

void ScorePool::write_merged(const fs::path& file) const {
  refuse_overwriting(file);
  OutputFile out(file);
  boost::crc_32_type crc;
  std::string line;
  const auto write = [&] {
    line += '\n';
    crc.process_bytes(line.data(), line.size());
    out.write(line);
  };
  line = header_text(header_);
  write();
  for (const Place& place : places_) {
    line = files_[place.file]->text().substr(place.offset, place.length);
    write();
  }
  out.write(footer_text(places_.size(), crc.checksum()) + '\n');
  out.commit();
}

}  // namespace labelloom::select
