// The yardstick for our readers: RapidJSON's parser over a file that lies in memory already, with a
// handler that does nothing. Prints the seconds of the fastest of N passes.
// usage: sax_pass FILE [N]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/format.h>
#include <rapidjson/reader.h>

#include "formats/file_io.h"

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const labelloom::InputFile file(argv[1]);
  const std::string text(file.text());
  const int passes = argc > 2 ? std::atoi(argv[2]) : 1;
  double best = 0;
  for (int i = 0; i < passes; ++i) {
    rapidjson::BaseReaderHandler<> nothing;
    rapidjson::StringStream stream(text.c_str());
    rapidjson::Reader reader;
    const auto start = std::chrono::steady_clock::now();
    if (!reader.Parse(stream, nothing)) return 1;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (i == 0 || seconds < best) best = seconds;
  }
  fmt::print("{}\n", best);
  return 0;
}
