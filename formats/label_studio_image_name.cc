#include "formats/label_studio_image_name.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "formats/error.h"
#include "formats/json_text.h"
#include "formats/png_mask.h"

namespace labelloom {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return std::string(text);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0 && (high != 0 || low != 0)) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return json::is_utf8(out) ? out : std::string(text);
}

/// What an address of Label Studio that holds another one in base64 (`?fileuri=`) stands for.
std::string resolved(std::string_view url) {
  constexpr std::string_view kMarker = "?fileuri=";
  const std::size_t at = url.find(kMarker);
  if (at == std::string_view::npos) return std::string(url);
  const std::string_view rest = url.substr(at + kMarker.size());
  try {
    const auto bytes = decode_base64(percent_decoded(rest.substr(0, rest.find('&'))));
    std::string inner(bytes.begin(), bytes.end());
    if (!inner.empty() && json::is_utf8(inner)) return inner;
  } catch (const Error&) {  // then it is some other address
  }
  return std::string(url);
}

/// Host or bucket of an address, as a name of a folder; empty when it has none.
std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  std::string host(url.substr(scheme + 3));
  host.resize(std::min(host.find_first_of("/\\?#"), host.size()));
  std::ranges::replace(host, ':', '_');
  return host == "." || host == ".." || host.find('\0') != std::string::npos ? "" : host;
}

/// The path of an address: query and scheme cut, `?d=` of local files and `?filepath=` followed.
std::string path_of(std::string_view url) {
  for (const std::string_view marker : {"?d=", "?filepath="}) {
    const std::size_t at = url.find(marker);
    if (at != std::string_view::npos) {
      const std::string_view rest = url.substr(at + marker.size());
      return percent_decoded(rest.substr(0, rest.find('&')));
    }
  }
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    // Only web addresses have queries; a bucket's or a repository's file name may hold "?".
    if (url.starts_with("http")) url = url.substr(0, url.find_first_of("?#"));
    url.remove_prefix(scheme + 3);
    const std::size_t slash = url.find('/');  // host, bucket or commit
    url = slash == std::string_view::npos ? std::string_view{} : url.substr(slash + 1);
    return percent_decoded(url);
  }
  std::string path = percent_decoded(url);
  if (path.size() > 2 && path[1] == ':') path.erase(0, 2);  // Windows drive
  return path;
}

/// Components of a path without empty ones, "." and "..".
std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find_first_of("/\\", begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (!part.empty() && part != "." && part != ".." && part.find('\0') == std::string_view::npos) {
      out.push_back(part);
    }
    begin = end + 1;
  }
  return out;
}

/// Label Studio puts eight hexadecimal digits and a dash before the name of an uploaded file.
bool has_upload_prefix(std::string_view name) {
  return name.size() > 9 && name[8] == '-' &&
         std::all_of(name.begin(), name.begin() + 8, [](char c) { return hex_digit(c) >= 0; });
}

}  // namespace

bool looks_like_image(std::string_view url) {
  if (url.starts_with("data:image/")) return true;
  static constexpr std::array<std::string_view, 10> kEndings = {
      ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".jp2", ".svg"};
  std::string path = path_of(resolved(url));
  std::ranges::transform(
      path, path.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::any_of(kEndings, [&](std::string_view e) { return path.ends_with(e); });
}

std::string image_name(std::string_view url) {
  if (url.starts_with("data:")) return {};
  const std::string path = path_of(resolved(url));
  const std::vector<std::string_view> parts = components(path);
  if (parts.empty()) return {};
  const bool uploaded = url.find("upload") != std::string_view::npos;
  return std::string(uploaded && has_upload_prefix(parts.back()) ? parts.back().substr(9)
                                                                 : parts.back());
}

std::vector<std::string> image_name_candidates(std::string_view url) {
  if (url.starts_with("data:")) return {};
  const std::string address = resolved(url);
  const std::string path = path_of(address);
  const std::vector<std::string_view> parts = components(path);
  std::vector<std::string> candidates;
  if (parts.empty()) return candidates;
  std::string longer(parts.back());
  std::string shortest = image_name(url);
  if (shortest != longer) candidates.push_back(std::move(shortest));
  candidates.push_back(longer);
  for (std::size_t i = parts.size() - 1; i-- > 0;) {
    longer.insert(0, std::string(parts[i]) + '/');
    candidates.push_back(longer);
  }
  const std::string host = host_of(address);
  if (!host.empty()) candidates.push_back(host + '/' + longer);
  return candidates;
}

}  // namespace labelloom
