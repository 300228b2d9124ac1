// Reading a set of rules from YAML.
#include <algorithm>
#include <array>
#include <map>
#include <unordered_set>

#include "base/number.h"
#include "base/utf8.h"
#include "rules/lexer.h"
#include "rules/ruleset.h"
#include "rules/scalar_place.h"
#include "rules/time.h"
#include "rules/yaml_problems.h"

namespace vigie::rules {
namespace {

constexpr std::size_t kMostTextBytes = 1'000;

enum class Key : std::uint8_t {
  kName,
  kText,
  kWhen,
  kWeight,
  kOutcome,
  kPriority,
  kReason,
  kState,
  kFrom,
  kTo,
  kOnError
};

constexpr std::array<std::string_view, 11> kKeys = {"name",   "text",  "when", "weight", "outcome", "priority",
                                                    "reason", "state", "from", "to",     "on_error"};

bool is_rule_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

class Reader {
 public:
  Reader(std::string_view yaml, std::string_view file) : lines_(yaml), problems_(file) {}

  // Empty where there are problems. `alone`: rules: is the only key that may be there.
  std::vector<Rule> read(const YAML::Node& root, bool alone) {
    std::vector<Rule> rules;
    constexpr std::array<std::string_view, 1> kTop = {"rules"};
    if (!root.IsMap()) {
      problem(root, "", "a file of rules begins with rules:", "write rules: and below it - name: ... for each rule");
      return rules;
    }
    bool seen = false;
    for (const auto& member : root) {
      const std::string key = scalar_of(member.first);
      if (key != "rules") {
        if (!alone) continue;
        problem(member.first, key, "there is no such key", did_you_mean(key, kTop));
      } else if (std::exchange(seen, true)) {
        problem(member.first, key, "stands twice", "leave one of them out");
      } else if (!member.second.IsNull()) {
        read_list(member.second, rules);
      }
    }
    if (!seen) problem(root, "", "there is no rules:", "write rules: and below it - name: ... for each rule");
    return rules;
  }

  YamlProblems& problems() { return problems_; }
  bool knows(const std::string& name) const { return whens_.contains(name); }

  // A problem of a condition, placed in the file.
  void place_condition(Error error) {
    place(error);
    problems_.add(std::move(error));
  }

  void place(Error& error) const {
    const std::string name = error.place.field.substr(0, error.place.field.rfind('.'));
    const Condition& condition = whens_.at(name);
    const auto [line, column] = lines_.find(condition.mark, condition.text, error.place);
    error.place.line = line;
    error.place.column = column;
  }

 private:
  struct Condition {
    Mark mark;
    std::string text;
  };

  void read_list(const YAML::Node& list, std::vector<Rule>& rules) {
    if (!list.IsSequence()) {
      problem(list, "rules", "a list of rules is expected here", "write - name: ... for each rule");
      return;
    }
    if (list.size() > kMostRules) {
      problem(list, "rules", "there are more than 20,000 rules", "put values into lists, as in pays in [...]");
      return;
    }
    rules.reserve(list.size());
    for (const YAML::Node& node : list) {
      if (problems_.full()) return;
      rules.push_back(read_rule(node, rules.size()));
    }
  }

  Rule read_rule(const YAML::Node& node, std::size_t index) {
    Rule rule;
    where_ = "rules[" + std::to_string(index) + "]";
    if (!node.IsMap()) {
      problem(node, "", "a rule is expected here", "write - name: ... and its other keys below");
      return rule;
    }
    std::array<bool, kKeys.size()> seen{};
    std::optional<YAML::Node> when;
    for (const auto& member : node) {
      const std::string key = scalar_of(member.first);
      const auto found = std::ranges::find(kKeys, key);
      if (found == kKeys.end()) {
        problem(member.first, key, "there is no such key", did_you_mean(key, kKeys));
        continue;
      }
      const auto at = static_cast<std::size_t>(found - kKeys.begin());
      if (std::exchange(seen[at], true)) {
        problem(member.first, key, "stands twice", "leave one of them out");
        continue;
      }
      if (static_cast<Key>(at) == Key::kWhen) when = member.second;
      read_value(static_cast<Key>(at), key, member.second, rule);
    }
    const auto has = [&](Key key) { return seen[static_cast<std::size_t>(key)]; };
    for (const Key key : {Key::kName, Key::kText, Key::kWhen}) {
      if (!has(key)) missing(node, std::string(kKeys[static_cast<std::size_t>(key)]));
    }
    if (has(Key::kWeight) == has(Key::kOutcome)) {
      problem(node, "",
              has(Key::kWeight) ? "a rule has a weight or an outcome, not both" : "a rule has a weight or an outcome",
              "write weight: 0.4, or outcome: verifier");
    }
    if (rule.from && rule.to && *rule.from >= *rule.to) {
      problem(node, "to", "ends before it begins", "write a date after from");
    }
    if (!has(Key::kReason)) rule.reason = rule.text;
    if (when && when->IsScalar() && when->Scalar().size() == rule.when.size() && !rule.name.empty()) {
      const YAML::Mark mark = when->Mark();
      whens_.try_emplace(
          rule.name,
          Condition{{static_cast<std::size_t>(mark.line), static_cast<std::size_t>(mark.column)}, rule.when});
    }
    return rule;
  }

