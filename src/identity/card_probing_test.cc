// How often genuine card rows, which nobody meant as probes, look like some. They may not be redistributed, so the test
// reads them from VIGIE_DATA_DIR.
#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/number.h"
#include "identity/probing.h"

namespace vigie::identity {
namespace {

constexpr std::size_t kFields = 29;  // V1..V28 and Amount

// The text of an .xz file.
std::string unpacked(const std::filesystem::path& path) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(), archive_read_free);
  archive_read_support_filter_xz(reader.get());
  archive_read_support_format_raw(reader.get());
  archive_entry* entry = nullptr;
  std::string text;
  if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 16) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
    ADD_FAILURE() << archive_error_string(reader.get());
    return text;
  }
  std::vector<char> block(1 << 20);
  for (la_ssize_t got = 0; (got = archive_read_data(reader.get(), block.data(), block.size())) > 0;) {
    text.append(block.data(), static_cast<std::size_t>(got));
  }
  return text;
}

// Takes a cell and the comma or line feed behind it.
std::string_view take_cell(std::string_view& text) {
  const auto end = text.find_first_of(",\n");
  const std::string_view cell = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return cell;
}

TEST(CardProbingTest, GenuineRowsOfOneSubjectAreHardlyEverNear) {
  const char* const folder = std::getenv("VIGIE_DATA_DIR");
  const auto file =
      std::filesystem::path(folder == nullptr ? "../shared/data" : folder) / "card/creditcard-train.csv.xz";
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << file << " is absent: set VIGIE_DATA_DIR to the folder that has it";
  }
  const std::string text = unpacked(file);
  std::string_view rest = text;
  ASSERT_TRUE(rest.starts_with("Time,V1,V2,"));
  rest.remove_prefix(rest.find('\n') + 1);

  auto probing = ProbingCounter::make({.fields = kFields}, KeyedHash({1, 2}));
  ASSERT_TRUE(probing);
  std::size_t rows = 0;
  std::size_t near = 0;
  std::size_t repeated = 0;
  std::uint32_t most = 0;
  while (!rest.empty()) {
    take_cell(rest);  // Time
    std::vector<double> values(kFields);
    for (double& value : values) {
      const auto number = parse_double(take_cell(rest));
      ASSERT_TRUE(number) << "row " << rows;
      value = *number;
    }
    take_cell(rest);  // Class
    const ProbingCount count = probing->observe(1, values, SteadyTime());
    ++rows;
    near += count.near > 0 ? 1 : 0;
    repeated += count.repeated > 0 ? 1 : 0;
    most = std::max(most, count.near);
  }
  std::printf("%zu genuine rows: %zu (%.2f %%) have another one near, at most %u; %zu are repetitions\n", rows, near,
              100.0 * static_cast<double>(near) / static_cast<double>(rows), most, repeated);
  EXPECT_GT(rows, 30'000U);
  EXPECT_LT(near, rows / 200) << "half a percent";
  EXPECT_LT(most, 10U) << "what the header calls probing";
}

}  // namespace
}  // namespace vigie::identity
