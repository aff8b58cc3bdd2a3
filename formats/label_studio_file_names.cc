#include "formats/label_studio_file_names.h"

#include <fmt/format.h>

#include "formats/label_studio_image_name.h"

namespace labelloom::label_studio {

std::unordered_map<std::string_view, std::string> name_images(
    const std::vector<Annotation>& annotations,
    const std::vector<std::size_t>& chosen,
    Report& report) {
  std::unordered_map<std::string_view, std::string> names;
  struct Guess {
    std::string_view url;
    std::string* name = nullptr;               // among `names`
    std::vector<std::string> candidates = {};  // once it has clashed
    std::size_t level = 0;                     // which of them it is
  };
  std::vector<Guess> guesses;
  names.reserve(chosen.size());
  for (const std::size_t i : chosen) {
    const ImageRef& image = annotations[i].image;
    if (image.url.empty()) continue;
    const auto [entry, added] =
        names.try_emplace(image.url, image.found.empty() ? image.name : image.found);
    if (added && image.found.empty() && !image.name.empty()) {
      guesses.push_back({image.url, &entry->second});
    }
  }
  for (bool clash = true; clash;) {
    std::unordered_map<std::string_view, std::size_t> users;
    users.reserve(guesses.size());
    for (const Guess& guess : guesses) ++users[*guess.name];
    std::vector<Guess*> clashing;
    for (Guess& guess : guesses) {
      if (users[*guess.name] > 1) clashing.push_back(&guess);
    }
    clash = false;
    for (Guess* guess : clashing) {
      if (guess->candidates.empty()) guess->candidates = image_name_candidates(guess->url);
      if (guess->level + 1 >= guess->candidates.size()) continue;
      *guess->name = guess->candidates[++guess->level];
      clash = true;
    }
  }
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
