// What those who run the server are told of /fraude: whether its history answers, what became of events, and which
// rules fire, fire as shadows only, or cannot be evaluated. It outlives reloads, and so do its counts.
//
//   FraudWatch watch(tell);                    // tell("error", "the history ...", why)
//   const auto rules = watch.rules_of(set);    // once for each set
//   watch.answered(outcome); watch.saw(verdict, set, rules);
//   if (!decided) watch.failed(decided.error());
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "history/history.h"
#include "rules/ruleset.h"

namespace vigie::api {

class FraudWatch {
 public:
  // `level`: "info", "warn" or "error". On any thread.
  using Tell = std::function<void(std::string_view level, std::string_view message, std::string_view reason)>;

  explicit FraudWatch(Tell tell = {}) : tell_(std::move(tell)) {}

  // Of one rule's name, as long as the server runs.
  struct Rule {
    std::atomic<std::uint64_t> fired{0};
    std::atomic<std::uint64_t> shadow{0};  // it would have fired
    std::atomic<std::uint64_t> errors{0};
    std::atomic<bool> told{false};  // of an error, since the rules were read
  };
  using Rules = std::vector<Rule*>;  // in the order of a set

  Rules rules_of(const rules::Ruleset& set);
  void saw(const rules::Verdict& verdict, const rules::Ruleset& set, const Rules& rules) const;

  // The history did its part of a decision or a label, or it did not. Told when that changes.
  void answered(history::Outcome outcome);
  void answered();
  void failed(const Error& error);
  bool history_fails() const { return fails_.load(std::memory_order_relaxed); }

  static constexpr std::array kOutcomes = {history::Outcome::kCounted, history::Outcome::kDuplicate,
                                           history::Outcome::kLate, history::Outcome::kAhead};
  struct Snapshot {
    struct Rule {
      std::string name;
      std::uint64_t fired = 0;
      std::uint64_t shadow = 0;
      std::uint64_t errors = 0;
    };
    std::array<std::uint64_t, kOutcomes.size()> events{};  // in the order of kOutcomes
    std::uint64_t failures = 0;
    std::vector<Rule> rules;  // by name
  };
  Snapshot snapshot() const;

 private:
  void tell(std::string_view level, std::string_view message, std::string_view reason) const;

  Tell tell_;
  std::array<std::atomic<std::uint64_t>, kOutcomes.size()> events_{};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<bool> fails_{false};
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Rule>> rules_;
};

}  // namespace vigie::api
