#include "dataset/csv_scan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "base/cpu.h"

namespace vigie::dataset {
namespace {

struct Expected {
  std::vector<std::uint32_t> marks{};
  std::vector<std::uint32_t> line_ends{};
  bool quote = false;
  bool nul = false;
  bool high = false;
  bool lone_cr = false;
  bool operator==(const Expected&) const = default;
};

// One byte at a time, the obvious way.
Expected scan_slowly(std::string_view bytes, char delimiter) {
  Expected out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (c == '\n') out.line_ends.push_back(static_cast<std::uint32_t>(out.marks.size()));
    if (c == '\n' || c == delimiter || c == '"') out.marks.push_back(static_cast<std::uint32_t>(i));
    out.quote |= c == '"';
    out.nul |= c == '\0';
    out.high |= static_cast<unsigned char>(c) > 0x7F;
    out.lone_cr |= c == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n');
  }
  return out;
}

Expected seen(const Structure& structure) {
  const auto copy = [](const Offsets& offsets) {
    return std::vector<std::uint32_t>(offsets.view().begin(), offsets.view().end());
  };
  return {copy(structure.marks), copy(structure.line_ends), structure.quote, structure.nul,
          structure.high,        structure.lone_cr};
}

void expect_all_equal(std::string_view bytes, char delimiter) {
  const Expected expected = scan_slowly(bytes, delimiter);
  Structure structure;
  scan_portable(bytes, delimiter, structure);
  EXPECT_TRUE(seen(structure) == expected) << "portable, " << bytes.size() << " bytes";
  if (cpu_level() >= CpuLevel::kAvx2) {
    scan_avx2(bytes, delimiter, structure);
    EXPECT_TRUE(seen(structure) == expected) << "AVX2, " << bytes.size() << " bytes";
  }
  if (cpu_level() >= CpuLevel::kAvx512) {
    scan_avx512(bytes, delimiter, structure);
    EXPECT_TRUE(seen(structure) == expected) << "AVX-512, " << bytes.size() << " bytes";
  }
}

TEST(CsvScan, FindsEveryMarkAtEveryPlaceAroundAStep) {
  for (const char mark : {',', '\n', '"', '\r', '\0', '\x80', '\xFF'}) {
    for (std::size_t size = 1; size <= 130; ++size) {
      std::string bytes(size, 'x');
      bytes[size - 1] = mark;
      bytes[size / 2] = mark;
      expect_all_equal(bytes, ',');
    }
  }
}

TEST(CsvScan, KnowsACrLfThatIsCutByAStep) {
  std::string bytes(63, 'x');
  bytes += "\r\nabc\r\n";
  expect_all_equal(bytes, ',');
  Structure structure;
  scan_structure(bytes, ',', structure);
  EXPECT_FALSE(structure.lone_cr);
  bytes[64] = 'x';
  scan_structure(bytes, ',', structure);
  EXPECT_TRUE(structure.lone_cr);
}

TEST(CsvScan, FindsNeighboursOfTheBytesItLooksFor) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  for (const char delimiter : {',', ';', '\t', '|', ' '}) expect_all_equal(bytes + bytes, delimiter);
}

RC_GTEST_PROP(CsvScan, AgreesWithTheSlowWayOnRandomBytes, ()) {
  const auto dense = *rc::gen::container<std::string>(rc::gen::element(',', '\n', '"', '\r', 'a', '1', '\0', '\xE9'));
  const auto any = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  expect_all_equal(dense, ',');
  expect_all_equal(any, ',');
  expect_all_equal(dense + any + dense + dense, ';');
}

}  // namespace
}  // namespace vigie::dataset
