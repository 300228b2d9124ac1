#include "model/formats/xgboost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <xgboost/c_api.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"

namespace vigie::model {
namespace {

using testing::HasSubstr;

// Two trees over two features, as XGBoost 1.7 writes them. In the first, node 1 is a split and its children come
// before the root's other child in the file; node 4's place holds a pruned leaf that nothing points to.
constexpr std::string_view kSmall = R"({"learner":{"attributes":{},"feature_names":["a","b"],"feature_types":[],
"gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"2","size_leaf_vector":"0"},
"tree_info":[0,0],"trees":[
{"base_weights":[0,0,0,0,0,0],"categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[],
"default_left":[0,1,0,0,0,0],"id":0,"left_children":[5,-1,-1,-1,-1,1],"loss_changes":[8,0,0,0,0,2.5],
"parents":[2147483647,5,5,0,0,0],"right_children":[3,-1,-1,-1,-1,2],"split_conditions":[0.5,-1,-0.25,1.5,9,-3E-1],
"split_indices":[0,0,0,0,0,1],"split_type":[0,0,0,0,0,0],"sum_hessian":[9,2,3,4,0,5],
"tree_param":{"num_deleted":"1","num_feature":"2","num_nodes":"6","size_leaf_vector":"0"}},
{"base_weights":[0],"categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[],
"default_left":[0],"id":1,"left_children":[-1],"loss_changes":[0],"parents":[2147483647],"right_children":[-1],
"split_conditions":[0.125],"split_indices":[0],"split_type":[0],"sum_hessian":[9],
"tree_param":{"num_deleted":"0","num_feature":"2","num_nodes":"1","size_leaf_vector":"0"}}]},"name":"gbtree"},
"learner_model_param":{"base_score":"2.5E-1","boost_from_average":"1","num_class":"0","num_feature":"2","num_target":"1"},
"objective":{"name":"binary:logistic","reg_loss_param":{"scale_pos_weight":"1"}}},"version":[1,7,4]})";

std::string with(std::string_view from, std::string_view to) {
  std::string text(kSmall);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& json) {
  const auto parsed = parse_xgboost_json(json);
  return parsed ? "accepted" : parsed.error().to_string();
}

Code refusal_code(const std::string& json) {
  const auto parsed = parse_xgboost_json(json);
  return parsed ? Code::kInternal : parsed.error().code;
}

TEST(XgboostJsonTest, ReadsAHandWrittenModel) {
  const auto model = parse_xgboost_json(kSmall);
  ASSERT_TRUE(model) << model.error().to_string();
  EXPECT_EQ(model->base_margin, -std::log(1.0f / 0.25f - 1.0f));
  EXPECT_THAT(model->feature_names, testing::ElementsAre("a", "b"));
  EXPECT_EQ(model->forest.feature_count, 2u);
  EXPECT_EQ(model->forest.comparison, Comparison::kLess);
  ASSERT_EQ(model->forest.trees.size(), 2u);
  const auto& nodes = model->forest.trees[0].nodes;
  ASSERT_EQ(nodes.size(), 5u);  // the pruned leaf is gone
  EXPECT_EQ(nodes[0].threshold, 0.5f);
  EXPECT_EQ(nodes[0].gain, 8.0f);
  EXPECT_EQ(nodes[0].cover, 9.0f);
  EXPECT_FALSE(nodes[0].missing_left);
  const Node& inner = nodes[nodes[0].left];
  EXPECT_EQ(inner.feature, 1);
  EXPECT_EQ(inner.threshold, -0.3f);
  EXPECT_EQ(nodes[inner.left].value, -1.0f);
  EXPECT_EQ(nodes[inner.right].value, -0.25f);
  EXPECT_EQ(nodes[nodes[0].right].value, 1.5f);
  EXPECT_EQ(model->forest.trees[1].nodes[0].value, 0.125f);
}

TEST(XgboostJsonTest, ReadsFlagsAsJsonBooleansToo) {
  const auto model = parse_xgboost_json(with("[0,1,0,0,0,0]", "[true,false,false,false,false,true]"));
  ASSERT_TRUE(model) << model.error().to_string();
  EXPECT_TRUE(model->forest.trees[0].nodes[0].missing_left);
}

