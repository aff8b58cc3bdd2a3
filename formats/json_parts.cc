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
    for (std::size_t at = found[i].begin;;) {
      at = section.find(opening, std::max(at, parts.back().begin) + share);
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
