// The features that a client's and a terminal's past give one decision. Each is declared once, in the table behind
// features(): training, serving, rules and docs/history.md have their names, texts and units from there.
//
// A value that does not exist (a ratio without a past, a terminal's risk without a terminal) is NaN; flags are 0 or 1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vigie::history {

// A window of length W at an event of time t holds the events with t - W < time <= t, in whole seconds.
inline constexpr std::int64_t kHour = 3'600;
inline constexpr std::int64_t kDay = 24 * kHour;
inline constexpr std::array<std::int64_t, 4> kWindows = {kHour, kDay, 7 * kDay, 30 * kDay};
inline constexpr std::int64_t kLongestWindow = kWindows.back();
// Frauds come out late: a terminal's windows end this long before the event, at training and at serving alike.
inline constexpr std::int64_t kRiskDelay = 7 * kDay;
inline constexpr std::array<std::int64_t, 3> kRiskWindows = {kDay, 7 * kDay, 30 * kDay};

// What a feature is computed of, seen from the event that is decided on.
enum class Scope : std::uint8_t {
  kWithCurrent,  // the client's past and the event itself
  kPast,         // the client's past alone: what the event is compared with
  kCurrent,      // the event alone
  kDelayed,      // the terminal's past, up to kRiskDelay before the event
};
std::string_view to_string(Scope scope);  // "with_current", "past", "current", "delayed"

struct Feature {
  std::string_view name;
  Scope scope;
  std::string_view unit;
  std::string_view text_en;
  std::string_view text_fr;
  bool flag = false;  // 0 or 1
};

// Places in a row of features. Groups of four go by kWindows, groups of three by kRiskWindows.
enum Place : std::uint8_t {
  kCount = 0,
  kSum = kCount + 4,
  kMean = kSum + 4,
  kMaximum = kMean + 4,
  kTerminals = kMaximum + 4,
  kTypeCountDay = kTerminals + 4,
  kTypeSumDay,
  kTypeCountMonth,
  kSinceLast,
  kRatio,  // against the mean of 24 h, 7 d, 30 d
  kDeviations = kRatio + 3,
  kNight,
  kWeekend,
  kNewTerminal,
  kTerminalVisits,
  kNewCountry,
  kTerminalCount,
  kTerminalRisk = kTerminalCount + 3,
  kIncomplete = kTerminalRisk + 3,
  kFeatures,
};
using FeatureRow = std::span<double, kFeatures>;

// All of them, in the order of a row.
std::span<const Feature, kFeatures> features();
std::optional<std::size_t> find_feature(std::string_view name);

// The table of docs/history.md, in Markdown.
std::string feature_table();

}  // namespace vigie::history
