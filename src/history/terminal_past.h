// How often a terminal was used and which of that was fraud, for the share of frauds in windows that end kRiskDelay
// before an event.
//
// Uses are counted by the second. A terminal with more than kMostSeconds different seconds at a time is counted by the
// hour from then on, each use at its hour's first second, until nothing of it is kept any more.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "history/feature.h"

namespace vigie::history {

inline constexpr std::size_t kMostSeconds = 512;
// Of the windows, the risk delay, and the longest that a history waits for late and differs from early events.
inline constexpr std::size_t kMostHours = (30 + 7 + 7 + 2) * 24;
inline constexpr std::size_t kMostFrauds = 256;  // of one terminal, the newest by (time, id)

struct Uses {
  std::uint32_t time;
  std::uint32_t count;
  bool operator==(const Uses&) const = default;
};

struct Fraud {
  std::uint64_t id;
  std::uint32_t time;
  std::uint32_t reserved;  // 0
  bool operator==(const Fraud&) const = default;
};

enum class LabelOutcome : std::uint8_t {
  kTaken,    // or known already
  kTooOld,   // in nobody's window any more
  kUnknown,  // the terminal had no event at that time
};

std::string_view to_string(LabelOutcome outcome);  // "taken", "too_old", "unknown"

// Not for several threads at once.
class TerminalPast {
 public:
  // `time` is after `horizon`: what is not after it is given up.
  void add(std::uint32_t time, std::int64_t horizon);
  LabelOutcome label(std::uint64_t id, std::uint32_t time, bool fraud, std::int64_t horizon);

  // Counts and shares for an event at `time`. What is not after `horizon` is not looked at.
  void write_features(std::int64_t time, std::int64_t horizon, FeatureRow out) const;
  static void write_no_features(FeatureRow out);  // of an event without a terminal

  std::span<const Uses> uses() const { return uses_; }
  std::span<const Fraud> frauds() const { return frauds_; }
  bool hourly() const { return hourly_; }
  // For snapshots: both ascend, and are no more than add() and label() keep.
  void restore(std::span<const Uses> uses, std::span<const Fraud> frauds, bool hourly);

  std::size_t bytes() const { return uses_.capacity() * sizeof(Uses) + frauds_.capacity() * sizeof(Fraud); }
  std::uint32_t newest() const { return uses_.empty() ? 0 : uses_.back().time; }

 private:
  std::uint32_t counted_at(std::uint32_t time) const;
  void count_by_the_hour();

  std::vector<Uses> uses_;     // ascending by time, each once
  std::vector<Fraud> frauds_;  // ascending by (time, id)
  bool hourly_ = false;
};

}  // namespace vigie::history
