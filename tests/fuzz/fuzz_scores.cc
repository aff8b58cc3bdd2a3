// Any bytes as a row or a header of scores: read, or an Error; what is read can be written, and is
// read again as the same.

#include <cstdint>
#include <string_view>

#include "formats/error.h"
#include "select/label_tasks.h"
#include "select/score_row.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labelloom::select;  // NOLINT(google-build-using-namespace): a fuzz target
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ScoreHeader header;
  header.classes = {{"bolt", {"head", "tail"}, 1}, {"nut", {}, 2}};
  header.seg_classes = {"road", "bolt", "nut"};
  try {
    const ScoreHeader other = read_header(text);
    labelloom::test::require(read_header(header_text(other)) == other);
  } catch (const labelloom::Error&) {
  }
  try {
    const ScoreRow row = read_row(text, header);
    const std::string again = row_text(row, header);
    labelloom::test::require(row_text(read_row(again, header), header) == again);
    // A mask is laid out when it is drawn: small ones only.
    const bool small = row.size.width <= 4096 && row.size.height <= 4096 &&
                       (!row.segmentation || row.segmentation->grid.cells() <= 1U << 16U);
    if (small) (void)task_text(row, header, {}, {});
  } catch (const labelloom::Error&) {
  }
  return 0;
}
