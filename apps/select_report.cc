#include "apps/select_report.h"

#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "embedded/select_report_css.h"
#include "embedded/select_report_html.h"
#include "embedded/select_report_js.h"
#include "formats/error.h"
#include "formats/json_text.h"

namespace labelloom::apps {
namespace {

constexpr std::string_view kStyle = "{{style}}";
constexpr std::string_view kData = "{{data}}";
constexpr std::string_view kScript = "{{script}}";

std::string string_of(std::string_view text) {
  std::string literal;
  json::append_string(literal, text);
  return literal;
}

std::string number_of(double value) {
  if (!std::isfinite(value)) return "null";
  std::string text;
  json::append_number(text, value);
  return text;
}

/// "</script>" and "<!--" would end or change the element; there is no "<" in JSON but in strings.
std::string html_safe(std::string_view json_text) {
  std::string safe;
  safe.reserve(json_text.size());
  for (const char c : json_text) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

/// The folder as the page at `file` finds it, with a slash at its end, percent-encoded.
std::string address_of(const std::filesystem::path& folder, const std::filesystem::path& file) {
  std::error_code code;
  const auto from =
      std::filesystem::weakly_canonical(std::filesystem::absolute(file).parent_path(), code);
  const auto to = std::filesystem::weakly_canonical(std::filesystem::absolute(folder), code);
  std::string address;
  for (const char c : (to.lexically_relative(from) / "").generic_string()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/-._~").find(c) != std::string_view::npos;
    address += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return address;
}

std::string note_text(const ReportNote& note) {
  std::string text =
      fmt::format("{{\"rank\":{},\"score\":{},\"reason\":{},\"blamed\":{},\"components\":{{",
                  note.rank,
                  number_of(note.score),
                  string_of(note.reason),
                  note.terms.blamed_box);
  for (std::size_t i = 0; i < note.components.size(); ++i) {
    const auto& [name, value] = note.components[i];
    text += fmt::format("{}{}:{}", i == 0 ? "" : ",", string_of(name), number_of(value));
  }
  text += "},\"terms\":[";
  for (std::size_t i = 0; i < note.terms.each_box.size(); ++i) {
    const select::BoxTerms& terms = note.terms.each_box[i];
    text += fmt::format(
        "{}[{},{}]", i == 0 ? "" : ",", number_of(terms.location), number_of(terms.classes));
  }
  return text + "]}";
}

}  // namespace

SelectReport::SelectReport(const std::filesystem::path& file,
                           const Head& head,
                           const select::ScoreHeader& header)
    : file_(file), header_(header) {
  const std::string_view page = embedded::select_report_html();
  const std::size_t style = page.find(kStyle);
  const std::size_t data = page.find(kData);
  file_.write(page.substr(0, style));
  file_.write(embedded::select_report_css());
  file_.write(page.substr(style + kStyle.size(), data - style - kStyle.size()));
  file_.write(html_safe(fmt::format(
      "{{\"title\":{},\"subtitle\":{},\"total\":{},\"images\":{},\"header\":{},\"items\":[",
      string_of(head.title),
      string_of(head.subtitle),
      head.total,
      head.images ? string_of(address_of(*head.images, file)) : "null",
      select::header_text(header_))));
}

void SelectReport::add(select::ScoreRow row, const ReportNote& note) {
  row.vectors.clear();
  file_.write(html_safe(fmt::format("{}\n{{\"note\":{},\"row\":{}}}",
                                    first_ ? "" : ",",
                                    note_text(note),
                                    row_text(row, header_))));
  first_ = false;
}

void SelectReport::finish() {
  const std::string_view page = embedded::select_report_html();
  const std::size_t data = page.find(kData) + kData.size();
  const std::size_t script = page.find(kScript);
  file_.write("]}");
  file_.write(page.substr(data, script - data));
  file_.write(embedded::select_report_js());
  file_.write(page.substr(script + kScript.size()));
  file_.commit();
}

}  // namespace labelloom::apps
