#include "formats/json_tokens.h"

#include <algorithm>
#include <new>

#include <simdjson.h>

namespace labelloom::json {

/// simdjson parses in two stages: the first finds the tokens, the second makes its tape of them.
/// We need only the first. It is public to simdjson's On Demand front end rather than a documented
/// call, but has not changed since its version 1.0.
struct TokenIndex::Simdjson {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

TokenIndex::TokenIndex() : simdjson_(std::make_unique<Simdjson>()) {}
TokenIndex::~TokenIndex() = default;

std::span<const std::uint32_t> TokenIndex::find(std::string_view text) {
  if (text.empty() || text.size() > simdjson::SIMDJSON_MAXSIZE_BYTES / 2) return {};
  auto& parser = simdjson_->parser;
  if (!parser || parser->capacity() < text.size()) {
    constexpr std::size_t kDepth = 1;  // a matter of the second stage
    const std::size_t capacity = std::max(text.size(), std::size_t{1} << 16U);
    parser.reset();
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(
            capacity, kDepth, parser) != simdjson::SUCCESS) {
      throw std::bad_alloc();
    }
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (parser->stage1(bytes, text.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS) {
    return {};
  }
  return {parser->structural_indexes.get(), parser->n_structural_indexes};
}

}  // namespace labelloom::json
