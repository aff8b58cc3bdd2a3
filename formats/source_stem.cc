#include "formats/source_stem.h"

#include <algorithm>

namespace labelloom {
namespace {

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string_view source_stem(std::string_view file_name) {
  const std::size_t slash = file_name.find_last_of('/');
  const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
  const std::size_t dot = file_name.find_last_of('.');
  std::string_view stem = file_name;
  if (dot != std::string_view::npos && dot > begin) stem = file_name.substr(0, dot);
  constexpr std::string_view kRoboflow = ".rf.";
  constexpr std::size_t kShortestHash = 16;
  const std::size_t mark = stem.rfind(kRoboflow);
  if (mark == std::string_view::npos || mark <= begin) return stem;
  const std::string_view hash = stem.substr(mark + kRoboflow.size());
  const bool is_hash = hash.size() >= kShortestHash && std::ranges::all_of(hash, is_alphanumeric);
  return is_hash ? stem.substr(0, mark) : stem;
}

}  // namespace labelloom
