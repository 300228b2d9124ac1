#include "history/client_past.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace vigie::history {
namespace {

using domain::Event;

constexpr std::int64_t kLongAgo = -(std::int64_t{1} << 40);  // a horizon that nothing is behind
constexpr std::int64_t kMonday = 1'699'833'600;              // 2023-11-13 00:00 UTC
constexpr std::int64_t kNoon = kMonday + 12 * kHour;

std::array<double, kFeatures> features_of(const Event& event, const std::vector<Event>& others,
                                          std::int64_t horizon = kLongAgo) {
  ClientPast past;
  for (const Event& other : others) past.add(kept(other), horizon);
  std::array<double, kFeatures> row{};
  write_client_features(event, past, horizon, past.find(event.id, horizon), row);
  return row;
}

TEST(ClientFeatures, HandWorked) {
  const Event event{.id = 9, .terminal = 70, .cents = 6'000, .time = kNoon, .country = 5, .type = 1};
  const auto row =
      features_of(event, {
                             {.id = 1, .terminal = 70, .cents = 1'000, .time = kNoon - 20 * kDay, .type = 1},
                             {.id = 2, .terminal = 71, .cents = 2'000, .time = kNoon - 3 * kDay, .country = 5},
                             {.id = 3, .cents = 9'000, .time = kNoon - 5 * kHour, .type = 1},
                             {.id = 4, .terminal = 71, .cents = 4'000, .time = kNoon - 90, .type = 1},
                         });
  const std::array<double, 4> counts = {2, 3, 4, 5};
  const std::array<double, 4> sums = {100, 190, 210, 220};
  const std::array<double, 4> largest = {60, 90, 90, 90};
  const std::array<double, 4> terminals = {2, 2, 2, 2};
  for (std::size_t window = 0; window < 4; ++window) {
    EXPECT_EQ(row[kCount + window], counts[window]);
    EXPECT_EQ(row[kSum + window], sums[window]);
    EXPECT_DOUBLE_EQ(row[kMean + window], sums[window] / counts[window]);
    EXPECT_EQ(row[kMaximum + window], largest[window]);
    EXPECT_EQ(row[kTerminals + window], terminals[window]);
  }
  EXPECT_EQ(row[kTypeCountDay], 3);
  EXPECT_EQ(row[kTypeSumDay], 190);
  EXPECT_EQ(row[kTypeCountMonth], 4);
  EXPECT_EQ(row[kSinceLast], 90);
  EXPECT_DOUBLE_EQ(row[kRatio], 60.0 / 65);
  EXPECT_DOUBLE_EQ(row[kRatio + 1], 60.0 / 50);
  EXPECT_DOUBLE_EQ(row[kRatio + 2], 60.0 / 40);
  // 10, 20, 90, 40: mean 40, sample variance 3800 / 3.
  EXPECT_DOUBLE_EQ(row[kDeviations], 20 / std::sqrt(3'800.0 / 3));
  EXPECT_EQ(row[kNewTerminal], 0);
  EXPECT_EQ(row[kTerminalVisits], 1);
  EXPECT_EQ(row[kNewCountry], 0);
  EXPECT_EQ(row[kIncomplete], 0);
}

TEST(ClientFeatures, OfAClientWithoutAPast) {
  const auto row = features_of({.id = 1, .terminal = 7, .cents = 250, .time = kNoon, .country = 3}, {});
  for (std::size_t window = 0; window < 4; ++window) {
    EXPECT_EQ(row[kCount + window], 1);
    EXPECT_EQ(row[kSum + window], 2.5);
    EXPECT_EQ(row[kMean + window], 2.5);
    EXPECT_EQ(row[kMaximum + window], 2.5);
    EXPECT_EQ(row[kTerminals + window], 1);
  }
  for (const Place place : {kSinceLast, kRatio, kDeviations}) EXPECT_TRUE(std::isnan(row[place])) << int{place};
  EXPECT_EQ(row[kNewTerminal], 1);
  EXPECT_EQ(row[kNewCountry], 1);
}

TEST(ClientFeatures, WithoutTerminalAndCountry) {
  const Event event{.id = 2, .cents = 1, .time = kNoon};
  const auto row = features_of(event, {{.id = 1, .cents = 1, .time = kNoon - 1}});
  EXPECT_EQ(row[kTerminals + 3], 0);
  EXPECT_EQ(row[kNewTerminal], 0);
  EXPECT_EQ(row[kTerminalVisits], 0);
  EXPECT_EQ(row[kNewCountry], 0);
}

TEST(ClientFeatures, WindowsAreOpenAtTheirBeginning) {
  for (std::size_t window = 0; window < kWindows.size(); ++window) {
    const Event event{.id = 1, .cents = 1, .time = kNoon};
    EXPECT_EQ(features_of(event, {{.id = 2, .time = kNoon - kWindows[window]}})[kCount + window], 1);
    EXPECT_EQ(features_of(event, {{.id = 2, .time = kNoon - kWindows[window] + 1}})[kCount + window], 2);
    EXPECT_EQ(features_of(event, {{.id = 2, .time = kNoon}})[kCount + window], 2) << "a tie that came before";
    EXPECT_EQ(features_of(event, {{.id = 2, .time = kNoon + 1}})[kCount + window], 1) << "the future";
  }
}

TEST(ClientFeatures, DoNotCompareAnEventWithItself) {
  const Event event{.id = 1, .cents = 500, .time = kNoon};
  const auto row = features_of(event, {event, {.id = 2, .cents = 100, .time = kNoon - 10}});
  EXPECT_EQ(row[kCount], 2);
  EXPECT_EQ(row[kRatio], 5);
  EXPECT_EQ(row[kSinceLast], 10);
}

TEST(ClientFeatures, AmountsThatAreAllAlikeHaveADeviationOfACent) {
  std::vector<Event> past;
  for (std::uint64_t i = 0; i < 300; ++i)
    past.push_back({.id = i + 2, .cents = domain::kMostCents - 10, .time = kNoon});
  const auto row = features_of({.id = 1, .cents = domain::kMostCents, .time = kNoon}, past);
  EXPECT_EQ(row[kDeviations], 10);
}

TEST(ClientFeatures, NightAndWeekendAreOfUtc) {
  const auto at = [](std::int64_t time) { return features_of({.id = 1, .time = time}, {}); };
  EXPECT_EQ(at(kMonday)[kNight], 1);
  EXPECT_EQ(at(kMonday + 7 * kHour - 1)[kNight], 1);
  EXPECT_EQ(at(kMonday + 7 * kHour)[kNight], 0);
  EXPECT_EQ(at(kMonday + kDay - 1)[kNight], 0);
  EXPECT_EQ(at(kMonday)[kWeekend], 0);
  EXPECT_EQ(at(kMonday + 5 * kDay - 1)[kWeekend], 0);
  EXPECT_EQ(at(kMonday + 5 * kDay)[kWeekend], 1);
  EXPECT_EQ(at(kMonday - 1)[kWeekend], 1);
}

TEST(ClientPast, KeepsTheNewestAndSaysWhatItLetGo) {
  ClientPast past;
  for (std::uint64_t i = 0; i < kMostEvents + 3; ++i) {
    past.add(kept({.id = i, .time = kNoon + static_cast<std::int64_t>(i)}), kLongAgo);
  }
  ASSERT_EQ(past.events().size(), kMostEvents);
  EXPECT_EQ(past.events().front().id, 3U);
  EXPECT_EQ(past.let_go_until(), kNoon + 2);
  past.add(kept({.id = 9'999, .time = kNoon - 5}), kLongAgo);
  EXPECT_EQ(past.events().front().id, 3U) << "older than all that is kept";
  EXPECT_EQ(past.bytes(), kMostEvents * 24);

  std::array<double, kFeatures> row{};
  const Event next{.id = 10'000, .time = kNoon + 600};
  write_client_features(next, past, kLongAgo, std::nullopt, row);
  EXPECT_EQ(row[kIncomplete], 1);
  EXPECT_EQ(row[kCount + 3], kMostEvents + 1);
  const Event a_month_later{.id = 10'000, .time = kNoon + 2 + kLongestWindow};
  write_client_features(a_month_later, past, kLongAgo, std::nullopt, row);
  EXPECT_EQ(row[kIncomplete], 0);
}

TEST(ClientPast, GivesBackMemoryOfWhatExpired) {
  ClientPast past;
  for (std::uint64_t i = 0; i < 400; ++i) past.add(kept({.id = i, .time = kNoon}), kLongAgo);
  EXPECT_LE(past.bytes(), 500U * 24);
  const std::int64_t later = kNoon + 40 * kDay;
  for (std::uint64_t i = 0; i < 200; ++i) past.add(kept({.id = 1'000 + i, .time = later}), kNoon);
  EXPECT_EQ(past.events().size(), 200U);
  EXPECT_LE(past.bytes(), 250U * 24);
  EXPECT_FALSE(past.find(5, kNoon)) << "an id that expired may come again";
}

}  // namespace
}  // namespace vigie::history
