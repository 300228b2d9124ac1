#include "model/scorecard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace vigie::model {
namespace {

using testing::HasSubstr;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

Scorecard two_fields() {
  return {.fields = {{.name = "age",
                      .trend = Trend::kFalling,
                      .edges = {30, 50},
                      .bins = {{.log_odds = 0.5}, {.log_odds = 0}, {.log_odds = -0.5}, {.log_odds = 0.1}}},
                     {.name = "late",
                      .edges = {0},
                      .special = {96, 98},
                      .bins = {{.log_odds = -0.3}, {.log_odds = 0.9}, {.log_odds = 2}, {.log_odds = 3}, {}}}},
          .intercept = -3};
}

TEST(Scorecard, AValueFallsIntoTheRangeThatEndsWithIt) {
  const Scorecard scorecard = two_fields();
  const ScorecardField& age = scorecard.fields[0];
  for (const auto& [value, bin] : std::vector<std::pair<double, std::size_t>>{{-kInfinite, 0},
                                                                              {18, 0},
                                                                              {30, 0},
                                                                              {std::nextafter(30, 31), 1},
                                                                              {50, 1},
                                                                              {51, 2},
                                                                              {kInfinite, 2},
                                                                              {kMissing, 3}}) {
    EXPECT_EQ(age.bin_of(value), bin) << value;
  }
  const ScorecardField& late = scorecard.fields[1];
  for (const auto& [value, bin] :
       std::vector<std::pair<double, std::size_t>>{{0, 0}, {1, 1}, {95, 1}, {96, 2}, {97, 1}, {98, 3}, {kMissing, 4}}) {
    EXPECT_EQ(late.bin_of(value), bin) << value;
  }
}

TEST(Scorecard, TheMarginIsTheSumOfItsBins) {
  EXPECT_DOUBLE_EQ(two_fields().margin(std::vector<double>{25, 96}), -3 + 0.5 + 2);
  EXPECT_DOUBLE_EQ(two_fields().margin(std::vector<double>{kMissing, kMissing}), -3 + 0.1);
}

TEST(PointScale, SixHundredPointsAreTwentyToOneAndFiftyDouble) {
  const PointScale scale;
  EXPECT_NEAR(scale(-std::log(20.0)), 600, 1e-9);
  EXPECT_NEAR(scale(-std::log(40.0)), 650, 1e-9);
  EXPECT_NEAR(scale(-std::log(10.0)), 550, 1e-9);
  EXPECT_EQ(scale(100), 300) << "cut off";
  EXPECT_EQ(scale(-100), 850);
  EXPECT_LT(scale.points_of(100), 300);
}

TEST(Scorecard, WhatCannotBeScoredIsRefused) {
  EXPECT_TRUE(validate(two_fields()));
  const auto error = [](auto change) {
    Scorecard scorecard = two_fields();
    change(scorecard);
    const Status status = validate(scorecard);
    return status ? std::string() : status.error().to_string();
  };
  EXPECT_THAT(error([](auto& s) { s.fields.clear(); }), HasSubstr("fields: there are none"));
  EXPECT_THAT(error([](auto& s) { s.fields[1].name = "age"; }), HasSubstr("fields[1].name: \"age\" is there twice"));
  EXPECT_THAT(error([](auto& s) { s.fields[0].name.clear(); }), HasSubstr("fields[0].name: it is empty"));
  EXPECT_THAT(error([](auto& s) { s.fields[0].edges = {50, 30}; }), HasSubstr("edge 1 is not above the one before"));
  EXPECT_THAT(error([](auto& s) { s.fields[0].edges[1] = kInfinite; }), HasSubstr("edge 1 is not finite"));
  EXPECT_THAT(error([](auto& s) { s.fields[1].special = {96, 96}; }), HasSubstr("twice"));
  EXPECT_THAT(error([](auto& s) { s.fields[1].special[0] = kMissing; }), HasSubstr("not finite"));
  EXPECT_THAT(error([](auto& s) { s.fields[0].bins.pop_back(); }), HasSubstr("3 bins where"));
  EXPECT_THAT(error([](auto& s) { s.fields[0].bins[2].log_odds = kMissing; }), HasSubstr("fields[0].bins"));
  EXPECT_THAT(error([](auto& s) { s.fields[0].bins[2].bad = -1; }), HasSubstr("weight negative"));
  EXPECT_THAT(error([](auto& s) { s.fields[0].information_value = kInfinite; }), HasSubstr("information_value"));
  EXPECT_THAT(error([](auto& s) { s.intercept = kMissing; }), HasSubstr("intercept"));
  EXPECT_THAT(error([](auto& s) { s.scale.odds = 0; }), HasSubstr("scale"));
  EXPECT_THAT(error([](auto& s) { s.scale.least = 850; }), HasSubstr("least must be below most"));
}

}  // namespace
}  // namespace vigie::model
