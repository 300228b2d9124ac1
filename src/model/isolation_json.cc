#include "model/isolation_json.h"

#include <charconv>

#include "base/json_writer.h"
#include "base/number.h"
#include "model/json_reader.h"

namespace vigie::model {
namespace {

constexpr std::string_view kFormat = "vigie.isolation_forest";
constexpr std::uint64_t kVersion = 1;

// The shortest text of a float is half as long as that of the same value as a double. Readers go through double, and
// where rounding twice would give another float, the double's text is written.
void append_float(std::string& out, float value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  const auto as_double = parse_double({text, end});
  if (as_double && static_cast<float>(*as_double) == value) {
    out.append(text, end);
  } else {
    append_double(out, static_cast<double>(value));
  }
}

template <typename Append>
void write_column(JsonWriter& json, const char* key, const Tree& tree, Append append) {
  std::string text = "[";
  for (const Node& node : tree.nodes) {
    if (text.size() > 1) text += ',';
    append(text, node);
  }
  json.key(key).raw(text + "]");
}

std::string tree_json(const Tree& tree) {
  JsonWriter json;
  json.begin_object();
  write_column(json, "left", tree, [](std::string& out, const Node& node) { out += std::to_string(node.left); });
  write_column(json, "right", tree, [](std::string& out, const Node& node) { out += std::to_string(node.right); });
  write_column(json, "feature", tree, [](std::string& out, const Node& node) { out += std::to_string(node.feature); });
  write_column(json, "threshold", tree, [](std::string& out, const Node& node) { append_float(out, node.threshold); });
  write_column(json, "missing_left", tree,
               [](std::string& out, const Node& node) { out += node.missing_left ? '1' : '0'; });
  write_column(json, "rows", tree, [](std::string& out, const Node& node) { append_float(out, node.cover); });
  json.end_object();
  return std::move(json).text();
}

Result<Tree> parse_tree(const JsonReader& json) {
  const auto left = VIGIE_TRY(json["left"].integers());
  const auto right = VIGIE_TRY(json["right"].integers());
  const auto feature = VIGIE_TRY(json["feature"].integers());
  const auto threshold = VIGIE_TRY(json["threshold"].floats());
  const auto missing_left = VIGIE_TRY(json["missing_left"].flags());
  const auto rows = VIGIE_TRY(json["rows"].floats());
  const std::size_t count = left.size();
  if (right.size() != count || feature.size() != count || threshold.size() != count || missing_left.size() != count ||
      rows.size() != count) {
    return json.refuse("its arrays differ in length");
  }
  Tree tree;
  tree.nodes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    tree.nodes.push_back({.left = left[i],
                          .right = right[i],
                          .feature = feature[i],
                          .threshold = threshold[i],
                          .missing_left = missing_left[i] != 0,
                          .cover = rows[i]});
  }
  return tree;
}

}  // namespace

std::string isolation_json(const IsolationForest& isolation) {
  JsonWriter json;
  json.begin_object().member("format", kFormat).member("format_version", kVersion);
  json.member("feature_count", isolation.forest.feature_count);
  json.member("comparison", isolation.forest.comparison == Comparison::kLess ? "<" : "<=");
  json.member("sample_size", isolation.sample_size).member("contamination", isolation.contamination);
  json.member("own_threshold", isolation.own_threshold);
  json.key("feature_names").values(std::span<const std::string>(isolation.feature_names));
  std::string trees;
  for (const Tree& tree : isolation.forest.trees) trees += (trees.empty() ? "\n" : ",\n") + tree_json(tree);
  json.key("trees").raw("[" + trees + "\n]").end_object();
  return std::move(json).text() + "\n";
}

Result<IsolationForest> parse_isolation_json(const JsonReader& json) {
  const std::string format = VIGIE_TRY(json["format"].text());
  if (format != kFormat) return json["format"].refuse("\"" + format + "\" is not \"" + std::string(kFormat) + "\"");
  const std::uint64_t version = VIGIE_TRY(json["format_version"].unsigned_integer());
  if (version != kVersion) return json["format_version"].refuse(std::to_string(version) + " is not 1");

  IsolationForest out;
  const JsonReader features = json["feature_count"];
  const std::uint64_t feature_count = VIGIE_TRY(features.unsigned_integer());
  if (feature_count == 0 || feature_count > kMaxFeatures) return features.refuse("out of range");
  out.forest.feature_count = static_cast<std::uint32_t>(feature_count);
  const std::string comparison = VIGIE_TRY(json["comparison"].text());
  if (comparison != "<" && comparison != "<=") return json["comparison"].refuse("neither \"<\" nor \"<=\"");
  out.forest.comparison = comparison == "<" ? Comparison::kLess : Comparison::kLessEqual;
  const std::uint64_t sample_size = VIGIE_TRY(json["sample_size"].unsigned_integer());
  // c(1) is 0, and the score divides by it.
  if (sample_size < 2 || sample_size > 0xFFFFFFFFu) return json["sample_size"].refuse("not between 2 and 2^32 - 1");
  out.sample_size = static_cast<std::uint32_t>(sample_size);
  VIGIE_TRY(json.read("contamination", out.contamination));
  if (out.contamination < 0 || out.contamination > 1) return json["contamination"].refuse("not between 0 and 1");
  VIGIE_TRY(json.read("own_threshold", out.own_threshold));
  VIGIE_TRY(json.read("feature_names", out.feature_names));
  for (const JsonReader& tree : VIGIE_TRY(json["trees"].items(kMaxTrees))) {
    out.forest.trees.push_back(VIGIE_TRY(parse_tree(tree)));
  }
  if (const auto valid = validate(out.forest); !valid) {
    const std::string& place = valid.error().place.field;  // none where it is about the whole
    return json["trees"].refuse(place + (place.empty() ? "" : ": ") + valid.error().message);
  }
  return out;
}

}  // namespace vigie::model
