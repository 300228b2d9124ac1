#include "dataset/card_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "base/number.h"
#include "base/random.h"
#include "schema/card.h"

namespace vigie::dataset {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> kReserved = {"hybrid_score", "fraud"};

JsonBlock block_of(const std::vector<std::string>& rows) {
  JsonBlock block;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    block.rows.push_back({block.text.size(), block.text.size() + rows[i].size(), i + 1});
    block.text += rows[i] + "\n";
  }
  return block;
}

// A row whose fields have the values 0, 1, 2, ... but one.
std::string row_with(std::string_view field, std::string_view value) {
  std::string text;
  int number = 0;
  for (const schema::Field& raw : schema::card_raw_fields()) {
    text += text.empty() ? "{" : ", ";
    text += '"' + std::string(raw.name) + "\": ";
    text += raw.name == field ? std::string(value) : std::to_string(number);
    ++number;
  }
  return text + "}";
}

CardBlock parse(const std::vector<std::string>& rows) {
  CardJsonParser parser(kReserved);
  CardBlock out;
  parser.parse(block_of(rows), out);
  return out;
}

std::string reason_of(const std::string& row) {
  const CardBlock out = parse({row});
  EXPECT_EQ(out.bad.size(), 1u) << row;
  if (out.bad.size() != 1) return "";
  EXPECT_EQ(out.bad[0].record, row);
  return out.bad[0].field + ": " + out.bad[0].reason;
}

TEST(CardJson, NumbersOfEveryShape) {
  Random random(1);
  std::vector<std::string> rows;
  std::vector<double> expected;
  for (int i = 0; i < 2000; ++i) {
    const double value = random.normal() * std::exp2(random.uniform(-100, 100));
    const std::string text = format_double(value);
    // As a number, and as a text, which only the exact reading takes.
    rows.push_back(row_with("V7", random.bernoulli(0.8) ? text : "\" " + text + "\""));
    expected.push_back(value);
  }
  const CardBlock out = parse(rows);
  ASSERT_EQ(out.rows.size(), rows.size());
  ASSERT_TRUE(out.bad.empty());
  constexpr std::size_t kV7 = 8;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(out.rows[i], i);
    for (std::size_t f = 0; f < schema::kCardRaw; ++f) {
      const double wanted = f == kV7 ? expected[i] : static_cast<double>(f);
      EXPECT_EQ(std::bit_cast<std::uint64_t>(out.values[i * schema::kCardRaw + f]),
                std::bit_cast<std::uint64_t>(wanted));
    }
  }
}

TEST(CardJson, NamesInAnyOrderAndSpelling) {
  std::string text = R"({"V1": 3, "\u0054ime": 1)";
  for (const schema::Field& field : schema::card_raw_fields()) {
    if (field.name != "Time" && field.name != "V1") text += ", \"" + std::string(field.name) + "\": 2";
  }
  const CardBlock out = parse({text + "}", text + R"(, "Class": true, "x": {"Time": [5]}})"});
  ASSERT_EQ(out.rows.size(), 2u);
  EXPECT_EQ(out.values[0], 1);
  EXPECT_EQ(out.values[2], 3);
}

TEST(CardJson, GoodRowsAroundBadOnesKeepTheirPlace) {
  const CardBlock out = parse({row_with("V1", "5"), "{", row_with("V1", "6"), row_with("Amount", "-1")});
  EXPECT_THAT(out.rows, ::testing::ElementsAre(0, 2));
  EXPECT_EQ(out.values.size(), 2 * schema::kCardRaw);
  EXPECT_EQ(out.values[2], 5);
  EXPECT_EQ(out.values[schema::kCardRaw + 2], 6);
  ASSERT_EQ(out.bad.size(), 2u);
  EXPECT_EQ(out.bad[0].line, 2u);
  EXPECT_EQ(out.bad[1].line, 4u);
}

TEST(CardJson, WhyARowCannotBeUsed) {
  EXPECT_THAT(reason_of(row_with("V3", "null")), HasSubstr("V3: the value is missing"));
  EXPECT_THAT(reason_of(row_with("V3", "\"NA\"")), HasSubstr("V3: the value is missing"));
  EXPECT_THAT(reason_of(row_with("V3", "\"abc\"")), HasSubstr("V3: \"abc\" is not a number"));
  EXPECT_THAT(reason_of(row_with("V3", "[1]")), HasSubstr("V3: an object or array"));
  EXPECT_THAT(reason_of(row_with("Amount", "-0.5")), HasSubstr("Amount: -0.5 is not"));
  EXPECT_THAT(reason_of(row_with("V3", "01")), HasSubstr("not a JSON object"));
  EXPECT_THAT(reason_of(row_with("V3", ".5")), HasSubstr("not a JSON object"));
  EXPECT_THAT(reason_of(row_with("V3", "NaN")), HasSubstr("not a JSON object"));
  EXPECT_THAT(reason_of(row_with("V3", "1e999")), HasSubstr("not a JSON object"));
  EXPECT_THAT(reason_of(row_with("V3", "1") + " 2"), HasSubstr("not a JSON object"));
  EXPECT_THAT(reason_of("[]"), HasSubstr("a row must be a JSON object"));
  EXPECT_THAT(reason_of("{}"), HasSubstr("Time: the value is missing"));
  const std::string open = row_with("V3", "1").substr(0, row_with("V3", "1").size() - 1);
  EXPECT_THAT(reason_of(open + ", \"V1\": 1}"), HasSubstr("V1: the field comes twice"));
  EXPECT_THAT(reason_of(open + ", \"fraud\": 1}"), HasSubstr("fraud: the row has this field"));
  // What is not scored is kept as it stands: it must be JSON too.
  for (const char* extra : {R"("x": tru)", R"("x": 1.)", R"("x": "\q")", R"("x": "\ud800")", R"("x": {"y": 01})",
                            "\"x\": \"\xFF\"", R"("x" 1)", R"("x": 1,)"}) {
    EXPECT_THAT(reason_of(open + ", " + extra + "}"), HasSubstr("not a JSON object")) << extra;
  }
}

}  // namespace
}  // namespace vigie::dataset
