#include "model/isolation_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "model/json_reader.h"

namespace vigie::model {
namespace {

using testing::HasSubstr;

// Two splits and three leaves over two features.
constexpr std::string_view kTree =
    R"({"left": [1,-1,3,-1,-1], "right": [2,-1,4,-1,-1], "feature": [0,0,1,0,0], "threshold": [0.5,0,-2,0,0],)"
    R"( "missing_left": [1,1,0,1,1], "rows": [8,3,5,1,4]})";

std::string document(std::string_view trees) {
  return R"({"format": "vigie.isolation_forest", "format_version": 1, "feature_count": 2, "comparison": "<=",)"
         R"( "sample_size": 8, "contamination": 0.1, "own_threshold": 0.5, "feature_names": ["a", "b"], "trees": [)" +
         std::string(trees) + "]}";
}

// What reading says, or "accepted".
std::string outcome(std::string_view text) {
  const auto json = JsonDocument::parse(text, "isolation_forest.json");
  if (!json) return json.error().to_string();
  const auto forest = parse_isolation_json(json->root());
  return forest ? "accepted" : forest.error().to_string();
}

// The same with `from`, which stands in the tree once, replaced.
std::string outcome_with(std::string_view from, std::string_view to) {
  std::string tree(kTree);
  const auto at = tree.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  EXPECT_EQ(tree.find(from, at + 1), std::string::npos) << from;
  return outcome(document(tree.replace(at, from.size(), to)));
}

std::string repeated(std::string_view tree, std::size_t count) {
  std::string trees;
  for (std::size_t i = 0; i < count; ++i) trees.append(i > 0 ? "," : "").append(tree);
  return trees;
}

// A tree whose every second node splits again.
std::string chain_json(std::size_t splits) {
  std::string left, right, zeros, ones;
  for (std::size_t i = 0; i <= 2 * splits; ++i) {
    const bool split = i % 2 == 0 && i < 2 * splits;
    const char* const comma = i > 0 ? "," : "";
    left += comma + (split ? std::to_string(i + 1) : std::string("-1"));
    right += comma + (split ? std::to_string(i + 2) : std::string("-1"));
    zeros.append(comma).append("0");
    ones.append(comma).append("1");
  }
  return R"({"left": [)" + left + R"(], "right": [)" + right + R"(], "feature": [)" + zeros + R"(], "threshold": [)" +
         zeros + R"(], "missing_left": [)" + ones + R"(], "rows": [)" + ones + "]}";
}

TEST(IsolationJsonTest, ReadsAHandWrittenForest) {
  const auto json = JsonDocument::parse(document(kTree));
  ASSERT_TRUE(json);
  const auto forest = parse_isolation_json(json->root());
  ASSERT_TRUE(forest) << forest.error().to_string();
  EXPECT_EQ(forest->sample_size, 8u);
  ASSERT_EQ(forest->forest.trees.size(), 1u);
  const Node& second = forest->forest.trees[0].nodes[2];
  EXPECT_EQ(second, (Node{.left = 3, .right = 4, .feature = 1, .threshold = -2, .missing_left = false, .cover = 5}));
}

TEST(IsolationJsonTest, RefusesTreesThatNoWalkCouldUse) {
  constexpr std::string_view kPlace = "isolation_forest.json: trees: tree 0, node 0: ";
  EXPECT_THAT(outcome_with("[1,-1,3", "[0,-1,3"),
              HasSubstr(std::string(kPlace) + "its child 0 does not come after it"));
  EXPECT_THAT(outcome_with("[1,-1,3", "[2,-1,3"), HasSubstr("node 2: it is a child twice"));
  EXPECT_THAT(outcome_with("[1,-1,3", "[1,-1,0"), HasSubstr("node 2: its child 0 does not come after it"));
  EXPECT_THAT(outcome_with("[2,-1,4", "[99,-1,4"), HasSubstr(std::string(kPlace) + "its child 99 does not exist"));
  EXPECT_THAT(outcome_with("[2,-1,4", "[-7,-1,4"), HasSubstr(std::string(kPlace) + "its child -7 does not exist"));
  EXPECT_THAT(outcome_with("[2,-1,4", "[1099511627776,-1,4"), HasSubstr("trees[0].right: item 0: beyond 32 bits"));
  EXPECT_THAT(outcome_with("[0,0,1", "[2,0,1"), HasSubstr("its feature 2 is not one of the model's 2"));
  EXPECT_THAT(outcome_with("[8,3", "[-8,3"), HasSubstr("its cover is not a finite number of at least 0"));
  EXPECT_THAT(outcome_with(",1,4]", ",1]"), HasSubstr("trees[0]: its arrays differ in length"));
  EXPECT_THAT(outcome(document("")), HasSubstr("the forest has no trees"));
}

TEST(IsolationJsonTest, RefusesThresholdsThatAreNoFloats) {
  EXPECT_THAT(outcome_with("[0.5,", "[NaN,"), HasSubstr("not valid JSON"));
  EXPECT_THAT(outcome_with("[0.5,", "[null,"), HasSubstr("trees[0].threshold: item 0"));
  EXPECT_THAT(outcome_with("[0.5,", "[1e39,"), HasSubstr("trees[0].threshold: item 0: beyond the range of float"));
  EXPECT_THAT(outcome_with("[0.5,", "[1e999,"), HasSubstr("a number that no double can hold"));
}

TEST(IsolationJsonTest, NamesTheBoundThatIsPassed) {
  EXPECT_EQ(outcome(document(chain_json(kMaxDepth))), "accepted");
  EXPECT_THAT(outcome(document(chain_json(10'000))), HasSubstr("tree 0: 10000 levels are more than the limit of 512"));
  EXPECT_THAT(outcome(document(repeated("{}", 1'000'000))), HasSubstr("trees: more than 100000 items"));
  EXPECT_EQ(outcome(document(repeated(kTree, 10'000))), "accepted");
}

}  // namespace
}  // namespace vigie::model
