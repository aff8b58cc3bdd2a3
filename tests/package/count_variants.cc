// Draws a few variants with a pipeline and prints how many transforms they have in all.

#include <cstdio>

#include "augment/pipeline_file.h"
#include "formats/error.h"

int main() {
  try {
    labelloom::Report report;
    const auto file = labelloom::augment::parse_pipeline(
        "HorizontalFlip(p=1)\nVerticalFlip(p=1)\n", "lines", report);
    std::size_t steps = 0;
    for (std::uint32_t variant = 1; variant <= 5; ++variant) {
      steps += file.pipeline.sample({{64, 48}}, {.seed = 1, .image = 2, .variant = variant})
                   .steps.size();
    }
    std::printf("%zu transforms\n", steps);
    return 0;
  } catch (const labelloom::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
