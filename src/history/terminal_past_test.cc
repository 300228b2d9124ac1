#include "history/terminal_past.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace vigie::history {
namespace {

constexpr std::int64_t kLongAgo = -(std::int64_t{1} << 40);
constexpr std::uint32_t kTime = 1'699'833'600;  // a full hour
constexpr auto kDelay = static_cast<std::uint32_t>(kRiskDelay);
constexpr auto kOneDay = static_cast<std::uint32_t>(kDay);

std::array<double, kFeatures> features_at(const TerminalPast& past, std::int64_t time) {
  std::array<double, kFeatures> row{};
  past.write_features(time, kLongAgo, row);
  return row;
}

TEST(TerminalFeatures, HandWorked) {
  TerminalPast past;
  for (const std::uint32_t days : {0U, 1U, 5U, 20U}) past.add(kTime - kDelay - days * kOneDay - 1, kLongAgo);
  past.add(kTime - kDelay - 20 * kOneDay - 1, kLongAgo);  // in the same second as the last one
  past.add(kTime - kDelay + 1, kLongAgo);                 // its label may not be known yet
  EXPECT_EQ(past.label(1, kTime - kDelay - 1, true, kLongAgo), LabelOutcome::kTaken);
  EXPECT_EQ(past.label(2, kTime - kDelay - 20 * kOneDay - 1, true, kLongAgo), LabelOutcome::kTaken);
  EXPECT_EQ(past.label(3, kTime - kDelay + 1, true, kLongAgo), LabelOutcome::kTaken);
  const auto row = features_at(past, kTime);
  EXPECT_EQ(row[kTerminalCount], 1);
  EXPECT_EQ(row[kTerminalCount + 1], 3);
  EXPECT_EQ(row[kTerminalCount + 2], 5);
  EXPECT_EQ(row[kTerminalRisk], 1);
  EXPECT_EQ(row[kTerminalRisk + 1], 1.0 / 3);
  EXPECT_EQ(row[kTerminalRisk + 2], 2.0 / 5);
}

TEST(TerminalFeatures, WindowsAreOpenAtTheirBeginning) {
  TerminalPast past;
  past.add(kTime, kLongAgo);
  EXPECT_EQ(features_at(past, std::int64_t{kTime} + kRiskDelay - 1)[kTerminalCount], 0);
  EXPECT_EQ(features_at(past, std::int64_t{kTime} + kRiskDelay)[kTerminalCount], 1);
  EXPECT_EQ(features_at(past, std::int64_t{kTime} + kRiskDelay + kDay - 1)[kTerminalCount], 1);
  EXPECT_EQ(features_at(past, std::int64_t{kTime} + kRiskDelay + kDay)[kTerminalCount], 0);
}

TEST(TerminalFeatures, WithoutUsesNoRiskAndWithoutATerminalNone) {
  const auto row = features_at(TerminalPast(), kTime);
  std::array<double, kFeatures> none{};
  TerminalPast::write_no_features(none);
  for (std::size_t i = kTerminalCount; i < kTerminalRisk + std::size_t{3}; ++i) {
    EXPECT_EQ(row[i], 0);
    EXPECT_TRUE(std::isnan(none[i]));
  }
}

TEST(Label, ComesAgainAndIsTakenBack) {
  TerminalPast past;
  past.add(kTime, kLongAgo);
  past.add(kTime, kLongAgo);
  const std::int64_t seen = std::int64_t{kTime} + kRiskDelay;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(past.label(1, kTime, true, kLongAgo), LabelOutcome::kTaken);
    EXPECT_EQ(features_at(past, seen)[kTerminalRisk], 0.5);
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(past.label(1, kTime, false, kLongAgo), LabelOutcome::kTaken);
    EXPECT_EQ(features_at(past, seen)[kTerminalRisk], 0);
  }
}

TEST(Label, OfNoEventOrATooOldOneIsNotTaken) {
  TerminalPast past;
  past.add(kTime, kLongAgo);
  EXPECT_EQ(past.label(1, kTime + 1, true, kLongAgo), LabelOutcome::kUnknown);
  EXPECT_EQ(past.label(1, kTime, true, kTime), LabelOutcome::kTooOld);
  EXPECT_TRUE(past.frauds().empty());
}

TEST(Label, OfManyIdsAtOneSecondLeavesAShareOfOne) {
  TerminalPast past;
  past.add(kTime, kLongAgo);
  for (std::uint64_t id = 0; id < kMostFrauds + 50; ++id) (void)past.label(id, kTime, true, kLongAgo);
  EXPECT_EQ(past.frauds().size(), kMostFrauds);
  EXPECT_EQ(past.frauds().front().id, 50U) << "the newest by (time, id) stay";
  EXPECT_EQ(features_at(past, std::int64_t{kTime} + kRiskDelay)[kTerminalRisk], 1);
}

TEST(TerminalPast, CountsByTheHourBeyondItsBound) {
  TerminalPast past;
  for (std::uint32_t i = 0; i < kMostSeconds; ++i) past.add(kTime + i * 10, kLongAgo);
  (void)past.label(1, kTime + 10, true, kLongAgo);
  EXPECT_FALSE(past.hourly());
  past.add(kTime + 1, kLongAgo);
  ASSERT_TRUE(past.hourly());
  EXPECT_EQ(past.uses().size(), 2U) << "512 uses every 10 s are 1 h 25 min";
  EXPECT_EQ(past.uses()[0], (Uses{.time = kTime, .count = 361}));
  const auto row = features_at(past, std::int64_t{kTime} + kRiskDelay);
  EXPECT_EQ(row[kTerminalCount], 361);
  EXPECT_EQ(row[kTerminalRisk], 1.0 / 361) << "a fraud counts where its use does";
  past.add(kTime + 100 * kOneDay, kTime + 50 * kOneDay);
  EXPECT_FALSE(past.hourly()) << "nothing of it is kept any more";
}

}  // namespace
}  // namespace vigie::history
