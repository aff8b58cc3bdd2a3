#include "formats/label_studio_file_names.h"

#include <algorithm>
#include <cctype>
#include <unordered_set>

#include <fmt/format.h>

#include "formats/label_studio_image_name.h"

namespace labelloom::label_studio {
namespace {

struct Guess {
  std::string_view url;
  std::string* name = nullptr;  // among the results
  std::size_t annotation = 0;
  std::vector<std::string> candidates = {};  // once it has clashed
  std::size_t level = 0;                     // which of them it is
};

/// What a task is called in file names. Ids can be any text, an address too.
std::string task_name(const Annotation& annotation, std::size_t index) {
  constexpr std::size_t kLongest = 40;
  const std::string& key = annotation.task_key;
  const bool is_plain =
      !key.empty() && key.size() <= kLongest && std::ranges::all_of(key, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_';
      });
  return fmt::format("task-{}", is_plain ? key : std::to_string(index + 1));
}

/// Gives addresses of the same name longer ones, until none are left or no address has a longer
/// one.
void tell_apart(std::vector<Guess>& guesses,
                const std::unordered_set<std::string>& found,
                const std::vector<Annotation>& annotations) {
  for (bool clash = true; clash;) {
    std::unordered_map<std::string_view, std::size_t> users;
    users.reserve(guesses.size() + found.size());
    for (const std::string& name : found) ++users[name];
    for (const Guess& guess : guesses) ++users[*guess.name];
    std::vector<Guess*> clashing;
    for (Guess& guess : guesses) {
      if (users[*guess.name] > 1) clashing.push_back(&guess);
    }
    clash = false;
    for (Guess* guess : clashing) {
      if (guess->candidates.empty()) {
        const std::string task = task_name(annotations[guess->annotation], guess->annotation);
        guess->candidates = image_name_candidates(guess->url);
        guess->candidates.push_back(
            guess->candidates.empty() ? task : task + '/' + guess->candidates.front());
      }
      if (guess->level + 1 >= guess->candidates.size()) continue;
      *guess->name = guess->candidates[++guess->level];
      clash = true;
    }
  }
}

/// Numbers what still has the same name.
void number_the_rest(std::vector<Guess>& guesses, std::unordered_set<std::string> taken) {
  for (Guess& guess : guesses) {
    const std::string name = *guess.name;
    for (int n = 2; !taken.insert(*guess.name).second; ++n) {
      *guess.name = fmt::format("{}-{}", n, name);
      ++guess.level;
    }
  }
}

}  // namespace

std::unordered_map<std::string_view, std::string> name_images(
    const std::vector<Annotation>& annotations,
    const std::vector<std::size_t>& chosen,
    Report& report) {
  std::unordered_map<std::string_view, std::string> names;
  std::unordered_set<std::string> found;
  std::vector<Guess> guesses;
  names.reserve(chosen.size());
  for (const std::size_t i : chosen) {
    const ImageRef& image = annotations[i].image;
    if (image.url.empty() || annotations[i].several_images) continue;
    const auto [entry, added] =
        names.try_emplace(image.url, image.found.empty() ? image.name : image.found);
    if (!added) continue;
    if (!image.found.empty()) {
      found.insert(image.found);
      continue;
    }
    if (image.name.empty()) entry->second = task_name(annotations[i], i);
    guesses.push_back({.url = image.url, .name = &entry->second, .annotation = i});
  }
  tell_apart(guesses, found, annotations);
  number_the_rest(guesses, std::move(found));
  for (const Guess& guess : guesses) {
    if (guess.level == 0) continue;
    report.add("name-clash",
               {},
               fmt::format("{} is not the only image of that name; called {}",
                           labelloom::quoted(guess.candidates.front(), 200),
                           labelloom::quoted(*guess.name, 200)));
  }
  return names;
}

}  // namespace labelloom::label_studio
