// Reading test cases of rules from YAML.
#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <unordered_map>

#include "base/number.h"
#include "base/timestamp.h"
#include "decision/rule_cases.h"
#include "rules/yaml_problems.h"
#include "schema/transaction.h"

namespace vigie::decision {
namespace {

using rules::did_you_mean;
using rules::scalar_of;
using rules::shortened;
using Keys = std::span<const std::string_view>;

constexpr std::int64_t kDefaultTime = 1'768'392'000;  // 2026-01-14, a Wednesday, at noon UTC
constexpr std::int64_t kMostAgo = 400;                // days
constexpr std::size_t kMostNameBytes = 200;
constexpr std::size_t kMostExpected = 1'000;
constexpr std::size_t kMostCountries = 1'000;  // as rules have room for

constexpr std::array<std::string_view, 2> kTop = {"thresholds", "tests"};
constexpr std::array<std::string_view, 3> kThresholds = {"montant_eleve", "nb_transactions_24h", "pays_suspect"};
constexpr std::array<std::string_view, 5> kCase = {"name", "transaction", "history", "score", "expect"};
constexpr std::array<std::string_view, 6> kExpect = {"rules", "shadows", "errors", "risque", "niveau", "decision"};

// Behind the transaction's own fields.
constexpr std::size_t kOwnKeys = schema::kTransactionFields;
enum EventKey : std::size_t { kAgo = kOwnKeys, kTimes, kFraud, kEventKeys };

const std::array<std::string_view, kEventKeys>& event_keys() {
  static const auto keys = [] {
    std::array<std::string_view, kEventKeys> made;
    std::ranges::transform(schema::transaction_fields(), made.begin(), &schema::Field::name);
    made[kAgo] = "ago";
    made[kTimes] = "times";
    made[kFraud] = schema::transaction_label().name;
    return made;
  }();
  return keys;
}

// "90s", "10m", "2h", "3d" (or "3j"): seconds.
std::optional<std::int64_t> parse_ago(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's': unit = 1; break;
    case 'm': unit = 60; break;
    case 'h': unit = 3'600; break;
    case 'd':
    case 'j': unit = 86'400; break;
    default: return std::nullopt;
  }
  const auto count = parse_int(text.substr(0, text.size() - 1));
  if (!count || *count < 0 || *count > kMostAgo * 86'400 / unit) return std::nullopt;
  return *count * unit;
}

std::optional<bool> parse_flag(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return std::nullopt;
}

class Reader {
 public:
  Reader(std::string_view file, const rules::Ruleset& set) : problems_(file) {
    for (const rules::Rule& rule : set.rules()) {
      places_.emplace(rule.name, static_cast<std::uint32_t>(rule_names_.size()));
      rule_names_.emplace_back(rule.name);
    }
  }

  RuleCases read(const YAML::Node& root) {
    RuleCases cases;
    if (!root.IsMap()) {
      add(root, "", "a file of test cases begins with tests:", "write tests: and below it - name: ... for each");
      return cases;
    }
    bool seen = false;
    each_key(root, "", kTop, [&](std::size_t key, const YAML::Node& value) {
      if (key == 0) {
        read_thresholds(value, cases.thresholds.emplace());
      } else {
        seen = true;
        read_cases(value, cases.cases);
      }
    });
    if (!seen) add(root, "tests", "is missing", "write tests: and below it - name: ... for each");
    return cases;
  }

  rules::YamlProblems& problems() { return problems_; }

 private:
  void add(const YAML::Node& node, std::string field, std::string message, std::string remedy) {
    problems_.add(node, std::move(field), std::move(message), std::move(remedy));
  }

  static std::string below(const std::string& where, std::string_view key) {
    return where.empty() ? std::string(key) : where + "." + std::string(key);
  }

  // Calls take(place in `known`, value) for each key that is known and stands there once.
  template <typename Take>
  void each_key(const YAML::Node& map, const std::string& where, Keys known, Take take) {
    std::vector<bool> seen(known.size());
    for (const auto& member : map) {
      if (problems_.full()) return;
      const std::string key = scalar_of(member.first);
      const auto found = std::ranges::find(known, key);
      if (found == known.end()) {
        add(member.first, below(where, shortened(key)), "there is no such key", did_you_mean(key, known));
        continue;
      }
      const auto at = static_cast<std::size_t>(found - known.begin());
      if (seen[at]) {
        add(member.first, below(where, key), "stands twice", "leave one of them out");
        continue;
      }
      seen[at] = true;
      take(at, member.second);
    }
  }

