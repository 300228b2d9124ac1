#include "model/scorecard_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "model/json_reader.h"

namespace vigie::model {
namespace {

using testing::HasSubstr;

constexpr std::string_view kScorecard = R"({"format": "vigie.scorecard", "format_version": 1,
  "scale": {"points": 600, "odds": 20, "doubling": 50, "least": 300, "most": 850}, "intercept": -2.5,
  "fields": [{"name": "age", "trend": "falling", "information_value": 0.25, "edges": [30], "special": [99],
    "log_odds": [0.5, -0.5, 0, 1], "good": [10, 20, 0, 1], "bad": [3, 2, 0, 1], "woe": [-0.4, 0.4, 0, 0]}]})";

// What reading says, or "accepted".
std::string outcome(std::string_view text) {
  const auto json = JsonDocument::parse(text, "scorecard.json");
  if (!json) return json.error().to_string();
  const auto scorecard = parse_scorecard_json(json->root());
  return scorecard ? "accepted" : scorecard.error().to_string();
}

std::string outcome_with(std::string_view from, std::string_view to) {
  std::string text(kScorecard);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return outcome(text.replace(at, from.size(), to));
}

TEST(ScorecardJsonTest, ReadsAHandWrittenScorecard) {
  const auto json = JsonDocument::parse(kScorecard);
  ASSERT_TRUE(json);
  const auto scorecard = parse_scorecard_json(json->root());
  ASSERT_TRUE(scorecard) << scorecard.error().to_string();
  const double age = 30;
  EXPECT_EQ(scorecard->margin({&age, 1}), -2);
  EXPECT_EQ(scorecard->fields[0].trend, Trend::kFalling);
  EXPECT_EQ(scorecard->fields[0].bins[1].good, 20);
}

RC_GTEST_PROP(ScorecardJsonTest, WritesWhatItReadsBitForBit, (std::uint64_t seed)) {
  Random random(seed);
  Scorecard scorecard{.intercept = random.normal(), .scale = {.points = random.uniform(100, 900)}};
  for (std::size_t i = 0; i < 1 + random.below(4); ++i) {
    ScorecardField field{.name = "é\"" + std::to_string(i),
                         .trend = static_cast<Trend>(random.below(4)),
                         .information_value = random.uniform()};
    for (auto edges = random.below(6); edges > 0; --edges) {
      field.edges.push_back((field.edges.empty() ? -1 : field.edges.back()) + random.uniform(0.1, 2));
    }
    for (std::size_t bin = 0; bin < field.edges.size() + 2; ++bin) {
      field.bins.push_back({random.normal(), random.uniform(), random.uniform(), random.normal()});
    }
    scorecard.fields.push_back(std::move(field));
  }
  const std::string text = scorecard_json(scorecard);
  const auto json = JsonDocument::parse(text);
  RC_ASSERT(json.has_value());
  const auto read = parse_scorecard_json(json->root());
  RC_ASSERT(read.has_value());
  RC_ASSERT(scorecard_json(*read) == text);
  for (std::size_t i = 0; i < scorecard.fields.size(); ++i) {
    RC_ASSERT(read->fields[i].edges == scorecard.fields[i].edges);
    for (std::size_t bin = 0; bin < scorecard.fields[i].bins.size(); ++bin) {
      RC_ASSERT(read->fields[i].bins[bin].log_odds == scorecard.fields[i].bins[bin].log_odds);
    }
  }
}

TEST(ScorecardJsonTest, RefusesWhatIsNoScorecardAndSaysWhere) {
  EXPECT_EQ(outcome(kScorecard), "accepted");
  EXPECT_THAT(outcome("{}"), HasSubstr("format"));
  EXPECT_THAT(outcome("["), HasSubstr("scorecard.json"));
  EXPECT_THAT(outcome_with("vigie.scorecard", "vigie.forest"), HasSubstr("is not \"vigie.scorecard\""));
  EXPECT_THAT(outcome_with("\"format_version\": 1", "\"format_version\": 2"), HasSubstr("2 is not 1"));
  EXPECT_THAT(outcome_with("falling", "sideways"), HasSubstr("fields[0].trend: \"sideways\" is none of"));
  EXPECT_THAT(outcome_with("[10, 20, 0, 1]", "[10, 20, 0]"), HasSubstr("fields[0].good: its length"));
  EXPECT_THAT(outcome_with("[30]", "[30, 20]"), HasSubstr("edge 1 is not above the one before"));
  EXPECT_THAT(outcome_with("[30]", "[30, 40]"), HasSubstr("4 bins where"));
  EXPECT_THAT(outcome_with("\"points\": 600", "\"points\": \"600\""), HasSubstr("scale.points"));
  EXPECT_THAT(outcome_with("\"intercept\": -2.5", "\"intercept\": null"), HasSubstr("intercept"));
  EXPECT_THAT(outcome_with("\"most\": 850", "\"most\": 300"), HasSubstr("least must be below most"));
  EXPECT_THAT(outcome_with("0.5, -0.5", "1e300, -0.5"), HasSubstr("fields[0].bins"));
}

TEST(ScorecardJsonTest, ATextFieldKeepsItsCategories) {
  constexpr std::string_view kText = R"("edges": [0], "special": [], "categories": ["own", "rent", "é"],
    "log_odds": [0.5, -0.5, 0], "good": [10, 20, 0], "bad": [3, 2, 0], "woe": [-0.4, 0.4, 0]}]})";
  std::string text(kScorecard.substr(0, kScorecard.find("\"edges\"")));
  text += kText;
  const auto json = JsonDocument::parse(text);
  ASSERT_TRUE(json);
  const auto scorecard = parse_scorecard_json(json->root());
  ASSERT_TRUE(scorecard) << scorecard.error().to_string();
  const ScorecardField& field = scorecard->fields[0];
  EXPECT_EQ(field.bin_of(category_value(field.categories, "own")), 0u);
  EXPECT_EQ(field.bin_of(category_value(field.categories, "é")), 1u);
  EXPECT_EQ(field.bin_of(category_value(field.categories, "castle")), field.missing_bin());
  const std::string again = scorecard_json(*scorecard);
  EXPECT_EQ(scorecard_json(*parse_scorecard_json(JsonDocument::parse(again)->root())), again);
  const auto refused = [&](std::string_view from, std::string_view to) {
    std::string changed = text;
    return outcome(changed.replace(changed.find(from), from.size(), to));
  };
  EXPECT_THAT(refused("\"rent\"", "\"own\""), HasSubstr("fields[0].categories: \"own\" is there twice"));
  EXPECT_THAT(refused("\"rent\"", "\"\""), HasSubstr("a category is empty"));
  EXPECT_THAT(refused("\"rent\"", "7"), HasSubstr("fields[0].categories"));
  EXPECT_THAT(refused("[0], \"special\"", "[2], \"special\""), HasSubstr("between the first and the last category"));
}

TEST(ScorecardJsonTest, ManyFieldsAreRefusedBeforeTheyAreRead) {
  std::string fields = "\"fields\": [{}";
  for (int i = 0; i < 1000; ++i) fields += ",{}";
  EXPECT_THAT(outcome_with("\"fields\": [", fields + ","), HasSubstr("fields"));
}

}  // namespace
}  // namespace vigie::model
