#include "augment/output_names.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "augment/random.h"
#include "formats/json_text.h"

namespace labelloom::augment {
namespace {

constexpr std::size_t kLongestStem = 120;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) {
    return static_cast<char>(c < 0x80 ? std::tolower(c) : c);
  });
  return result;
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// Letters, digits, "-", "_", "." and what is not ASCII stay; a stem never begins with a dot.
std::string plain_stem(std::string_view file_name) {
  std::string_view base = base_name(file_name);
  const std::size_t dot = base.find_last_of('.');
  if (dot != std::string_view::npos && dot > 0) base = base.substr(0, dot);
  std::string stem(base.substr(0, kLongestStem));
  while (!stem.empty() && !json::is_utf8(stem)) stem.pop_back();  // cut inside a letter
  for (char& c : stem) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x80 && std::isalnum(code) == 0 && c != '-' && c != '_' && c != '.') c = '_';
  }
  if (stem.empty() || stem.front() == '.') stem.insert(stem.begin(), '_');
  return stem;
}

}  // namespace

OutputNames::OutputNames(const std::deque<Image>& images) {
  std::unordered_map<std::string, std::size_t> uses;
  for (const Image& image : images) {
    stems_.push_back(plain_stem(image.file_name));
    ++uses[lower(stems_.back())];
  }
  // Those that share a stem are told apart by their whole path.
  std::unordered_set<std::string> taken;
  for (const auto& [stem, count] : uses) {
    if (count == 1) taken.insert(stem);
  }
  for (std::size_t i = 0; i < stems_.size(); ++i) {
    if (uses[lower(stems_[i])] == 1) continue;
    const auto hash = static_cast<std::uint32_t>(image_key(images[i].file_name));
    const std::string stem = fmt::format("{}_{:08x}", stems_[i], hash);
    stems_[i] = stem;
    for (std::size_t again = 2; !taken.insert(lower(stems_[i])).second; ++again) {
      stems_[i] = fmt::format("{}-{}", stem, again);
    }
  }
}

std::string OutputNames::name(std::size_t image,
                              std::uint32_t variant,
                              std::string_view extension) const {
  return fmt::format("{}_v{:04}{}", stems_[image], variant, extension);
}

std::string plain_extension(std::string_view file_name) {
  const std::string_view base = base_name(file_name);
  const std::size_t dot = base.find_last_of('.');
  if (dot == std::string_view::npos) return {};
  const std::string extension = lower(base.substr(dot));
  constexpr std::size_t kLongest = 5;
  const bool plain = extension.size() >= 2 && extension.size() <= kLongest &&
                     std::all_of(extension.begin() + 1, extension.end(), [](unsigned char c) {
                       return c < 0x80 && std::isalnum(c) != 0;
                     });
  return plain ? extension : std::string{};
}

}  // namespace labelloom::augment
