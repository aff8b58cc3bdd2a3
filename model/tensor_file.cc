#include "model/tensor_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/error.h"
#include "formats/json_text.h"
#include "model/json_document.h"

namespace labelloom::model {
namespace {

static_assert(std::endian::native == std::endian::little, "the format's data is little-endian");

constexpr std::string_view kMetadata = "__metadata__";
constexpr std::size_t kLengthBytes = 8;

struct DtypeEntry {
  Dtype dtype;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<DtypeEntry, 10> kDtypes = {{
    {Dtype::kFloat64, "F64", 8},
    {Dtype::kFloat32, "F32", 4},
    {Dtype::kFloat16, "F16", 2},
    {Dtype::kBfloat16, "BF16", 2},
    {Dtype::kInt64, "I64", 8},
    {Dtype::kInt32, "I32", 4},
    {Dtype::kInt16, "I16", 2},
    {Dtype::kInt8, "I8", 1},
    {Dtype::kUint8, "U8", 1},
    {Dtype::kBool, "BOOL", 1},
}};

const DtypeEntry& entry_of(Dtype dtype) {
  return *std::ranges::find(kDtypes, dtype, &DtypeEntry::dtype);
}

/// Bytes of so many elements; nothing when a tensor cannot be as large. Sides of 0 count as 1 in
/// that: a library computes strides, which are products of the other sides.
std::optional<std::size_t> size_of(std::span<const std::int64_t> shape, Dtype dtype) {
  auto size = static_cast<std::int64_t>(bytes_of(dtype));
  bool empty = false;
  for (const std::int64_t side : shape) {
    if (side < 0) return {};
    if (__builtin_mul_overflow(size, std::max(side, std::int64_t{1}), &size)) return {};
    empty = empty || side == 0;
  }
  return empty ? 0 : static_cast<std::size_t>(size);
}

struct Header {
  std::string_view json;
  std::string_view data;
};

Header split(std::string_view text, const std::string& file) {
  if (text.size() < kLengthBytes + 2) {
    throw Error(Errc::kUnexpectedFormat,
                {.file = file},
                fmt::format("no tensor file (safetensors): {} bytes are too few", text.size()));
  }
  std::uint64_t length = 0;
  std::memcpy(&length, text.data(), kLengthBytes);
  if (text[kLengthBytes] != '{') {
    throw Error(Errc::kUnexpectedFormat,
                {.file = file, .offset = kLengthBytes},
                "no tensor file (safetensors): its header does not begin with \"{\"");
  }
  if (length > TensorFile::kMostHeaderBytes) {
    throw Error(
        Errc::kLimit,
        {.file = file},
        fmt::format(
            "a header of {} bytes; at most {} are read", length, TensorFile::kMostHeaderBytes));
  }
  text.remove_prefix(kLengthBytes);
  if (length > text.size()) {
    throw Error(Errc::kInvalidData,
                {.file = file},
                fmt::format("a header of {} bytes was announced, {} are there; is the file "
                            "truncated?",
                            length,
                            text.size()));
  }
  return {text.substr(0, length), text.substr(length)};
}

constexpr std::array<std::string_view, 3> kTensorMembers = {"dtype", "shape", "data_offsets"};

/// A tensor with its bytes as offsets in the data.
struct Claim {
  TensorView view;
  std::size_t begin = 0;
  std::size_t end = 0;
};

Claim read_claim(const json::Place& place, std::string name) {
  place.expect_members(kTensorMembers);
  Claim claim;
  claim.view.name = std::move(name);
  const json::Place dtype = place["dtype"];
  const auto* const entry = std::ranges::find(kDtypes, dtype.string(), &DtypeEntry::name);
  if (entry == kDtypes.end()) {
    dtype.fail(fmt::format("unknown type {}", labelloom::quoted(dtype.string())));
  }
  claim.view.dtype = entry->dtype;
  const json::Place shape = place["shape"];
  if (shape.size() > TensorFile::kMostDimensions) {
    shape.fail(fmt::format("{} dimensions; at most {}", shape.size(), TensorFile::kMostDimensions));
  }
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < shape.size(); ++i) {
    claim.view.shape.push_back(shape[i].integer(0, kMost));
  }
  const json::Place offsets = place["data_offsets"];
  if (offsets.size() != 2) offsets.fail("expected two numbers: begin and end");
  claim.begin = static_cast<std::size_t>(offsets[std::size_t{0}].integer(0, kMost));
  claim.end = static_cast<std::size_t>(offsets[std::size_t{1}].integer(0, kMost));
  const std::optional<std::size_t> size = size_of(claim.view.shape, claim.view.dtype);
  if (!size || claim.end < claim.begin || claim.end - claim.begin != *size) {
    offsets.fail(fmt::format("bytes {} to {} are not what {} of shape {} needs",
                             claim.begin,
                             claim.end,
                             entry->name,
                             shape_text(claim.view.shape)));
  }
  return claim;
}

/// Tensors follow each other without gap or overlap and fill the file: then each byte has one
/// meaning, and nothing can be hidden.
void expect_contiguous(std::span<const Claim> claims, std::size_t size, const std::string& file) {
  std::size_t at = 0;
  for (const Claim& claim : claims) {
    if (claim.begin != at) {
      throw Error(Errc::kInvalidData,
                  {.file = file, .path = claim.view.name},
                  fmt::format("its bytes begin at {}, the ones before it end at {}: tensors must "
                              "neither overlap nor leave gaps",
                              claim.begin,
                              at));
    }
    at = claim.end;
  }
  if (at != size) {
    throw Error(Errc::kInvalidData,
                {.file = file},
                fmt::format("{} bytes of tensors were announced, {} are there; {}",
                            at,
                            size,
                            at > size ? "is the file truncated?" : "what are the others?"));
  }
}

void append_entry(std::string& out, const TensorView& tensor, std::size_t begin) {
  labelloom::json::append_string(out, tensor.name);
  out += fmt::format(R"(:{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})",
                     name_of(tensor.dtype),
                     shape_text(tensor.shape),
                     begin,
                     begin + tensor.bytes.size());
}

std::string header_text(std::span<const TensorView* const> tensors,
                        const TensorMetadata& metadata) {
  std::string out = "{";
  if (!metadata.empty()) {
    labelloom::json::append_string(out, kMetadata);
    out += ":{";
    for (const auto& [key, value] : metadata) {
      if (out.back() != '{') out += ',';
      labelloom::json::append_string(out, key);
      out += ':';
      labelloom::json::append_string(out, value);
    }
    out += '}';
  }
  std::size_t at = 0;
  for (const TensorView* tensor : tensors) {
    if (out.size() > 1) out += ',';
    append_entry(out, *tensor, at);
    at += tensor->bytes.size();
  }
  out += '}';
  out.resize((out.size() + 7) / 8 * 8, ' ');  // so that the data is aligned
  return out;
}

void expect_writable(std::span<const TensorView> tensors, const std::string& file) {
  std::vector<std::string_view> names;
  for (const TensorView& tensor : tensors) {
    const Where where{.file = file, .path = tensor.name};
    if (tensor.name == kMetadata) throw Error(Errc::kArgument, where, "the name is taken");
    if (!labelloom::json::is_utf8(tensor.name)) {
      throw Error(Errc::kArgument, where, "the name is not UTF-8");
    }
    if (tensor.shape.size() > TensorFile::kMostDimensions ||
        size_of(tensor.shape, tensor.dtype) != tensor.bytes.size()) {
      throw Error(Errc::kArgument,
                  where,
                  fmt::format("{} bytes are not what {} of shape {} needs",
                              tensor.bytes.size(),
                              name_of(tensor.dtype),
                              shape_text(tensor.shape)));
    }
    names.push_back(tensor.name);
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) {
    throw Error(Errc::kArgument, {.file = file}, labelloom::quoted(*twice) + " stands there twice");
  }
}

}  // namespace

std::string_view name_of(Dtype dtype) { return entry_of(dtype).name; }
std::size_t bytes_of(Dtype dtype) { return entry_of(dtype).bytes; }

std::string shape_text(std::span<const std::int64_t> shape) {
  return fmt::format("[{}]", fmt::join(shape, ","));
}

TensorFile::TensorFile(const std::filesystem::path& path) : file_(path) {
  const std::string name = path.string();
  const Header header = split(file_.text(), name);
  const rapidjson::Document document = json::parse_object(header.json, name, kLengthBytes);
  std::vector<Claim> claims;
  claims.reserve(document.MemberCount());
  for (const auto& member : document.GetObject()) {
    std::string key(member.name.GetString(), member.name.GetStringLength());
    const json::Place place(member.value, name, labelloom::quoted(key));
    if (key != kMetadata) {
      claims.push_back(read_claim(place, std::move(key)));
      continue;
    }
    for (const auto& [metadata_key, value] : place.entries()) {
      metadata_.emplace(metadata_key, value.string());
    }
  }
  std::ranges::stable_sort(claims, {}, [](const Claim& claim) {
    return std::pair{claim.begin, claim.end};
  });
  expect_contiguous(claims, header.data.size(), name);
  const std::span data = std::as_bytes(std::span(header.data));
  tensors_.reserve(claims.size());
  for (Claim& claim : claims) {
    claim.view.bytes = data.subspan(claim.begin, claim.end - claim.begin);
    index_.emplace(claim.view.name, tensors_.size());
    tensors_.push_back(std::move(claim.view));
  }
}

const TensorView* TensorFile::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &tensors_[found->second];
}

void write_tensor_file(const std::filesystem::path& path,
                       std::span<const TensorView> tensors,
                       const TensorMetadata& metadata) {
  expect_writable(tensors, path.string());
  std::vector<const TensorView*> order;
  for (const TensorView& tensor : tensors) order.push_back(&tensor);
  // Wide elements first keeps every tensor aligned to its elements.
  std::ranges::stable_sort(
      order, std::greater{}, [](const TensorView* tensor) { return bytes_of(tensor->dtype); });
  const std::string header = header_text(order, metadata);
  const std::uint64_t length = header.size();
  std::array<char, kLengthBytes> length_bytes{};
  std::memcpy(length_bytes.data(), &length, kLengthBytes);
  OutputFile file(path);
  file.write({length_bytes.data(), length_bytes.size()});
  file.write(header);
  for (const TensorView* tensor : order) {
    // Bytes as text: what a file is written with.
    file.write({reinterpret_cast<const char*>(tensor->bytes.data()), tensor->bytes.size()});
  }
  file.commit();
}

}  // namespace labelloom::model
