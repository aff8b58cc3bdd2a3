#include "model/model_file.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::model {
namespace {

constexpr std::size_t kMostEntries = 1U << 20U;

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) {
    value = (value << 8U) | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

[[noreturn]] void fail_truncated(const std::string& file) {
  throw Error(Errc::kParse,
              {.file = file},
              "is the beginning of an archive whose end is missing or damaged; copy it again");
}

/// Names of the entries of a zip archive, from its central directory (PKWARE, APPNOTE.TXT 4.3.12,
/// 4.3.16). Archives beyond 4 GB keep theirs elsewhere, where it is looked for by its signature.
std::vector<std::string_view> zip_entries(std::string_view bytes, const std::string& file) {
  constexpr std::string_view kEnd = "PK\x05\x06";
  constexpr std::string_view kEntry = "PK\x01\x02";
  constexpr std::size_t kEndLength = 22;
  constexpr std::size_t kEntryLength = 46;
  constexpr std::size_t kMostComment = 65535;
  const std::size_t tail = bytes.size() - std::min(bytes.size(), kEndLength + kMostComment);
  const std::size_t end = bytes.rfind(kEnd);
  if (end == std::string_view::npos || end < tail || bytes.size() - end < kEndLength) {
    fail_truncated(file);
  }
  std::uint64_t at = little_endian(bytes, end + 16, 4);
  if (at == 0xFFFFFFFFU) {
    constexpr std::string_view kEnd64 = "PK\x06\x06";
    const std::size_t end64 = bytes.rfind(kEnd64, end);
    if (end64 == std::string_view::npos || bytes.size() - end64 < 56) fail_truncated(file);
    at = little_endian(bytes, end64 + 48, 8);
  }
  std::vector<std::string_view> names;
  while (at <= end && end - at >= kEntryLength && bytes.substr(at, 4) == kEntry &&
         names.size() < kMostEntries) {
    const auto name_length = static_cast<std::size_t>(little_endian(bytes, at + 28, 2));
    const std::size_t others = little_endian(bytes, at + 30, 2) + little_endian(bytes, at + 32, 2);
    if (end - at - kEntryLength < name_length + others) fail_truncated(file);
    names.push_back(bytes.substr(at + kEntryLength, name_length));
    at += kEntryLength + name_length + others;
  }
  if (names.empty()) fail_truncated(file);
  return names;
}

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw Error(Errc::kUnexpectedFormat, {.file = file}, what);
}

ModelFile identify_archive(std::string_view bytes, const std::string& file) {
  const std::vector<std::string_view> names = zip_entries(bytes, file);
  const auto any = [&](auto&& fits) { return std::ranges::any_of(names, fits); };
  if (any([](std::string_view name) {
        return name.find("data/aotinductor/") != std::string_view::npos;
      })) {
    return ModelFile::kAotInductor;
  }
  if (any([](std::string_view name) {
        return name.find("exported_program.json") != std::string_view::npos ||
               name.find("/models/") != std::string_view::npos;
      })) {
    refuse(file,
           "is a program by torch.export, which only Python can run; compile it with "
           "torch._inductor.aoti_compile_and_package, or save it with torch.jit");
  }
  const bool has_constants = any([](std::string_view name) {
    return name.ends_with("/constants.pkl") || name == "constants.pkl";
  });
  const bool has_code =
      any([](std::string_view name) { return name.find("code/") != std::string_view::npos; });
  if (has_constants && has_code) return ModelFile::kTorchScript;
  if (any([](std::string_view name) { return name.ends_with("data.pkl"); })) {
    refuse(file,
           "is an archive by torch.save, which can run code when loaded and is not opened; save "
           "the model with torch.jit.script(model).save(...), see docs/model-contract.md");
  }
  refuse(file, "is a zip archive, but no TorchScript model and no AOTInductor package");
}

}  // namespace

ModelFile identify_model_file(const std::filesystem::path& path) {
  const InputFile input(path);
  const std::string_view bytes = input.text();
  const std::string file = path.string();
  if (bytes.empty()) refuse(file, "is empty");
  if (bytes.starts_with("PK\x03\x04")) return identify_archive(bytes, file);
  if (bytes.size() > 2 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5) {
    refuse(file,
           "is a pickle, which can run code when loaded and is not opened; save the model with "
           "torch.jit.script(model).save(...), see docs/model-contract.md");
  }
  // Eight bytes of length, then a JSON object of that length.
  if (bytes.size() > 8 && bytes[8] == '{' && little_endian(bytes, 0, 8) >= 2 &&
      little_endian(bytes, 0, 8) < (std::uint64_t{1} << 32U)) {
    return ModelFile::kWeights;
  }
  const bool is_text =
      std::ranges::none_of(bytes.substr(0, 512), [](char c) { return c >= 0 && c < '\t'; });
  refuse(
      file,
      std::string(is_text ? "is a text file" : "is of an unknown kind") +
          "; expected a training run's folder, weights (.safetensors), a TorchScript model (.pt) "
          "or an AOTInductor package (.pt2)");
}

}  // namespace labelloom::model
