#include "model/combination.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

namespace vigie::model {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kNoBound = std::numeric_limits<double>::infinity();

using testing::HasSubstr;

Combination two_terms(double first, double second) {
  Combination combination;
  combination.terms = {{.member = "isolation_forest", .weight = first}, {.member = "xgboost", .weight = second}};
  return combination;
}

TEST(CombinationTest, BlendsProbabilitiesByWeight) {
  auto blend = two_terms(0.4, 0.6);
  EXPECT_DOUBLE_EQ(blend(std::vector{0.5, 0.25}), 0.35);
  blend.terms[0].transform = {.kind = Transform::Kind::kMinMax, .low = 0.3, .high = 0.8};
  EXPECT_DOUBLE_EQ(blend(std::vector{0.55, 0.25}), 0.4 * 0.5 + 0.6 * 0.25);
  EXPECT_DOUBLE_EQ(blend(std::vector{0.9, 0.0}), 0.4);  // clamped at the top
  EXPECT_DOUBLE_EQ(blend(std::vector{0.1, 0.0}), 0.0);  // and at the bottom
}

TEST(CombinationTest, BlendsLogits) {
  auto blend = two_terms(1, 2);
  blend.space = Combination::Space::kLogit;
  blend.intercept = -1;
  const double expected = 1 / (1 + std::exp(-(-1 + std::log(0.2 / 0.8) + 2 * std::log(0.7 / 0.3))));
  EXPECT_NEAR(blend(std::vector{0.2, 0.7}), expected, 1e-15);
}

TEST(CombinationTest, PiecewiseLinearIsFlatOutsideAndExactAtItsPoints) {
  const Transform transform{.kind = Transform::Kind::kPiecewiseLinear, .x = {0.1, 0.2, 0.6}, .y = {0.0, 0.5, 0.7}};
  EXPECT_EQ(transform(-1), 0.0);
  EXPECT_EQ(transform(0.1), 0.0);
  EXPECT_EQ(transform(0.2), 0.5);
  EXPECT_NEAR(transform(0.4), 0.6, 1e-15);
  EXPECT_EQ(transform(0.6), 0.7);
  EXPECT_EQ(transform(1), 0.7);
  const Transform point{.kind = Transform::Kind::kPiecewiseLinear, .x = {0.5}, .y = {0.25}};
  EXPECT_EQ(point(0), 0.25);
  EXPECT_EQ(point(1), 0.25);
}

TEST(CombinationTest, SigmoidAndLogitStayFiniteAtTheEnds) {
  EXPECT_EQ(sigmoid(1e308), 1);
  EXPECT_EQ(sigmoid(-1e308), 0);
  EXPECT_DOUBLE_EQ(logit(0), std::log(1e-9 / (1 - 1e-9)));
  EXPECT_EQ(logit(-5), logit(0));
  EXPECT_EQ(logit(1), logit(2));
  EXPECT_NEAR(sigmoid(logit(0.3)), 0.3, 1e-15);
}

TEST(CombinationTest, RefusesWhatHasNoValue) {
  EXPECT_THAT(validate(Combination{}).error().to_string(), HasSubstr("combination.terms: there are none"));
  const auto refusal = [](auto change) {
    auto blend = two_terms(0.4, 0.6);
    change(blend);
    const auto status = validate(blend);
    return status ? "accepted" : status.error().to_string();
  };
  EXPECT_EQ(refusal([](Combination&) {}), "accepted");
  EXPECT_THAT(refusal([](Combination& c) { c.terms[1].weight = kNan; }), HasSubstr("combination.terms[1].weight"));
  EXPECT_THAT(refusal([](Combination& c) { c.terms[1].weight = 1e300; }), HasSubstr("combination.terms[1].weight"));
  EXPECT_THAT(refusal([](Combination& c) { c.terms[1].member = ""; }), HasSubstr("combination.terms[1].member"));
  EXPECT_THAT(refusal([](Combination& c) { c.terms[1].member = "isolation_forest"; }), HasSubstr("has a term already"));
  EXPECT_THAT(refusal([](Combination& c) { c.intercept = kNoBound; }), HasSubstr("combination.intercept"));
  const auto with = [&](Transform transform) { return refusal([&](Combination& c) { c.calibration = transform; }); };
  using Kind = Transform::Kind;
  EXPECT_THAT(with({.kind = Kind::kMinMax, .low = 1, .high = 1}), HasSubstr("low must be below high"));
  EXPECT_THAT(with({.kind = Kind::kMinMax, .low = kNan, .high = 1}), HasSubstr("low must be below high"));
  EXPECT_THAT(with({.kind = Kind::kLogistic, .slope = -1}), HasSubstr("the slope at least 0"));
  EXPECT_THAT(with({.kind = Kind::kPiecewiseLinear}), HasSubstr("at least one"));
  EXPECT_THAT(with({.kind = Kind::kPiecewiseLinear, .x = {1, 2}, .y = {1}}), HasSubstr("as many y as x"));
  EXPECT_THAT(with({.kind = Kind::kPiecewiseLinear, .x = {1, 1}, .y = {0, 1}}), HasSubstr("x of point 1"));
  EXPECT_THAT(with({.kind = Kind::kPiecewiseLinear, .x = {0, 1}, .y = {1, 0}}), HasSubstr("y of point 1"));
  EXPECT_THAT(with({.kind = Kind::kPiecewiseLinear, .x = {0, 1}, .y = {0, kNoBound}}), HasSubstr("point 1 is not"));
}

double any_share() { return *rc::gen::inRange(0, 1'000'001) / 1e6; }

Transform any_transform() {
  Transform transform;
  transform.kind = *rc::gen::element(Transform::Kind::kIdentity, Transform::Kind::kMinMax, Transform::Kind::kLogistic,
                                     Transform::Kind::kPiecewiseLinear);
  transform.low = any_share();
  transform.high = transform.low + 0.001 + any_share();
  transform.slope = 3 * any_share();
  transform.intercept = 8 * any_share() - 4;
  const int points = *rc::gen::inRange(1, 20);
  double x = 0, y = 0;
  for (int i = 0; i < points; ++i) {
    transform.x.push_back(x += 1e-6 + any_share() / 10);
    transform.y.push_back(y += *rc::gen::element(0, 1) * any_share() / 10);
  }
  return transform;
}

// What the blend is trusted for: a member that is surer of fraud never makes the answer less sure.
RC_GTEST_PROP(CombinationProperty, RisingMembersNeverLowerTheScore, ()) {
  auto blend = two_terms(any_share(), any_share());
  for (auto& term : blend.terms) term.transform = any_transform();
  blend.calibration = any_transform();
  if (*rc::gen::arbitrary<bool>()) blend.space = Combination::Space::kLogit;
  blend.intercept = any_share();
  RC_ASSERT(validate(blend).has_value());
  const double first = any_share(), second = any_share();
  const double rise = any_share() * *rc::gen::element(1e-12, 1e-6, 1.0);
  const double score = blend(std::vector{first, second});
  RC_ASSERT(std::isfinite(score));
  // exp and log of the C library are accurate to about an ulp but not proven monotone to the last bit.
  RC_ASSERT(blend(std::vector{first + rise, second}) >= score - 1e-12);
  RC_ASSERT(blend(std::vector{first, second + rise}) >= score - 1e-12);
}

}  // namespace
}  // namespace vigie::model