  void read_value(Key key, const std::string& name, const YAML::Node& node, Rule& rule) {
    if (key == Key::kText || key == Key::kReason)
      return read_texts(name, node, key == Key::kText ? rule.text : rule.reason);
    if (!node.IsScalar()) {
      problem(node, name, "one value is expected here", "write it behind the colon");
      return;
    }
    const std::string& text = node.Scalar();
    switch (key) {
      case Key::kName: return read_name(node, text, rule);
      case Key::kWhen:
        // Before it is copied: an alias makes many rules of one text.
        if (text.size() > kMostExpressionBytes) {
          problem(node, name, "the condition has more than 16,384 bytes", "split it into several rules");
          return;
        }
        conditions_ += text.size();
        if (conditions_ > kMostRulesetBytes) {
          problem(node, name, "the conditions have more than 32 MiB together", "leave rules out: aliases count too");
          return;
        }
        rule.when = text;
        return;
      case Key::kWeight: {
        const auto weight = parse_double(text);
        if (!weight || !(*weight >= 0 && *weight <= 1)) {
          problem(node, name, "'" + shortened(text) + "' is no weight", "write a number from 0 to 1");
          return;
        }
        rule.weight = weight;
        return;
      }
      case Key::kPriority: {
        const auto priority = parse_int(text);
        constexpr std::int64_t kMost = 1'000'000;
        if (!priority || *priority < -kMost || *priority > kMost) {
          problem(node, name, "'" + shortened(text) + "' is no priority",
                  "write a whole number from -1000000 to 1000000");
          return;
        }
        rule.priority = static_cast<std::int32_t>(*priority);
        return;
      }
      case Key::kOutcome:
        rule.outcome = choice(node, name, text, std::array{Outcome::kAccept, Outcome::kReview, Outcome::kRefuse});
        return;
      case Key::kState:
        rule.state = choice(node, name, text, std::array{State::kOn, State::kOff, State::kShadow}).value_or(State::kOn);
        return;
      case Key::kOnError:
        rule.on_error =
            choice(node, name, text, std::array{OnError::kFailOpen, OnError::kFailClosed}).value_or(OnError::kFailOpen);
        return;
      case Key::kFrom: rule.from = moment(node, name, text, 0); return;
      // A date is a whole day: the rule ends with it.
      case Key::kTo: rule.to = moment(node, name, text, 86'400); return;
      default: return;
    }
  }

  void read_name(const YAML::Node& node, const std::string& name, Rule& rule) {
    if (!is_rule_name(name)) {
      problem(node, "name", "'" + shortened(name) + "' is no name of a rule", "write 1 to 64 of a-z, 0-9, _ and -");
      return;
    }
    rule.name = name;
    where_ = name;
    if (!names_.insert(name).second) problem(node, "name", "two rules have this name", "rename one of them");
  }

  void read_texts(const std::string& name, const YAML::Node& node, Texts& texts) {
    constexpr std::array<std::string_view, 2> kLanguages = {"fr", "en"};
    if (!node.IsMap()) {
      problem(node, name, "a text in French and in English is expected here", "write " + name + ": {fr: ..., en: ...}");
      return;
    }
    for (const auto& member : node) {
      const std::string key = scalar_of(member.first);
      if (key != "fr" && key != "en") {
        problem(member.first, name + "." + key, "there is no such key", did_you_mean(key, kLanguages));
        continue;
      }
      std::string& text = key == "fr" ? texts.french : texts.english;
      const std::string value = scalar_of(member.second);
      if (!text.empty()) {
        problem(member.first, name + "." + key, "stands twice", "leave one of them out");
      } else if (value.empty() || value.size() > kMostTextBytes || !is_utf8(value)) {
        problem(member.second, name + "." + key, "this is no text of 1 to 1,000 bytes", "write a sentence");
      } else {
        text = value;
      }
    }
    for (const std::string_view language : kLanguages) {
      bool there = false;
      for (const auto& member : node) there = there || (member.first.IsScalar() && member.first.Scalar() == language);
      if (!there) missing(node, name + "." + std::string(language));
    }
  }

  template <typename Choice, std::size_t Count>
  std::optional<Choice> choice(const YAML::Node& node, const std::string& key, const std::string& text,
                               const std::array<Choice, Count>& choices) {
    std::array<std::string_view, Count> names;
    std::ranges::transform(choices, names.begin(), [](Choice c) { return to_string(c); });
    const auto found = std::ranges::find(names, text);
    if (found != names.end()) return choices[static_cast<std::size_t>(found - names.begin())];
    problem(node, key, "'" + shortened(text) + "' is none of its values", did_you_mean(text, names));
    return std::nullopt;
  }

  // A moment, or a day, which begins at midnight UTC; `day` seconds are added to a day.
  std::optional<WallTime> moment(const YAML::Node& node, const std::string& key, const std::string& text,
                                 std::int64_t day) {
    const bool whole_day = text.size() == 10;
    const Value time = parse_timestamp(whole_day ? text + "T00:00:00Z" : text);
    if (time.is_error()) {
      problem(node, key, "'" + shortened(text) + "' is no date", "write 2026-01-31, or 2026-01-31T08:00:00+01:00");
      return std::nullopt;
    }
    const std::int64_t seconds = time.seconds() + (whole_day ? day : 0);
    return WallTime(std::chrono::seconds(seconds) + std::chrono::microseconds(time.nanos() / 1000));
  }

  void missing(const YAML::Node& node, const std::string& key) {
    problem(node, key, "is missing", "every rule has one: write " + key);
  }

  void problem(const YAML::Node& node, const std::string& key, std::string message, std::string remedy) {
    problems_.add(node,
                  key.empty()      ? where_
                  : where_.empty() ? key
                                   : where_ + "." + key,
                  std::move(message), std::move(remedy));
  }

  ScalarPlaces lines_;
  YamlProblems problems_;
  std::string where_;  // the rule that is being read
  std::unordered_set<std::string> names_;
  std::map<std::string, Condition> whens_;
  std::size_t conditions_ = 0;  // bytes of them all
};

// What stands at `key`; null where there is nothing.
YAML::Node member_of(const YAML::Node& map, std::string_view key) {
  if (!map.IsMap()) return map;
  for (const auto& member : map) {
    if (member.first.IsScalar() && member.first.Scalar() == key) return member.second;
  }
  return {};
}

}  // namespace

std::expected<Ruleset, std::vector<Error>> Ruleset::parse(std::string_view yaml, std::string_view file,
                                                          const VariableTable& variables, std::string_view group) {
  auto root = read_yaml(yaml, file, kMostRulesetBytes);
  if (!root) return std::unexpected(std::move(root).error());
  Reader reader(yaml, file);
  std::vector<Rule> rules = reader.read(group.empty() ? *root : member_of(*root, group), group.empty());
  // Conditions are checked even where other things are wrong, so that all is said at once.
  if (!reader.problems().none()) std::erase_if(rules, [&](const Rule& rule) { return !reader.knows(rule.name); });
  auto made = make(std::move(rules), variables);
  if (!made) {
    for (Error& error : made.error()) reader.place_condition(std::move(error));
  }
  if (!reader.problems().none()) return std::unexpected(std::move(reader.problems()).sorted());
  for (Error& warning : made->warnings_) {
    reader.place(warning);
    warning.place.file = file;
  }
  return made;
}

}  // namespace vigie::rules
