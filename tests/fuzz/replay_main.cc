// Runs a fuzz target over files and folders (all files in them, in the order of their names) and a
// few trivial inputs, without a fuzzer: every build can prove that old findings stay fixed.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& input) {
  // A buffer of exactly this size, so that a sanitizer sees a read past its end.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(path)) return {path};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  for (const std::string& trivial : {std::string(),
                                     std::string(1, '\0'),
                                     std::string(64, '\0'),
                                     std::string(64, '\xFF'),
                                     std::string("[]"),
                                     std::string("{}")}) {
    run(trivial);
  }
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const std::filesystem::path& file : files_of(argv[i])) {
      std::ifstream in(file, std::ios::binary);
      if (!in) {
        std::fprintf(stderr, "cannot read %s\n", file.c_str());
        return 1;
      }
      std::printf("%s\n", file.c_str());
      std::fflush(stdout);  // the last line names the culprit of a crash
      run({std::istreambuf_iterator<char>(in), {}});
      ++count;
    }
  }
  std::printf("%zu files replayed\n", count);
  return 0;
}
