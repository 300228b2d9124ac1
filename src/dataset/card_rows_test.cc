#include "dataset/card_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/sha256.h"
#include "schema/card.h"

namespace vigie::dataset {
namespace {

using schema::kCardRaw;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CardRowsTest : public ::testing::Test {
 protected:
  CardRowsTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vigie-card-rows-XXXXXX").native();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~CardRowsTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& text) {
    const auto path = folder_ / name;
    EXPECT_TRUE(write_file(path, text));
    return path;
  }

  std::filesystem::path folder_;
};

// The original's order of columns: Time, V1..V28, Amount, Class.
std::string header(const std::string& more = "") {
  std::string text = "Time";
  for (int i = 1; i <= 28; ++i) text += ",V" + std::to_string(i);
  return text + ",Amount,Class" + more + "\n";
}

std::string row(int time, const std::string& amount, const std::string& label, const std::string& more = "") {
  std::string text = std::to_string(time);
  for (int i = 1; i <= 28; ++i) text += "," + std::to_string(i) + ".5";
  return text + "," + amount + "," + label + more + "\n";
}

TEST_F(CardRowsTest, PutsFieldsInTheContractsOrder) {
  const std::string text = header() + row(7, "12.25", "1") + row(8, "0", "0");
  const auto rows = read_card_rows(write("a.csv", text), {});
  ASSERT_TRUE(rows) << rows.error().to_string();
  ASSERT_EQ(rows->rows(), 2u);
  EXPECT_THAT(rows->labels, ElementsAre(1, 0));
  EXPECT_EQ(rows->values[0], 7);
  EXPECT_EQ(rows->values[1], 12.25) << "Amount is second, whatever the file's order";
  EXPECT_EQ(rows->values[2], 1.5);
  EXPECT_EQ(rows->values[29], 28.5);
  EXPECT_EQ(rows->values[kCardRaw], 8);
  EXPECT_EQ(rows->sha256, sha256_hex(text));
  EXPECT_TRUE(rows->weights.empty());
}

TEST_F(CardRowsTest, ReadsAWeightColumnWhereOneIsNamed) {
  const auto path = write("a.csv", header(",w") + row(1, "2", "0", ",7.5") + row(2, "2", "1", ",1"));
  const auto rows = read_card_rows(path, {.weight = "w"});
  ASSERT_TRUE(rows) << rows.error().to_string();
  EXPECT_THAT(rows->weights, ElementsAre(7.5, 1));
  const auto missing = read_card_rows(path, {.weight = "mass"});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().to_string(), HasSubstr("mass"));
}

TEST_F(CardRowsTest, NdjsonGivesTheSameRows) {
  std::string ndjson;
  for (int time : {1, 2}) {
    ndjson += "{\"Class\": " + std::to_string(time - 1) + ", \"Amount\": 12.5";
    for (int i = 28; i >= 1; --i) ndjson += ", \"V" + std::to_string(i) + "\": " + std::to_string(i) + ".5";
    ndjson += ", \"Time\": " + std::to_string(time) + "}\n";
  }
  const auto from_ndjson = read_card_rows(write("a.ndjson", ndjson), {});
  const auto from_csv = read_card_rows(write("a.csv", header() + row(1, "12.5", "0") + row(2, "12.5", "1")), {});
  ASSERT_TRUE(from_ndjson) << from_ndjson.error().to_string();
  ASSERT_TRUE(from_csv) << from_csv.error().to_string();
  EXPECT_EQ(from_ndjson->values, from_csv->values);
  EXPECT_EQ(from_ndjson->labels, from_csv->labels);
}

TEST_F(CardRowsTest, TheFirstBadRowIsTheSameForAnyNumberOfThreads) {
  std::string text = header();
  for (int i = 0; i < 30000; ++i) text += row(i, i == 20001 ? "-1" : i == 29000 ? "abc" : "5", i % 7 == 0 ? "1" : "0");
  const auto path = write("a.csv", text);
  for (const std::size_t threads : {1u, 2u, 5u}) {
    const auto rows = read_card_rows(path, {.threads = threads});
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().place.line, 20003u);
    EXPECT_EQ(rows.error().place.field, "Amount");
    EXPECT_THAT(rows.error().message, HasSubstr("-1 is not a finite number, at least 0"));
  }
  for (const std::size_t threads : {1u, 3u}) {
    const auto rows =
        read_card_rows(path, {.on_bad_row = OnBadRow::kReject, .rejects = folder_ / "rejects.csv", .threads = threads});
    ASSERT_TRUE(rows) << rows.error().to_string();
    EXPECT_EQ(rows->rows(), 29998u);
    EXPECT_EQ(rows->rejected, 2u);
    const std::string rejects = *read_file(folder_ / "rejects.csv");
    EXPECT_THAT(rejects, HasSubstr("\n20003,Amount,"));
    EXPECT_THAT(rejects, HasSubstr("\n29002,Amount,"));
  }
}

TEST_F(CardRowsTest, NamesEveryColumnThatIsMissing) {
  const auto rows = read_card_rows(write("a.csv", "Time,V1,Class\n1,2,0\n"), {});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().place.line, 1u);
  EXPECT_THAT(rows.error().message, HasSubstr("Amount, V2, V3"));
}

TEST_F(CardRowsTest, AMissingValueSaysSo) {
  const auto rows = read_card_rows(write("a.csv", header() + row(1, "", "0")), {});
  ASSERT_FALSE(rows);
  EXPECT_THAT(rows.error().to_string(), HasSubstr("a.csv:2:"));
  EXPECT_THAT(rows.error().message, HasSubstr("missing"));
}

TEST_F(CardRowsTest, AFileWhoseRowsAreAllBadIsAnError) {
  const auto rows = read_card_rows(write("a.csv", header() + row(1, "x", "0")), {.on_bad_row = OnBadRow::kReject});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().message, "no row can be used");
}

}  // namespace
}  // namespace vigie::dataset