TEST(XgboostJsonTest, NamesWhatItCannotDo) {
  EXPECT_THAT(refusal(with("binary:logistic", "reg:squarederror")),
              HasSubstr("learner.objective.name: \"reg:squarederror\""));
  EXPECT_THAT(refusal(with("\"gbtree\"", "\"dart\"")), HasSubstr("learner.gradient_booster.name: \"dart\""));
  EXPECT_THAT(refusal(with("[1,7,4]", "[3,0,0]")), HasSubstr("written by XGBoost 3, this vigie reads 1 and 2"));
  EXPECT_THAT(refusal(with("\"categories_nodes\":[]", "\"categories_nodes\":[1]")), HasSubstr("splits on categories"));
  EXPECT_THAT(refusal(with("\"split_type\":[0,", "\"split_type\":[1,")), HasSubstr("splits on categories"));
  EXPECT_THAT(refusal(with("\"num_class\":\"0\"", "\"num_class\":\"3\"")), HasSubstr("several classes"));
  EXPECT_THAT(refusal(with("\"num_target\":\"1\"", "\"num_target\":\"2\"")), HasSubstr("several targets"));
  EXPECT_THAT(refusal(with("\"tree_info\":[0,0]", "\"tree_info\":[0,1]")), HasSubstr("several classes"));
  EXPECT_THAT(refusal(with("\"size_leaf_vector\":\"0\"", "\"size_leaf_vector\":\"4\"")), HasSubstr("several outputs"));
  EXPECT_EQ(refusal_code(with("binary:logistic", "rank:ndcg")), Code::kUnsupported);
  EXPECT_EQ(refusal_code(with("[1,7,4]", "[3,0,0]")), Code::kUnsupported);
}

TEST(XgboostJsonTest, RefusesArraysThatDisagree) {
  EXPECT_THAT(refusal(with("\"num_trees\":\"2\"", "\"num_trees\":\"3\"")), HasSubstr("2 trees where num_trees says 3"));
  EXPECT_THAT(refusal(with("\"right_children\":[3,", "\"right_children\":[")),
              HasSubstr("trees[0]: right_children has 5 items where left_children has 6"));
  EXPECT_THAT(refusal(with("\"num_nodes\":\"6\"", "\"num_nodes\":\"7\"")), HasSubstr("num_nodes"));
  EXPECT_THAT(refusal(with("[\"a\",\"b\"]", "[\"a\"]")), HasSubstr("feature_names has 1 items where num_feature is 2"));
  EXPECT_THAT(refusal(with("\"left_children\":[5,", "\"left_children\":[6,")),
              HasSubstr("child 6, which does not exist"));
  EXPECT_THAT(refusal(with("\"left_children\":[5,", "\"left_children\":[0,")), HasSubstr("node 0 has two parents"));
  EXPECT_THAT(refusal(with("\"left_children\":[5,", "\"left_children\":[3,")), HasSubstr("node 3 has two parents"));
  EXPECT_THAT(refusal(with("\"left_children\":[5,", "\"left_children\":[-1,")), HasSubstr("a right child but no left"));
  EXPECT_THAT(refusal(with("\"split_indices\":[0,", "\"split_indices\":[2,")), HasSubstr("its feature 2"));
  EXPECT_THAT(refusal(with("\"split_conditions\":[0.5,", "\"split_conditions\":[1e39,")),
              HasSubstr("trees[0].split_conditions: item 0: beyond the range of float"));
  EXPECT_THAT(refusal(with("\"split_conditions\":[0.5,", "\"split_conditions\":[\"x\",")), HasSubstr("not a number"));
  EXPECT_THAT(refusal(with("2.5E-1", "1")), HasSubstr("base_score: \"1\" is not a probability"));
  EXPECT_THAT(refusal(with("2.5E-1", "nan")), HasSubstr("is not a probability"));
  EXPECT_THAT(refusal(with("\"num_feature\":\"2\",\"num_target\"", "\"num_feature\":\"4294967297\",\"num_target\"")),
              HasSubstr("num_feature is not between"));
  EXPECT_THAT(refusal(with("\"objective\"", "\"objektive\"")), HasSubstr("it has no \"objective\""));
  EXPECT_THAT(refusal("[]"), HasSubstr("not an object"));
}

TEST(XgboostJsonTest, SaysWhereTheSyntaxBreaks) {
  EXPECT_THAT(refusal(with("\"trees\":[", "\"trees\":[}")), HasSubstr("line 3, column 28: not valid JSON"));
  EXPECT_THAT(refusal(with("[0,0]", "[0,NaN]")), HasSubstr("line 3, column 16: not valid JSON"));
  EXPECT_THAT(refusal(""), HasSubstr("empty"));
  EXPECT_THAT(refusal(std::string(9999, '[') + std::string(9999, ']')), HasSubstr("levels of nesting"));
  EXPECT_THAT(refusal(with("\"a\"", "\"\xff\"")), HasSubstr("not UTF-8"));
  EXPECT_THAT(refusal(std::string(kSmall.substr(0, kSmall.size() / 2))), HasSubstr("not valid JSON"));
}

// A model trained by libxgboost itself and its margins on the rows it was trained on.
struct Trained {
  std::string json;
  std::vector<float> rows, margins;
  std::size_t columns = 4;
};

