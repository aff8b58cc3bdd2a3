#include "augment/jpeg_writer.h"

#include <algorithm>
#include <new>

#include "augment/jpeg_errors.h"

namespace labelloom::augment {

struct JpegWriter::State {
  jpeg_compress_struct jpeg = {};
  JpegErrors errors;
  jpeg_destination_mgr destination = {};
  std::unique_ptr<std::uint8_t[]> bytes;
  std::size_t capacity = 0;

  State() = default;
  ~State() { jpeg_destroy_compress(&jpeg); }  // does nothing when never created
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  static State& of(j_compress_ptr jpeg) { return *static_cast<State*>(jpeg->client_data); }

  /// Moves what is written to a buffer twice as large.
  static boolean grow(j_compress_ptr jpeg) {
    State& state = of(jpeg);
    std::unique_ptr<std::uint8_t[]> larger(new (std::nothrow) std::uint8_t[state.capacity * 2]);
    if (larger == nullptr) return FALSE;  // "suspended": no row is taken
    std::copy_n(state.bytes.get(), state.capacity, larger.get());
    state.bytes = std::move(larger);
    state.destination.next_output_byte = state.bytes.get() + state.capacity;
    state.destination.free_in_buffer = state.capacity;
    state.capacity *= 2;
    return TRUE;
  }
};

JpegWriter::JpegWriter(Size size, int quality, Pixels pixels) : state_(std::make_unique<State>()) {
  State& s = *state_;
  // Quality 95 takes about 3 bits a pixel.
  const auto area = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
  s.capacity = area / 2 + 4096;
  s.bytes.reset(new std::uint8_t[s.capacity]);
  s.jpeg.err = s.errors.manager();
  s.jpeg.client_data = &s;
  s.errors.call([&] {
    jpeg_create_compress(&s.jpeg);
    s.jpeg.dest = &s.destination;
    s.destination.init_destination = [](j_compress_ptr jpeg) {
      State& state = State::of(jpeg);
      state.destination.next_output_byte = state.bytes.get();
      state.destination.free_in_buffer = state.capacity;
    };
    s.destination.empty_output_buffer = State::grow;
    s.destination.term_destination = [](j_compress_ptr /*jpeg*/) {};
    s.jpeg.image_width = static_cast<JDIMENSION>(size.width);
    s.jpeg.image_height = static_cast<JDIMENSION>(size.height);
    s.jpeg.input_components = pixels == Pixels::kBgr ? 3 : 4;
    s.jpeg.in_color_space = pixels == Pixels::kBgr ? JCS_EXT_BGR : JCS_EXT_BGRX;
    jpeg_set_defaults(&s.jpeg);
    jpeg_set_quality(&s.jpeg, quality, TRUE);
    jpeg_start_compress(&s.jpeg, TRUE);
  });
}

JpegWriter::~JpegWriter() = default;

void JpegWriter::write_row(const std::uint8_t* pixels) {
  State& s = *state_;
  // The library promises not to write to it.
  auto* row = const_cast<JSAMPROW>(pixels);
  JDIMENSION written = 0;
  s.errors.call([&] { written = jpeg_write_scanlines(&s.jpeg, &row, 1); });
  if (written != 1) throw Error(Errc::kIo, {}, "no memory for the JPEG file");
}

std::string JpegWriter::finish() {
  State& s = *state_;
  s.errors.call([&] { jpeg_finish_compress(&s.jpeg); });
  const std::size_t size = s.capacity - s.destination.free_in_buffer;
  return {reinterpret_cast<const char*>(s.bytes.get()), size};
}

}  // namespace labelloom::augment