  bool expect_map(const YAML::Node& node, const std::string& where, const char* remedy) {
    if (node.IsMap()) return true;
    add(node, where, "keys and their values are expected here", remedy);
    return false;
  }

  std::optional<double> number(const YAML::Node& node, const std::string& where, double least, double most,
                               const std::string& remedy) {
    const auto value = parse_double(scalar_of(node));
    if (value && *value >= least && *value <= most) return value;
    add(node, where, "'" + shortened(scalar_of(node)) + "' does not fit", remedy);
    return std::nullopt;
  }

  void read_thresholds(const YAML::Node& node, FraudThresholds& out) {
    if (!expect_map(node, "thresholds", "write montant_eleve: 10000, or leave thresholds: out")) return;
    each_key(node, "thresholds", kThresholds, [&](std::size_t key, const YAML::Node& value) {
      const std::string where = below("thresholds", kThresholds[key]);
      if (key == 0) {
        out.high_amount = number(value, where, 0, 1e12, "write a number from 0 to 1e12").value_or(0);
      } else if (key == 1) {
        const auto count = parse_int(scalar_of(value));
        if (count && *count >= 0 && *count <= 1'000'000) {
          out.transactions_a_day = static_cast<std::uint32_t>(*count);
        } else {
          add(value, where, "'" + shortened(scalar_of(value)) + "' does not fit",
              "write a whole number from 0 to 1000000");
        }
      } else {
        read_countries(value, where, out.suspicious_countries);
      }
    });
  }

  void read_countries(const YAML::Node& node, const std::string& where, std::vector<std::string>& out) {
    const schema::Field& field = schema::transaction_fields()[schema::kPays];
    out.clear();
    if (!node.IsSequence() || node.size() > kMostCountries) {
      add(node, where, "a list of at most 1,000 countries is expected here", "write [NG, RU]");
      return;
    }
    for (const YAML::Node& item : node) {
      if (schema::accepts_text(field, scalar_of(item))) {
        out.push_back(scalar_of(item));
      } else {
        add(item, where, "'" + shortened(scalar_of(item)) + "' is no country", "write " + schema::expectation(field));
      }
    }
  }

  void read_cases(const YAML::Node& list, std::vector<RuleCase>& out) {
    if (!list.IsSequence() || list.size() == 0 || list.size() > kMostCases) {
      add(list, "tests", "a list of 1 to 10,000 test cases is expected here", "write - name: ... for each");
      return;
    }
    for (const YAML::Node& node : list) {
      if (problems_.full()) return;
      const std::string where = "tests[" + std::to_string(out.size()) + "]";
      read_case(node, where, out.emplace_back());
    }
  }

  void read_case(const YAML::Node& node, const std::string& where, RuleCase& out) {
    if (!expect_map(node, where, "write - name: ..., transaction: {...} and expect: {...}")) return;
    out.line = static_cast<std::uint64_t>(std::max(node.Mark().line, 0)) + 1;
    std::array<std::optional<YAML::Node>, kCase.size()> values;
    each_key(node, where, kCase, [&](std::size_t key, const YAML::Node& value) { values[key] = value; });
    for (const std::size_t key : {0, 1, 4}) {
      if (!values[key]) add(node, below(where, kCase[key]), "is missing", "every test case has one");
    }
    if (values[0]) read_name(*values[0], where, out);
    CaseEvent event;
    if (values[1]) read_transaction(*values[1], below(where, "transaction"), nullptr, event);
    out.transaction = std::move(event.transaction);
    if (values[2]) read_history(*values[2], below(where, "history"), out);
    if (values[3]) out.score = number(*values[3], below(where, "score"), 0, 1, "write a probability from 0 to 1");
    if (values[4]) read_expectation(*values[4], below(where, "expect"), out);
  }

  void read_name(const YAML::Node& node, const std::string& where, RuleCase& out) {
    out.name = scalar_of(node);
    const bool plain = std::ranges::none_of(out.name, [](unsigned char c) { return std::iscntrl(c) != 0; });
    if (!out.name.empty() && out.name.size() <= kMostNameBytes && plain) return;
    add(node, below(where, "name"), "this is no name of 1 to 200 bytes on one line", "write what the case is about");
  }

