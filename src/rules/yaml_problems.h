// What is wrong with a YAML file that people write, all of it at once: each problem with its line, column and remedy.
//
//   auto root = read_yaml(text, "rules.yaml", kMostRulesetBytes);       // or why it is no YAML
//   YamlProblems problems("rules.yaml");
//   if (!root->IsMap()) problems.add(*root, "", "a list is expected here", "write - name: ...");
//   if (!problems.none()) return std::unexpected(std::move(problems).sorted());
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigie::rules {

class YamlProblems {
 public:
  // `file` names the text.
  explicit YamlProblems(std::string_view file) : file_(file) {}

  // Nothing more is taken once it is full, at 1,000.
  bool full() const;
  bool none() const { return all_.empty(); }

  // At the beginning of `node`.
  void add(const YAML::Node& node, std::string field, std::string message, std::string remedy);
  // With a place that is known already; its file becomes this one.
  void add(Error error);

  // By their place in the file.
  std::vector<Error> sorted() &&;

 private:
  std::string file_;
  std::vector<Error> all_;
};

// The text as nodes. One problem where it is larger than `most` bytes, no UTF-8 or no YAML.
std::expected<YAML::Node, std::vector<Error>> read_yaml(std::string_view yaml, std::string_view file, std::size_t most);

// The text of a scalar; empty for anything else.
std::string scalar_of(const YAML::Node& node);

// "did you mean 'weight'?", or what there is.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

// At most 40 bytes of a value, for messages.
std::string shortened(std::string_view text);

}  // namespace vigie::rules
