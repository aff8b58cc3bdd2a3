// Label Studio brush masks. The picture's size follows the stream's own claim where it can, or the
// decoder would refuse nearly everything at the first number.

#include "formats/brush_rle.h"
#include "formats/error.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  labelloom::test::FuzzInput in({data, size});
  const int width = 1 + in.take<std::uint16_t>();
  std::uint64_t values = 0;
  for (std::size_t i = 0; i < 4 && i < in.bytes().size(); ++i)
    values = values << 8U | in.bytes()[i];
  const std::uint64_t height = values / 4 / static_cast<std::uint64_t>(width);
  const labelloom::Size picture{width, static_cast<int>(height)};
  try {
    const labelloom::Rle rle = labelloom::decode_brush(in.bytes(), picture);
    labelloom::validate(rle);
    labelloom::test::require(labelloom::unite(rle, rle) == rle);  // canonical
  } catch (const labelloom::Error&) {                             // anything else is a finding
  }
  return 0;
}
