#include "training/combine.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "base/random.h"
#include "training/calibration.h"
#include "training/metrics.h"

namespace vigie::training {
namespace {

double precision(std::span<const double> scores, std::span<const std::uint8_t> labels,
                 std::span<const double> weights) {
  return average_precision(rank(scores, labels, weights));
}

TEST(Weighted, IsTheWeightedSumOfScaledMembers) {
  const std::array<WeightedTerm, 2> terms = {
      {{.member = "isolation_forest", .weight = 0.4, .scaled = true, .low = 0.3, .high = 0.8},
       {.member = "xgboost", .weight = 0.6}}};
  const auto combination = combine_weighted(terms);
  ASSERT_TRUE(combination);
  ASSERT_TRUE(model::validate(*combination));
  EXPECT_DOUBLE_EQ((*combination)(std::array{0.55, 0.2}), 0.4 * 0.5 + 0.6 * 0.2);
  EXPECT_DOUBLE_EQ((*combination)(std::array{0.1, 0.0}), 0);  // clamped below the training range
  EXPECT_DOUBLE_EQ((*combination)(std::array{0.99, 1.0}), 1);
  EXPECT_EQ(combination->terms[0].weight, 0.4);  // as given, to the bit
}

TEST(Weighted, OtherSumsAreBroughtToOne) {
  const std::array<WeightedTerm, 2> terms = {{{.member = "a", .weight = 2}, {.member = "b", .weight = 6}}};
  const auto combination = combine_weighted(terms);
  ASSERT_TRUE(combination);
  EXPECT_DOUBLE_EQ((*combination)(std::array{1.0, 1.0}), 1);
  EXPECT_DOUBLE_EQ(combination->terms[1].weight, 0.75);
}

TEST(Weighted, RefusesNegativeNotFiniteAndNothing) {
  for (const auto& [a, b] : {std::pair{-0.1, 1.0}, {std::nan(""), 1.0}, {0.0, 0.0}}) {
    const std::array<WeightedTerm, 2> terms = {{{.member = "a", .weight = a}, {.member = "b", .weight = b}}};
    const auto refused = combine_weighted(terms);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().place.field, "weights");
  }
}

TEST(Weighted, AMemberThatNeverVariedIsNoDivisionByZero) {
  const std::array<WeightedTerm, 1> terms = {{{.member = "a", .weight = 1, .scaled = true, .low = 0.5, .high = 0.5}}};
  const auto combination = combine_weighted(terms);
  ASSERT_TRUE(combination && model::validate(*combination));
  EXPECT_EQ((*combination)(std::array{0.5}), 0);
}

TEST(Auto, NeedsABlendToEarnItsPlace) {
  // The second member ranks well; the first adds nothing but noise.
  Random random(1);
  std::array<MemberScores, 2> members = {{{"noise", {}}, {"good", {}}}};
  std::vector<std::uint8_t> labels;
  for (int i = 0; i < 5000; ++i) {
    labels.push_back(random.bernoulli(0.05) ? 1 : 0);
    members[0].scores.push_back(random.uniform());
    members[1].scores.push_back(model::sigmoid(random.normal(labels.back() * 3.0 - 2, 1)));
  }
  const auto combination = combine_auto(members, labels, {});
  ASSERT_TRUE(combination);
  EXPECT_EQ(combination->terms[0].weight, 0);
  EXPECT_EQ(combination->method, "auto");
}

TEST(Auto, BlendsMembersThatKnowDifferentThings) {
  Random random(2);
  std::array<MemberScores, 2> members = {{{"a", {}}, {"b", {}}}};
  std::vector<std::uint8_t> labels;
  for (int i = 0; i < 8000; ++i) {
    labels.push_back(random.bernoulli(0.05) ? 1 : 0);
    for (auto& member : members) member.scores.push_back(model::sigmoid(random.normal(labels.back() * 2.0 - 3, 1)));
  }
  const auto combination = combine_auto(members, labels, {});
  ASSERT_TRUE(combination);
  EXPECT_GE(combination->terms[0].weight, 0.25);
  EXPECT_GE(combination->terms[1].weight, 0.25);
  const auto blend = combined_scores(*combination, members, 2);
  const double alone = std::max(precision(members[0].scores, labels, {}), precision(members[1].scores, labels, {}));
  EXPECT_GT(precision(blend, labels, {}), alone + 0.05);
  // A calibrated blend: what it says is what happens.
  double said = 0;
  double happened = 0;
  for (std::size_t i = 0; i < blend.size(); ++i) {
    said += blend[i];
    happened += labels[i];
  }
  EXPECT_NEAR(said / happened, 1, 0.02);
}

enum class Kind { kGood, kConstant, kAntiCorrelated, kNoise, kTies, kSeparating, kExtreme };

RC_GTEST_PROP(Auto, NeverRanksWorseThanTheBetterMember, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const auto count = *rc::gen::inRange<std::size_t>(4, 300);
  const double rate = *rc::gen::element(0.02, 0.2, 0.5);
  std::vector<std::uint8_t> labels;
  std::vector<double> weights;
  for (std::size_t i = 0; i < count; ++i) {
    labels.push_back(random.bernoulli(rate) ? 1 : 0);
    weights.push_back(labels.back() != 0 ? 1 : 7.04);
  }
  labels[0] = 1;
  labels[1] = 0;
  std::array<MemberScores, 2> members = {{{"a", {}}, {"b", {}}}};
  for (auto& member : members) {
    const auto kind = *rc::gen::element(Kind::kGood, Kind::kConstant, Kind::kAntiCorrelated, Kind::kNoise, Kind::kTies,
                                        Kind::kSeparating, Kind::kExtreme);
    for (std::size_t i = 0; i < count; ++i) {
      const double signal = labels[i] != 0 ? 1 : -1;
      double score = 0.5;
      if (kind == Kind::kGood) score = model::sigmoid(2 * signal + random.normal(0, 2));
      if (kind == Kind::kAntiCorrelated) score = model::sigmoid(-2 * signal + random.normal(0, 1));
      if (kind == Kind::kNoise) score = random.uniform();
      if (kind == Kind::kTies) score = std::round(3 * model::sigmoid(signal + random.normal(0, 2))) / 3;
      if (kind == Kind::kSeparating) score = 0.5 + 0.4 * signal + 0.01 * random.uniform();
      if (kind == Kind::kExtreme) score = random.uniform() * 1e-12;
      member.scores.push_back(score);
    }
  }
  const auto combination = combine_auto(members, labels, weights);
  RC_ASSERT(combination.has_value());
  RC_ASSERT(model::validate(*combination).has_value());
  const auto blend = combined_scores(*combination, members, 1);
  for (const double score : blend) RC_ASSERT(score >= 0 && score <= 1);
  for (const auto& member : members) {
    RC_ASSERT(precision(blend, labels, weights) >= precision(member.scores, labels, weights));
  }
}

TEST(Auto, RefusesOneClass) {
  const std::array<MemberScores, 2> members = {{{"a", {0.1, 0.2}}, {"b", {0.3, 0.4}}}};
  const std::vector<std::uint8_t> labels = {0, 0};
  const auto refused = combine_auto(members, labels, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalidData);
}

TEST(Platt, RecoversTheLineThatMadeTheLabels) {
  Random random(3);
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
  for (int i = 0; i < 200'000; ++i) {
    const double x = random.normal(-1, 2);
    scores.push_back(model::sigmoid(x));
    labels.push_back(random.bernoulli(model::sigmoid(0.7 * x - 0.5)) ? 1 : 0);
  }
  const auto platt = fit_platt(scores, labels, {});
  EXPECT_NEAR(platt.slope, 0.7, 0.02);
  EXPECT_NEAR(platt.intercept, -0.5, 0.02);
}

TEST(Platt, AWholeWeightIsARepeatedRow) {
  const std::vector<double> scores = {0.1, 0.7, 0.4, 0.9};
  const std::vector<std::uint8_t> labels = {0, 1, 1, 0};
  const std::vector<double> weights = {3, 1, 2, 1};
  const std::vector<double> repeated = {0.1, 0.1, 0.1, 0.7, 0.4, 0.4, 0.9};
  const std::vector<std::uint8_t> repeated_labels = {0, 0, 0, 1, 1, 1, 0};
  const auto a = fit_platt(scores, labels, weights);
  const auto b = fit_platt(repeated, repeated_labels, {});
  EXPECT_NEAR(a.slope, b.slope, 1e-6);
  EXPECT_NEAR(a.intercept, b.intercept, 1e-6);
}

TEST(Platt, SeparableAndUselessScoresHaveAFiniteFit) {
  const std::vector<std::uint8_t> labels = {0, 0, 1, 1};
  const auto separable = fit_platt(std::vector{0.1, 0.2, 0.8, 0.9}, labels, {});
  EXPECT_GT(separable.slope, 0);
  EXPECT_LT(separable.slope, 100);
  EXPECT_GT(separable(0.9), 0.6);
  EXPECT_LT(separable(0.1), 0.4);
  const auto constant = fit_platt(std::vector{0.3, 0.3, 0.3, 0.3}, labels, {});
  EXPECT_EQ(constant.slope, 0);
  EXPECT_NEAR(constant(0.3), 0.5, 1e-9);
  const auto backwards = fit_platt(std::vector{0.9, 0.8, 0.2, 0.1}, labels, {});
  EXPECT_EQ(backwards.slope, 0);
}

}  // namespace
}  // namespace vigie::training
