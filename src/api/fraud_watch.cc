#include "api/fraud_watch.h"

namespace vigie::api {
namespace {

void count(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

FraudWatch::Rules FraudWatch::rules_of(const rules::Ruleset& set) {
  const std::scoped_lock lock(mutex_);
  Rules found;
  found.reserve(set.rules().size());
  for (const rules::Rule& rule : set.rules()) {
    std::unique_ptr<Rule>& mine = rules_[rule.name];
    if (mine == nullptr) mine = std::make_unique<Rule>();
    mine->told.store(false, std::memory_order_relaxed);
    found.push_back(mine.get());
  }
  return found;
}

void FraudWatch::saw(const rules::Verdict& verdict, const rules::Ruleset& set, const Rules& rules) const {
  for (const rules::Hit& hit : verdict.hits) count(hit.shadow ? rules[hit.rule]->shadow : rules[hit.rule]->fired);
  for (const rules::RuleError& error : verdict.errors) {
    Rule& rule = *rules[error.rule];
    count(rule.errors);
    if (!rule.told.load(std::memory_order_relaxed) && !rule.told.exchange(true)) {
      tell("warn", "a rule cannot be evaluated for some transactions; told once for each rule, and counted in /metrics",
           describe(error, set, false));
    }
  }
}

void FraudWatch::answered(history::Outcome outcome) {
  count(events_[static_cast<std::size_t>(outcome)]);
  answered();
}

void FraudWatch::answered() {
  if (!fails_.load(std::memory_order_relaxed)) [[likely]]
    return;
  if (fails_.exchange(false)) tell("info", "the history answers again", {});
}

void FraudWatch::failed(const Error& error) {
  count(failures_);
  if (!fails_.exchange(true)) {
    tell("error", "the history fails, and /fraude and /labels with it; told once until it answers again",
         error.to_string());
  }
}

FraudWatch::Snapshot FraudWatch::snapshot() const {
  Snapshot all;
  for (std::size_t i = 0; i < events_.size(); ++i) all.events[i] = events_[i].load(std::memory_order_relaxed);
  all.failures = failures_.load(std::memory_order_relaxed);
  const std::scoped_lock lock(mutex_);
  for (const auto& [name, rule] : rules_) {
    all.rules.push_back({.name = name,
                         .fired = rule->fired.load(std::memory_order_relaxed),
                         .shadow = rule->shadow.load(std::memory_order_relaxed),
                         .errors = rule->errors.load(std::memory_order_relaxed)});
  }
  return all;
}

void FraudWatch::tell(std::string_view level, std::string_view message, std::string_view reason) const {
  if (tell_) tell_(level, message, reason);
}

}  // namespace vigie::api
