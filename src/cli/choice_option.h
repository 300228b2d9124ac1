// A flag whose value is one of some words. CLI11's own way shows the numbers that the words stand for, as raw bytes.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace vigie::cli {

// --help says "--refit {auto,always,never}=auto", with the word of what `target` has now; it must outlive the command.
template <typename Value>
CLI::Option* add_choice(CLI::App& command, const std::string& flag, Value& target,
                        const std::vector<std::pair<std::string, Value>>& words, const std::string& about) {
  std::string form;
  std::string present;
  for (const auto& [word, value] : words) {
    form += (form.empty() ? "{" : ",") + word;
    if (value == target) present = word;
  }
  form += "}";
  const auto take = [&target, words, flag, form](const std::string& given) {
    const auto found = std::ranges::find(words, given, &std::pair<std::string, Value>::first);
    if (found == words.end()) throw CLI::ValidationError(flag, "\"" + given + "\" is none of " + form);
    target = found->second;
  };
  return command.add_option_function<std::string>(flag, take, about)->type_name(form)->default_str(present);
}

}  // namespace vigie::cli