  // `current`: the transaction that this one comes before; null where it is that itself.
  void read_transaction(const YAML::Node& node, const std::string& where, const CaseTransaction* current,
                        CaseEvent& out) {
    CaseTransaction& transaction = out.transaction;
    transaction.client = current != nullptr ? current->client : "client";
    transaction.type = current != nullptr ? current->type : 1;  // paiement
    transaction.time = WallTime(std::chrono::seconds(kDefaultTime));
    if (current == nullptr) transaction.id = "transaction";
    if (!expect_map(node, where, "write montant: 50 and what else there is")) return;
    const Keys known = Keys(event_keys()).first(current != nullptr ? std::size_t{kEventKeys} : kOwnKeys);
    std::array<bool, kEventKeys> there{};
    each_key(node, where, known, [&](std::size_t key, const YAML::Node& value) {
      there[key] = true;
      const std::string field = below(where, known[key]);
      if (key < kOwnKeys) {
        read_field(key, value, field, transaction);
      } else {
        read_event_key(key, value, field, current->time, out);
      }
    });
    if (!there[schema::kMontant]) add(node, below(where, "montant"), "is missing", "write montant: 50");
    if (current == nullptr) return;
    if (there[kAgo] == there[schema::kDate]) {
      add(node, below(where, "ago"), "it takes one of ago and date_transaction", "write ago: 2h");
    }
    if (transaction.time > current->time || transaction.time.time_since_epoch().count() < 0) {
      add(node, where, "this is not before the transaction, and after 1970", "give an earlier date_transaction");
    }
    if (out.fraud && transaction.terminal.empty()) {
      add(node, below(where, "fraude"), "frauds are counted for a terminal, and there is none",
          "write terminal_id: T1");
    }
  }

  void read_field(std::size_t place, const YAML::Node& node, const std::string& where, CaseTransaction& out) {
    const schema::Field& field = schema::transaction_fields()[place];
    const std::string text = scalar_of(node);
    const bool textual = field.type == schema::FieldType::kText;
    const auto value = textual ? std::nullopt : parse_double(text);
    if (!node.IsScalar() ||
        (textual ? !schema::accepts_text(field, text) : !value || !schema::accepts(field, *value))) {
      add(node, where, "'" + shortened(text) + "' does not fit", "write " + schema::expectation(field));
      return;
    }
    switch (static_cast<schema::TransactionField>(place)) {
      case schema::kTransactionId: out.id = text; return;
      case schema::kClientId: out.client = text; return;
      case schema::kMontant: out.amount = *value; return;
      case schema::kType: out.type = static_cast<std::uint8_t>(*schema::choice_of(field, text)); return;
      case schema::kDevise: out.currency = text; return;
      case schema::kDate: out.time = WallTime(std::chrono::microseconds(*parse_timestamp(text))); return;
      case schema::kPays: out.country = text; return;
      case schema::kTerminalId: out.terminal = text; return;
      case schema::kHistoriqueImpaye: out.unpaid = value; return;
      case schema::kCanal: out.channel = text; return;
      case schema::kTransactionFields: return;
    }
  }

  void read_event_key(std::size_t key, const YAML::Node& node, const std::string& where, WallTime now, CaseEvent& out) {
    const std::string text = scalar_of(node);
    const std::string message = "'" + shortened(text) + "' does not fit";
    if (key == kAgo) {
      if (const auto ago = parse_ago(text)) {
        out.transaction.time = now - std::chrono::seconds(*ago);
      } else {
        add(node, where, message, "write a number of s, m, h or d (j), such as 2h, at most 400d");
      }
    } else if (key == kTimes) {
      const auto times = parse_int(text);
      if (times && *times >= 1 && *times <= static_cast<std::int64_t>(kMostTimes)) {
        out.times = static_cast<std::uint32_t>(*times);
      } else {
        add(node, where, message, "write a whole number from 1 to 512");
      }
    } else {
      out.fraud = parse_flag(text);
      if (!out.fraud) add(node, where, message, "write true or false");
    }
  }

