#include "model/formats/xgboost.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/number.h"
#include "model/json_reader.h"

namespace vigie::model {
namespace {

std::unexpected<Error> unsupported(const JsonReader& at, std::string message, std::string remedy) {
  auto refused = at.refuse(std::move(message));
  refused.error().code = Code::kUnsupported;
  refused.error().remedy = std::move(remedy);
  return refused;
}

// XGBoost writes its parameters as texts: "num_trees": "100".
Result<std::uint64_t> count_parameter(const JsonReader& parameters, std::string_view name) {
  const auto parameter = parameters[name];
  const std::string text = VIGIE_TRY(parameter.text());
  const auto value = parse_int(text);
  if (!value || *value < 0) return parameter.refuse("\"" + text + "\" is not a whole number of at least 0");
  return static_cast<std::uint64_t>(*value);
}

// A parameter that some versions do not write, and that must not be above `most`.
Status at_most(const JsonReader& parameters, std::string_view name, std::uint64_t most, const char* message) {
  const auto found = VIGIE_TRY(parameters.find(name));
  if (!found) return {};
  const std::uint64_t value = VIGIE_TRY(count_parameter(parameters, name));
  if (value > most) {
    return unsupported(*found, message, "train with objective binary:logistic and one target");
  }
  return {};
}

Status check_text(const JsonReader& parent, std::string_view name, std::string_view expected) {
  const auto member = parent[name];
  const std::string found = VIGIE_TRY(member.text());
  if (found == expected) return {};
  return unsupported(member, "\"" + found + "\" cannot be used, only \"" + std::string(expected) + "\"",
                     "train with booster gbtree and objective binary:logistic");
}

Status check_version(const JsonReader& root) {
  const auto version = root["version"];
  const auto numbers = VIGIE_TRY(version.integers());
  if (numbers.size() != 3) return version.refuse("not three numbers");
  if (numbers[0] < 1 || numbers[0] > 2) {
    return unsupported(version, "written by XGBoost " + std::to_string(numbers[0]) + ", this vigie reads 1 and 2",
                       "save the model with XGBoost 1.x or 2.x");
  }
  return {};
}

// The intercept is stored as a probability; this is XGBoost's own conversion, in float as there.
Result<float> base_margin(const JsonReader& learner_parameters) {
  const auto member = learner_parameters["base_score"];
  const std::string text = VIGIE_TRY(member.text());
  const auto probability = parse_double(text);
  const float p = static_cast<float>(probability.value_or(0));
  if (!(p > 0 && p < 1)) return member.refuse("\"" + text + "\" is not a probability between 0 and 1");
  return -std::log(1.0f / p - 1.0f);
}

// The arrays of one tree as they are in the file, one item a node.
struct TreeArrays {
  std::vector<std::int32_t> left, right, feature;
  std::vector<float> condition, cover, gain;
  std::vector<std::uint8_t> default_left;
};

Result<TreeArrays> read_arrays(const JsonReader& tree) {
  TreeArrays arrays;
  arrays.left = VIGIE_TRY(tree["left_children"].integers());
  arrays.right = VIGIE_TRY(tree["right_children"].integers());
  arrays.feature = VIGIE_TRY(tree["split_indices"].integers());
  arrays.condition = VIGIE_TRY(tree["split_conditions"].floats());
  arrays.default_left = VIGIE_TRY(tree["default_left"].flags());
  arrays.cover = VIGIE_TRY(tree["sum_hessian"].floats());
  arrays.gain = VIGIE_TRY(tree["loss_changes"].floats());
  const std::size_t nodes = arrays.left.size();
  if (nodes == 0) return tree.refuse("it has no nodes");
  if (nodes > kMaxNodesPerTree) return tree.refuse("more than " + std::to_string(kMaxNodesPerTree) + " nodes");
  const auto same = [&](std::string_view name, std::size_t size) -> Status {
    if (size == nodes) return {};
    return tree.refuse(std::string(name) + " has " + std::to_string(size) + " items where left_children has " +
                       std::to_string(nodes));
  };
  VIGIE_TRY(same("right_children", arrays.right.size()));
  VIGIE_TRY(same("split_indices", arrays.feature.size()));
  VIGIE_TRY(same("split_conditions", arrays.condition.size()));
  VIGIE_TRY(same("default_left", arrays.default_left.size()));
  VIGIE_TRY(same("sum_hessian", arrays.cover.size()));
  VIGIE_TRY(same("loss_changes", arrays.gain.size()));
  return arrays;
}

// Refuses what the arrays above do not show: categories, several outputs, and a node count that disagrees.
Status check_tree_parameters(const JsonReader& tree, std::size_t nodes) {
  for (const std::string_view name : {"categories_nodes", "categories"}) {
    if (const auto categories = VIGIE_TRY(tree.find(name))) {
      const auto items = VIGIE_TRY(categories->integers());
      if (!items.empty()) {
        return unsupported(*categories, "it splits on categories", "encode categories as numbers before training");
      }
    }
  }
  if (const auto split_type = VIGIE_TRY(tree.find("split_type"))) {
    const auto types = VIGIE_TRY(split_type->integers());
    if (std::any_of(types.begin(), types.end(), [](std::int32_t type) { return type != 0; })) {
      return unsupported(*split_type, "it splits on categories", "encode categories as numbers before training");
    }
  }
  const auto parameters = VIGIE_TRY(tree.find("tree_param"));
  if (!parameters) return {};
  VIGIE_TRY(at_most(*parameters, "size_leaf_vector", 1, "leaves hold several outputs"));
  const std::uint64_t declared = VIGIE_TRY(count_parameter(*parameters, "num_nodes"));
  if (declared != nodes) {
    return parameters->refuse("num_nodes is not the length of left_children, " + std::to_string(nodes));
  }
  return {};
}

// Nodes in the order of a walk from the root, each before its children: XGBoost reuses the places of pruned nodes, so
// its own order promises nothing, and pruned nodes stay in the arrays, unreachable. A walk that meets a node twice
// would not end and is refused.
Result<Tree> build_tree(const JsonReader& at, const TreeArrays& arrays) {
  const std::size_t count = arrays.left.size();
  std::vector<bool> seen(count);
  std::vector<std::size_t> order{0};
  seen[0] = true;
  Tree tree;
  for (std::size_t next = 0; next < order.size(); ++next) {
    const std::size_t i = order[next];
    Node node;
    node.cover = arrays.cover[i];
    if (arrays.left[i] == -1) {
      if (arrays.right[i] != -1) return at.refuse("node " + std::to_string(i) + " has a right child but no left one");
      node.value = arrays.condition[i];
      tree.nodes.push_back(node);
      continue;
    }
    for (const std::int32_t child : {arrays.left[i], arrays.right[i]}) {
      if (child < 0 || static_cast<std::size_t>(child) >= count) {
        return at.refuse("node " + std::to_string(i) + " has child " + std::to_string(child) +
                         ", which does not exist");
      }
      if (seen[child]) return at.refuse("node " + std::to_string(child) + " has two parents");
      seen[child] = true;
      order.push_back(static_cast<std::size_t>(child));
    }
    node.left = static_cast<std::int32_t>(order.size() - 2);
    node.right = static_cast<std::int32_t>(order.size() - 1);
    node.feature = arrays.feature[i];
    node.threshold = arrays.condition[i];
    node.missing_left = arrays.default_left[i] != 0;
    node.gain = arrays.gain[i];
    tree.nodes.push_back(node);
  }
  return tree;
}

Status read_trees(const JsonReader& model, Forest& forest) {
  const auto parameters = model["gbtree_model_param"];
  VIGIE_TRY(at_most(parameters, "size_leaf_vector", 1, "leaves hold several outputs"));
  const std::uint64_t declared = VIGIE_TRY(count_parameter(parameters, "num_trees"));
  const auto member = model["trees"];
  const auto trees = VIGIE_TRY(member.items(kMaxTrees));
  if (trees.size() != declared) {
    return member.refuse(std::to_string(trees.size()) + " trees where num_trees says " + std::to_string(declared));
  }
  const auto info = model["tree_info"];
  const auto groups = VIGIE_TRY(info.integers());
  if (groups.size() != trees.size()) return info.refuse("not one item a tree");
  if (std::any_of(groups.begin(), groups.end(), [](std::int32_t group) { return group != 0; })) {
    return unsupported(info, "trees belong to several classes", "train with objective binary:logistic");
  }
  forest.trees.reserve(trees.size());
  for (const JsonReader& tree : trees) {
    const auto arrays = VIGIE_TRY(read_arrays(tree));
    VIGIE_TRY(check_tree_parameters(tree, arrays.left.size()));
    auto built = VIGIE_TRY(build_tree(tree, arrays));
    forest.trees.push_back(std::move(built));
  }
  return {};
}

}  // namespace

Result<BoostedForest> parse_xgboost_json(std::string_view json) {
  const auto document = VIGIE_TRY(JsonDocument::parse(json));
  const JsonReader root = document.root();
  VIGIE_TRY(check_version(root));
  const auto learner = root["learner"];
  VIGIE_TRY(check_text(learner["objective"], "name", "binary:logistic"));
  const auto booster = learner["gradient_booster"];
  VIGIE_TRY(check_text(booster, "name", "gbtree"));

  const auto parameters = learner["learner_model_param"];
  VIGIE_TRY(at_most(parameters, "num_class", 1, "it tells several classes apart"));
  VIGIE_TRY(at_most(parameters, "num_target", 1, "it has several targets"));
  const std::uint64_t features = VIGIE_TRY(count_parameter(parameters, "num_feature"));
  if (features == 0 || features > kMaxFeatures) {
    return parameters.refuse("num_feature is not between 1 and " + std::to_string(kMaxFeatures));
  }

  BoostedForest out;
  out.base_margin = VIGIE_TRY(base_margin(parameters));
  out.forest.feature_count = static_cast<std::uint32_t>(features);
  out.forest.comparison = Comparison::kLess;
  if (const auto names = VIGIE_TRY(learner.find("feature_names"))) out.feature_names = VIGIE_TRY(names->texts());
  if (!out.feature_names.empty() && out.feature_names.size() != features) {
    return learner.refuse("feature_names has " + std::to_string(out.feature_names.size()) +
                          " items where num_feature is " + std::to_string(features));
  }
  VIGIE_TRY(read_trees(booster["model"], out.forest));
  VIGIE_TRY(validate(out.forest));
  return out;
}

}  // namespace vigie::model
