#include "model/tensor_file.h"

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "tests/support/temp_dir.h"

namespace labelloom::model {
namespace {

using ::testing::HasSubstr;

class TensorFiles : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const { return dir_.path() / "a.safetensors"; }

  /// A file of that header and so many bytes of data.
  void write(const std::string& header, std::size_t data) const {
    const std::uint64_t length = header.size();
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    write_file(path(), bytes + header + std::string(data, '\1'));
  }

  [[nodiscard]] std::string refusal() const {
    try {
      const TensorFile file(path());
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }

  [[nodiscard]] std::string refusal(const std::string& header, std::size_t data) const {
    write(header, data);
    return refusal();
  }

 private:
  test::TempDir dir_;
};

std::vector<TensorView> two_tensors() {
  static const std::vector<float> real = {1, 2, 3, 4, 5, 6};
  static const std::vector<std::int64_t> whole = {7};
  return {{.name = "weights of \"a\"",
           .dtype = Dtype::kFloat32,
           .shape = {2, 3},
           .bytes = std::as_bytes(std::span(real))},
          {.name = "steps",
           .dtype = Dtype::kInt64,
           .shape = {},
           .bytes = std::as_bytes(std::span(whole))}};
}

TEST_F(TensorFiles, GiveBackWhatWasWritten) {
  write_tensor_file(path(), two_tensors(), {{"made by", "a \"test\""}});
  const TensorFile file(path());
  EXPECT_EQ(file.metadata(), (TensorMetadata{{"made by", "a \"test\""}}));
  ASSERT_EQ(file.tensors().size(), 2U);
  for (const TensorView& wanted : two_tensors()) {
    const TensorView* got = file.find(wanted.name);
    ASSERT_NE(got, nullptr);
    EXPECT_EQ(got->dtype, wanted.dtype);
    EXPECT_EQ(got->shape, wanted.shape);
    EXPECT_TRUE(std::ranges::equal(got->bytes, wanted.bytes));
  }
  EXPECT_EQ(file.find("other"), nullptr);
}

TEST_F(TensorFiles, AreTheSameBytesForTheSameTensors) {
  write_tensor_file(path(), two_tensors());
  const std::string first(InputFile(path()).text());
  write_tensor_file(path(), two_tensors());
  EXPECT_EQ(InputFile(path()).text(), first);
  EXPECT_EQ(first.size() % 8, 0U);
}

TEST_F(TensorFiles, OfEveryShorterLengthAreRefused) {
  write_tensor_file(path(), two_tensors());
  const std::string whole(InputFile(path()).text());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write_file(path(), whole.substr(0, length));
    EXPECT_NE(refusal(), "accepted") << length;
  }
  EXPECT_THAT(refusal(), HasSubstr("truncated?"));
}

TEST_F(TensorFiles, WhoseClaimsDoNotFitAreRefused) {
  constexpr const char* kGood = R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})";
  EXPECT_EQ(refusal(kGood, 4), "accepted");
  EXPECT_THAT(refusal(kGood, 5), HasSubstr("4 bytes of tensors were announced, 5 are there"));
  EXPECT_THAT(refusal(kGood, 3), HasSubstr("truncated?"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                      R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
                      6),
              HasSubstr("overlap"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})", 6),
              HasSubstr("gaps"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[5],"data_offsets":[0,4]}})", 4),
              HasSubstr("\"a\".data_offsets: bytes 0 to 4 are not what U8 of shape [5] needs"));
  EXPECT_THAT(
      refusal(R"({"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}})", 0),
      HasSubstr("data_offsets"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}})", 0),
              HasSubstr("shape[0]"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"C64","shape":[],"data_offsets":[0,8]}})", 8),
              HasSubstr("unknown type \"C64\""));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                      R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
                      0),
              HasSubstr("\"a\" stands there twice"));
  EXPECT_THAT(refusal(R"({"a":7})", 0), HasSubstr("expected an object"));
  EXPECT_THAT(refusal(R"({"a")", 0), HasSubstr("byte"));
}

TEST_F(TensorFiles, WithoutElementsMayHaveNoSidesThatNoTensorHas) {
  const auto empty = [&](const std::string& shape) {
    return refusal(R"({"a":{"dtype":"U8","shape":)" + shape + R"(,"data_offsets":[0,0]}})", 0);
  };
  EXPECT_EQ(empty("[0,5]"), "accepted");
  EXPECT_EQ(empty("[0,9223372036854775807]"), "accepted");
  EXPECT_THAT(empty("[0,4294967296,4294967296]"), HasSubstr("data_offsets"));
  EXPECT_THAT(empty("[4294967296,0,2147483648]"), HasSubstr("data_offsets"));
}

// Looked up by their names one after the other, these would take minutes.
TEST_F(TensorFiles, MayHaveMuchMetadata) {
  constexpr std::size_t kCount = 200000;
  std::string header = R"({"__metadata__":{)";
  for (std::size_t i = 0; i < kCount; ++i) {
    if (i > 0) header += ',';
    header += fmt::format(R"("{0}":"{0}")", i);
  }
  write(header + "}}", 0);
  const TensorMetadata metadata = TensorFile(path()).metadata();
  EXPECT_EQ(metadata.size(), kCount);
  EXPECT_EQ(metadata.at("199999"), "199999");
  EXPECT_THAT(refusal(R"({"__metadata__":{"a":1}})", 0),
              HasSubstr("\"__metadata__\".a: expected a string"));
  EXPECT_THAT(refusal(R"({"__metadata__":[]})", 0), HasSubstr("expected an object"));
}

TEST_F(TensorFiles, AreToldFromOtherFiles) {
  write_file(path(), "PK\3\4 a zip archive with a pickle in it");
  EXPECT_THAT(refusal(), HasSubstr("no tensor file"));
  write_file(path(), "");
  EXPECT_THAT(refusal(), HasSubstr("no tensor file"));
}

TEST_F(TensorFiles, AreNotWrittenWithBytesThatDoNotFitTheShape) {
  std::vector<TensorView> tensors = two_tensors();
  tensors[0].shape = {7};
  EXPECT_THROW(write_tensor_file(path(), tensors), Error);
  tensors = two_tensors();
  tensors[1].name = tensors[0].name;
  EXPECT_THROW(write_tensor_file(path(), tensors), Error);
  EXPECT_FALSE(std::filesystem::exists(path()));
}

}  // namespace
}  // namespace labelloom::model