Trained train(const std::vector<std::pair<const char*, const char*>>& parameters) {
  Trained out;
  Random random(7);
  constexpr std::size_t kRows = 600;
  std::vector<float> labels;
  for (std::size_t i = 0; i < kRows; ++i) {
    float sum = 0;
    for (std::size_t c = 0; c < out.columns; ++c) {
      const auto value = static_cast<float>(random.normal());
      sum += value;
      out.rows.push_back(random.bernoulli(0.1) ? NAN : value);
    }
    labels.push_back(sum + static_cast<float>(random.normal()) > 1 ? 1.0f : 0.0f);
  }
  DMatrixHandle data = nullptr;
  EXPECT_EQ(XGDMatrixCreateFromMat(out.rows.data(), kRows, out.columns, NAN, &data), 0);
  EXPECT_EQ(XGDMatrixSetFloatInfo(data, "label", labels.data(), kRows), 0);
  BoosterHandle booster = nullptr;
  EXPECT_EQ(XGBoosterCreate(&data, 1, &booster), 0);
  XGBoosterSetParam(booster, "objective", "binary:logistic");
  XGBoosterSetParam(booster, "nthread", "1");
  for (const auto& [name, value] : parameters) XGBoosterSetParam(booster, name, value);
  for (int round = 0; round < 12; ++round) EXPECT_EQ(XGBoosterUpdateOneIter(booster, round, data), 0);
  bst_ulong size = 0;
  const char* bytes = nullptr;
  EXPECT_EQ(XGBoosterSaveModelToBuffer(booster, R"({"format":"json"})", &size, &bytes), 0);
  out.json.assign(bytes, size);
  const float* margins = nullptr;
  EXPECT_EQ(XGBoosterPredict(booster, data, 1, 0, 0, &size, &margins), 0);  // 1: margins
  out.margins.assign(margins, margins + size);
  XGBoosterFree(booster);
  XGDMatrixFree(data);
  return out;
}

float margin(const BoostedForest& model, const float* row) {
  float sum = model.base_margin;
  for (const Tree& tree : model.forest.trees) {
    const Node* node = &tree.nodes[0];
    while (!node->is_leaf()) {
      const float value = row[node->feature];
      const bool left = std::isnan(value) ? node->missing_left : value < node->threshold;
      node = &tree.nodes[left ? node->left : node->right];
    }
    sum += node->value;
  }
  return sum;
}

void expect_equal_margins(const Trained& trained) {
  const auto model = parse_xgboost_json(trained.json);
  ASSERT_TRUE(model) << model.error().to_string();
  ASSERT_GT(trained.margins.size(), 0u);
  for (std::size_t i = 0; i < trained.margins.size(); ++i) {
    ASSERT_EQ(margin(*model, &trained.rows[i * trained.columns]), trained.margins[i]) << "row " << i;
  }
}

TEST(XgboostJsonTest, WalksLikeLibxgboostToTheBit) {
  expect_equal_margins(train({{"tree_method", "hist"}, {"max_depth", "5"}}));
  expect_equal_margins(train({{"tree_method", "hist"}, {"grow_policy", "lossguide"}, {"max_leaves", "13"}}));
  expect_equal_margins(train({{"tree_method", "exact"}, {"gamma", "2"}, {"base_score", "0.013"}}));
  expect_equal_margins(train({{"tree_method", "approx"}, {"num_parallel_tree", "3"}, {"subsample", "0.5"}}));
}

// Whatever is done to the bytes, parsing ends, and what it accepts is a forest that can be walked.
RC_GTEST_PROP(XgboostJsonProperty, MutatedModelsAreRefusedOrValid, ()) {
  static const std::string trained = train({{"max_depth", "2"}}).json;
  std::string json = *rc::gen::arbitrary<bool>() ? trained : std::string(kSmall);
  const int edits = *rc::gen::inRange(1, 6);
  for (int i = 0; i < edits; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, json.size());
    switch (*rc::gen::inRange(0, 4)) {
      case 0: json[at] = *rc::gen::elementOf(std::string("0123456789-+.eE[]{},:\"x")); break;
      case 1: json.erase(at, *rc::gen::inRange<std::size_t>(1, 30)); break;
      case 2: json.insert(at, json.substr(*rc::gen::inRange<std::size_t>(0, json.size()), 20)); break;
      default: json[at] = *rc::gen::arbitrary<char>();
    }
    RC_PRE(!json.empty());
  }
  const auto parsed = parse_xgboost_json(json);
  if (parsed) {
    RC_ASSERT(validate(parsed->forest).has_value());
  } else {
    RC_ASSERT(!parsed.error().message.empty());
    RC_ASSERT(parsed.error().code != Code::kInternal);
  }
}

}  // namespace
}  // namespace vigie::model
