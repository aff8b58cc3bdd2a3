// Prints how many images, objects and key points a COCO file holds.

#include <cstdio>

#include "convert/statistics.h"
#include "convert/validate.h"
#include "formats/coco.h"
#include "formats/error.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s COCO.json\n", argv[0]);
    return 2;
  }
  try {
    labelloom::Report report;
    const labelloom::Dataset dataset = labelloom::read_coco(argv[1], {}, report);
    const labelloom::Statistics counts = labelloom::statistics(dataset);
    const auto findings = labelloom::validate(dataset, {});
    std::printf("%zu images, %zu objects, %zu kinds of key point, %zu findings\n",
                dataset.images.size(),
                static_cast<std::size_t>(counts.total.instances),
                counts.keypoints.size(),
                findings.size());
    return 0;
  } catch (const labelloom::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
