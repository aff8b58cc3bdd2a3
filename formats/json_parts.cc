#include "formats/json_parts.h"

#include <algorithm>
#include <functional>

namespace labelloom::json {
namespace {

constexpr auto kNowhere = std::string_view::npos;

// The index of a part's tokens takes up to four bytes a byte.
constexpr std::size_t kMaxPart = std::size_t{32} << 20U;

/// Names of sections are looked for this far from the file's ends: the longest section, which is in
/// the middle, is not searched for the names of others.
constexpr std::size_t kNear = std::size_t{32} << 20U;

struct Section {
  std::size_t begin = 0;
  std::string_view name;
};

std::size_t find_near_ends(std::string_view text, const std::string& wanted) {
  // Leaps over the records of a shorter section, where string_view::find stops at every quote.
  const std::string_view head = text.substr(0, kNear);
  const std::boyer_moore_horspool_searcher searcher(wanted.begin(), wanted.end());
  const auto at = std::search(head.begin(), head.end(), searcher);
  const std::size_t found =
      at == head.end() ? kNowhere : static_cast<std::size_t>(at - head.begin());
  if (found != kNowhere || text.size() <= kNear) return found;
  const std::size_t tail = text.size() - kNear;
  const std::size_t last = text.substr(tail).rfind(wanted);
  return last == kNowhere ? last : tail + last;
}

/// The long arrays in the order of the file.
std::vector<Section> find_sections(std::string_view text, const std::vector<std::string>& names) {
  const std::size_t root = text.find_first_of("[{");
  if (root == kNowhere) return {};
  if (text[root] == '[') return {{root, {}}};
  std::vector<Section> sections;
  for (const std::string& name : names) {
    const std::size_t found = find_near_ends(text, '"' + name + '"');
    if (found != kNowhere) sections.push_back({found, name});
  }
  std::ranges::sort(sections, {}, &Section::begin);
  return sections;
}

/// How the records of an array begin: a record is told from what is nested in it by its opening
/// and the name of its first member, with the white space between, as pretty-printed files indent
/// what is nested further.
std::string_view opening_of_records(std::string_view section) {
  constexpr std::size_t kLongest = 200;
  const std::size_t array = section.substr(0, kLongest).find('[');
  if (array == kNowhere) return {};
  const std::size_t open = section.substr(0, array + kLongest).find('{', array);
  if (open == kNowhere) return {};
  const std::string_view record = section.substr(open, kLongest);
  const std::size_t name = record.find('"');
  const std::size_t name_end = name == kNowhere ? kNowhere : record.find('"', name + 1);
  return name_end == kNowhere ? std::string_view{} : record.substr(0, name_end + 1);
}

/// The name of a record's second member, where the first is a number, literal or plain string; else
/// nothing.
std::string_view second_name(std::string_view record) {
  constexpr std::string_view kSpace = " \t\r\n";
  constexpr std::size_t kLongest = 1000;
  record = record.substr(0, kLongest);
  std::size_t at = 0;
  const auto skip_space = [&] {
    at = std::min(record.find_first_not_of(kSpace, at), record.size());
  };
  const auto take = [&](char wanted) {
    skip_space();
    return at < record.size() && record[at++] == wanted;
  };
  const auto take_string = [&]() -> std::string_view {  // with its quotes
    const std::size_t begin = at;
    const std::size_t end = take('"') ? record.find('"', at) : kNowhere;
    if (end == kNowhere) return {};
    at = end + 1;
    const std::string_view text = record.substr(begin, at - begin);
    return text.find('\\') == kNowhere ? text : std::string_view{};
  };
  if (!take('{')) return {};
  skip_space();
  if (take_string().empty() || !take(':')) return {};
  skip_space();
  if (at == record.size() || record[at] == '[' || record[at] == '{') return {};
  if (record[at] != '"') {
    at = std::min(record.find_first_of(",} \t\r\n", at), record.size());
  } else if (take_string().empty()) {
    return {};
  }
  if (!take(',')) return {};
  skip_space();
  return take_string();
}

/// Where a record seems to begin, from `from` on: one whose second member is called `second`, if
/// there is one within `share` bytes. What is nested in records often has the name of their first.
std::size_t find_record(std::string_view section,
                        std::string_view opening,
                        std::string_view second,
                        std::size_t from,
                        std::size_t share) {
  const std::size_t nearest = section.find(opening, from);
  if (second.empty()) return nearest;
  for (std::size_t at = nearest; at != kNowhere && at - nearest < share;
       at = section.find(opening, at + 1)) {
    if (second_name(section.substr(at)) == second) return at;
  }
  return nearest;
}

}  // namespace

std::vector<Part> cut_into_parts(std::string_view text,
                                 const std::vector<std::string>& sections,
                                 std::size_t share) {
  std::vector<Part> parts{{}};
  const auto cut = [&](std::size_t at, std::string_view section) {
    parts.back().end = at;
    parts.back().ends_inside = true;
    parts.back().next_section = section;
    parts.push_back({.begin = at, .begins_inside = true, .section = section});
  };
  const std::vector<Section> found =
      text.size() > share ? find_sections(text, sections) : std::vector<Section>{};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::size_t end = i + 1 < found.size() ? found[i + 1].begin : text.size();
    const std::string_view section = text.substr(0, end);
    const std::string_view opening = opening_of_records(section.substr(found[i].begin));
    if (opening.empty()) continue;
    const std::string_view second =
        second_name(section.substr(section.find(opening, found[i].begin)));
    for (std::size_t at = found[i].begin;;) {
      at = find_record(section, opening, second, std::max(at, parts.back().begin) + share, share);
      if (at == kNowhere) break;
      cut(at, found[i].name);
    }
  }
  parts.back().end = text.size();
  const bool small = std::ranges::all_of(
      parts, [](const Part& part) { return part.end - part.begin <= kMaxPart; });
  return small ? parts : std::vector<Part>{};
}

}  // namespace labelloom::json