  void read_history(const YAML::Node& list, const std::string& where, RuleCase& out) {
    if (!list.IsSequence()) {
      add(list, where, "a list of earlier transactions is expected here", "write - {montant: 50, ago: 2h} for each");
      return;
    }
    for (const YAML::Node& node : list) {
      if (problems_.full()) return;
      CaseEvent event;
      read_transaction(node, where + "[" + std::to_string(out.past.size()) + "]", &out.transaction, event);
      events_ += event.times;
      if (events_ > kMostCaseEvents) {
        add(node, where, "the file has more than 100,000 earlier transactions", "split it into several files");
        return;
      }
      out.past.push_back(std::move(event));
    }
    std::ranges::stable_sort(out.past, {}, [](const CaseEvent& event) { return event.transaction.time; });
  }

  void read_expectation(const YAML::Node& node, const std::string& where, RuleCase& out) {
    if (!expect_map(node, where, "write rules: [], or the rules that are to fire")) return;
    bool rules = false;
    each_key(node, where, kExpect, [&](std::size_t key, const YAML::Node& value) {
      const std::string field = below(where, kExpect[key]);
      switch (key) {
        case 0:
          rules = true;
          read_rules(value, field, out.rules);
          break;
        case 1: read_rules(value, field, out.shadows.emplace()); break;
        case 2: read_rules(value, field, out.errors); break;
        case 3: out.risk = number(value, field, 0, 1, "write a number from 0 to 1"); break;
        case 4:
          out.level = choice(value, field, std::array{RiskLevel::kLow, RiskLevel::kMiddle, RiskLevel::kHigh});
          break;
        default:
          out.outcome = choice(value, field,
                               std::array{rules::Outcome::kAccept, rules::Outcome::kReview, rules::Outcome::kRefuse});
      }
    });
    if (!rules) add(node, below(where, "rules"), "is missing", "write rules: [] where none is to fire");
  }

  void read_rules(const YAML::Node& list, const std::string& where, std::vector<std::uint32_t>& out) {
    if (!list.IsSequence() || list.size() > kMostExpected) {
      add(list, where, "a list of at most 1,000 rules is expected here", "write [montant_eleve], or []");
      return;
    }
    for (const YAML::Node& node : list) {
      if (problems_.full()) return;
      const std::string name = scalar_of(node);
      const auto found = places_.find(name);
      if (found == places_.end()) {
        add(node, where, "there is no rule '" + shortened(name) + "'", remedy_for(name));
        continue;
      }
      if (std::ranges::find(out, found->second) != out.end()) {
        add(node, where, "'" + name + "' stands twice", "leave one of them out");
      } else {
        out.push_back(found->second);
      }
    }
    std::ranges::sort(out);
  }

  std::string remedy_for(const std::string& name) const {
    constexpr std::size_t kFew = 20;
    if (!rule_names_.empty() && rule_names_.size() <= kFew) return did_you_mean(name, rule_names_);
    return "vigie rules check lists the rules of a file";
  }

  template <typename Choice, std::size_t Count>
  std::optional<Choice> choice(const YAML::Node& node, const std::string& where,
                               const std::array<Choice, Count>& choices) {
    std::array<std::string_view, Count> names;
    std::ranges::transform(choices, names.begin(), [](Choice c) { return to_string(c); });
    const auto found = std::ranges::find(names, scalar_of(node));
    if (found != names.end()) return choices[static_cast<std::size_t>(found - names.begin())];
    add(node, where, "'" + shortened(scalar_of(node)) + "' is none of its values",
        did_you_mean(scalar_of(node), names));
    return std::nullopt;
  }

  rules::YamlProblems problems_;
  std::vector<std::string_view> rule_names_;
  std::unordered_map<std::string_view, std::uint32_t> places_;  // of rule_names_
  std::size_t events_ = 0;
};

}  // namespace

std::expected<RuleCases, std::vector<Error>> parse_rule_cases(std::string_view yaml, std::string_view file,
                                                              const rules::Ruleset& set) {
  const auto root = rules::read_yaml(yaml, file, kMostCaseFileBytes);
  if (!root) return std::unexpected(root.error());
  Reader reader(file, set);
  RuleCases cases = reader.read(*root);
  if (!reader.problems().none()) return std::unexpected(std::move(reader.problems()).sorted());
  return cases;
}

}  // namespace vigie::decision
