#include "decision/credit_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "decision/credit_texts.h"
#include "decision/random_credit_model.h"

namespace vigie::decision {
namespace {

using model::CreditClass;
using testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Age, income and unpaid debts; points that can be added up by hand: one unit of log odds is 50 / ln 2 = 72.1 points.
model::LoadedCreditModel plain_model() {
  model::LoadedCreditModel loaded;
  model::CreditModel& model = loaded.model;
  model.fields = {{.name = "age"}, {.name = "revenu"}, {.name = "historique_impaye"}};
  const double unit = std::log(2.0) / 50;  // log odds of one point
  const auto bin = [&](double points, double rows) {
    return model::ScorecardBin{.log_odds = -points * unit, .good = rows, .bad = 0};
  };
  model.scorecard.fields = {
      {.name = "age", .edges = {30}, .bins = {bin(-20, 50), bin(20, 50), bin(0, 0)}},
      {.name = "revenu", .edges = {12'000, 24'000}, .bins = {bin(-40, 25), bin(0, 50), bin(40, 25), bin(0, 0)}},
      {.name = "historique_impaye",
       .edges = {0, 2},
       .special = {98},
       .bins = {bin(30, 80), bin(-50, 10), bin(-120, 10), bin(-70, 0), bin(0, 0)}}};
  model.scorecard.intercept = model.scorecard.scale.margin_at(600);
  Random random(1);
  model.boosted.forest = scoring::random_forest({.features = 3, .trees = 3, .depth = 2}, random);
  model.calibration = {.kind = model::Transform::Kind::kLogistic, .slope = 1, .intercept = 0};
  return loaded;
}

ApplicantRow plain_applicant(double age, double revenu, double impayes) {
  ApplicantRow row;
  row.fill(kNan);
  row[schema::kAge] = age;
  row[schema::kRevenu] = revenu;
  row[schema::kImpayes] = impayes;
  return row;
}

TEST(CreditServiceTest, ADecisionByHand) {
  const auto service = CreditService::make(plain_model());
  ASSERT_TRUE(service) << service.error().to_string();
  // 600 - 20 (age) - 40 (income) - 50 (one unpaid debt) = 490: class D.
  const CreditDecision decision = (*service)->decide(plain_applicant(25, 10'000, 1));
  EXPECT_NEAR(decision.points, 490, 1e-9);
  EXPECT_EQ(decision.credit_class, CreditClass::kD);
  EXPECT_EQ(decision.outcome, model::CreditOutcome::kStudied);
  const double odds = 20 * std::pow(2.0, -110.0 / 50);
  EXPECT_NEAR(decision.score, odds / (1 + odds), 1e-12);
  EXPECT_NEAR(decision.default_probability, 1 / (1 + odds), 1e-12);
  // On average: age 0, income 0, unpaid debts 0.8 * 30 - 0.1 * 50 - 0.1 * 120 = 7.
  ASSERT_EQ(decision.reason_count, 3u);
  EXPECT_EQ(reason_code(decision.reasons[0]), "historique_impaye_eleve");
  EXPECT_NEAR(decision.reasons[0].points_lost, 57, 1e-9);
  EXPECT_EQ(decision.reasons[0].wanted, (WantedValues{0, 0}));
  EXPECT_FALSE(decision.reasons[0].reaches) << "570 points are not class C";
  EXPECT_EQ(reason_text(decision.reasons[0], false),
            "Unpaid debts until now: 1, that is high; at 0, no points would be lost.");
  EXPECT_EQ(reason_code(decision.reasons[1]), "revenu_bas");
  EXPECT_NEAR(decision.reasons[1].points_lost, 40, 1e-9);
  EXPECT_EQ(decision.reasons[1].wanted, (WantedValues{12'001, kInfinity}));
  EXPECT_EQ(reason_text(decision.reasons[1], false),
            "Income in a year: 10,000, that is low; from 12,001 on, no points would be lost.");
  EXPECT_EQ(reason_code(decision.reasons[2]), "age_bas");
  EXPECT_FALSE(decision.reasons[2].wanted) << "nobody can change his age";
  EXPECT_EQ(reason_text(decision.reasons[2], true), "Âge (25\u00A0ans)\u00A0: valeur basse, moins favorable.");
  EXPECT_EQ(credit_message(decision, true),
            "Dossier à étudier par une personne\u00A0: 490 points, classe D, probabilité de remboursement de "
            "81,3\u00A0%.");
}

TEST(CreditServiceTest, TheSmallestChangeReachesTheNextClass) {
  const auto service = CreditService::make(plain_model());
  ASSERT_TRUE(service);
  // 600 + 20 + 0 - 50 = 570: 30 points to class C, which 24,000 and more or no unpaid debt give.
  const CreditDecision decision = (*service)->decide(plain_applicant(40, 20'000, 1));
  EXPECT_EQ(decision.credit_class, CreditClass::kD);
  ASSERT_EQ(decision.reason_count, 1u);
  EXPECT_EQ(decision.reasons[0].wanted, (WantedValues{0, 0}));
  EXPECT_EQ(decision.reasons[0].reaches, CreditClass::kC);
  EXPECT_EQ(reason_text(decision.reasons[0], true),
            "Impayés jusqu’ici (1)\u00A0: valeur élevée, moins favorable\u00A0; avec 0, la classe C serait atteinte.");
  // The special value has no neighbours: nothing is promised.
  const CreditDecision special = (*service)->decide(plain_applicant(40, 20'000, 98));
  ASSERT_EQ(special.reason_count, 1u);
  EXPECT_EQ(reason_code(special.reasons[0]), "historique_impaye_particulier");
  EXPECT_FALSE(special.reasons[0].wanted);
}

// Where the risk turns, the nearest better value may lie on the wrong side: nobody is told to earn less.
TEST(CreditServiceTest, WhatIsWantedIsWhereTheReasonSaysItIs) {
  model::LoadedCreditModel loaded = plain_model();
  // The poorest have good points as well; 20,000 is bad, and better from 24,000 on.
  loaded.model.scorecard.fields[1].trend = model::Trend::kPeak;
  loaded.model.scorecard.fields[1].bins[0].log_odds = -std::log(2.0) / 50 * 45;
  loaded.model.scorecard.fields[1].bins[1].log_odds = std::log(2.0) / 50 * 70;
  const auto service = CreditService::make(loaded);
  ASSERT_TRUE(service);
  for (const double income : {13'000.0, 17'000.0, 23'000.0}) {
    const CreditDecision decision = (*service)->decide(plain_applicant(40, income, 0));
    ASSERT_GE(decision.reason_count, 1u);
    const CreditReason& reason = decision.reasons[0];
    EXPECT_EQ(reason.field, schema::kRevenu);
    ASSERT_TRUE(reason.wanted);
    EXPECT_EQ(reason.wanted->nearest > income, reason.kind == CreditReason::Kind::kLow);
  }
}

TEST(CreditServiceTest, ThresholdsMayBeGiven) {
  const auto strict = CreditService::make(plain_model(), {.low = 400, .accepted = 700});
  ASSERT_TRUE(strict);
  EXPECT_EQ((*strict)->decide(plain_applicant(40, 30'000, 0)).credit_class, CreditClass::kD);  // 690 < 700
  EXPECT_EQ((*strict)->decide(plain_applicant(25, 10'000, 1)).credit_class, CreditClass::kE);  // 490 < 550
  EXPECT_EQ((*strict)->thresholds().excellent, 800) << "as the package has it";
  const auto error = [](const GivenThresholds& given) {
    const auto service = CreditService::make(plain_model(), given);
    return service ? "accepted" : service.error().to_string();
  };
  EXPECT_THAT(error({.low = 700}), HasSubstr("low, accepted, excellent"));
  EXPECT_THAT(error({.excellent = 900}),
              HasSubstr("thresholds.excellent: 900 is beyond the scale of points, which is 300 to 850"));
  EXPECT_THAT(error({.low = 100}), HasSubstr("thresholds.refuse: 100 is beyond"));
}

TEST(CreditServiceTest, ThePackagesThresholdsDecideWhereNoneAreGiven) {
  model::LoadedCreditModel loaded = plain_model();
  loaded.model.thresholds = {400, 700, 800};
  const auto service = CreditService::make(loaded);
  ASSERT_TRUE(service);
  EXPECT_EQ((*service)->thresholds(), (model::CreditThresholds{400, 700, 800}));
  EXPECT_EQ((*service)->decide(plain_applicant(40, 30'000, 0)).credit_class, CreditClass::kD);  // 690 < 700
}

// Where the risk turns back, only a part of what is beyond does what the nearest value does.
TEST(CreditServiceTest, AValleyIsSaidAsARange) {
  model::LoadedCreditModel loaded = plain_model();
  const double unit = std::log(2.0) / 50;
  loaded.model.scorecard.fields[2] = {.name = "historique_impaye",
                                      .trend = model::Trend::kValley,
                                      .edges = {0, 6},
                                      .special = {4},
                                      .bins = {{.log_odds = 50 * unit, .good = 50},
                                               {.log_odds = -60 * unit, .good = 50},
                                               {.log_odds = 50 * unit, .good = 50},
                                               {.log_odds = 50 * unit},
                                               {}}};
  const auto service = CreditService::make(loaded);
  ASSERT_TRUE(service);
  // 600 + 20 + 40 - 50 = 610; with some unpaid debts 720: class B. 4 is a special value.
  const CreditDecision low = (*service)->decide(plain_applicant(40, 30'000, 0));
  ASSERT_EQ(low.reason_count, 1u);
  EXPECT_EQ(low.reasons[0].wanted, (WantedValues{1, 3}));
  EXPECT_EQ(reason_text(low.reasons[0], false),
            "Unpaid debts until now: 0, that is low; from 1 to 3, class B would be reached.");
  const CreditDecision high = (*service)->decide(plain_applicant(40, 30'000, 8));
  EXPECT_EQ(
      reason_text(high.reasons[0], true),
      "Impayés jusqu’ici (8)\u00A0: valeur élevée, moins favorable\u00A0; de 5 à 6, la classe B serait atteinte.");
}

// The class that is promised is the one that the points give, be it two better.
TEST(CreditServiceTest, APromiseIsOfTheClassThatIsReached) {
  model::LoadedCreditModel loaded = plain_model();
  loaded.model.scorecard.fields[2].bins[0].log_odds = -std::log(2.0) / 50 * 100;
  const auto service = CreditService::make(loaded);
  ASSERT_TRUE(service);
  // 600 + 20 + 40 - 120 = 540; with 1 or 2 unpaid debts 610, with none 760.
  const CreditDecision decision = (*service)->decide(plain_applicant(40, 30'000, 5));
  EXPECT_EQ(decision.credit_class, CreditClass::kD);
  EXPECT_EQ(decision.reasons[0].wanted, (WantedValues{2, 1}));
  EXPECT_EQ(decision.reasons[0].reaches, CreditClass::kC);
  loaded.model.scorecard.fields[2].bins[1].log_odds = std::log(2.0) / 50 * 121;
  const auto steep = CreditService::make(loaded);
  ASSERT_TRUE(steep);
  const CreditDecision jump = (*steep)->decide(plain_applicant(40, 30'000, 5));
  EXPECT_EQ(jump.reasons[0].wanted, (WantedValues{0, 0}));
  EXPECT_EQ(jump.reasons[0].reaches, CreditClass::kB);
}

TEST(CreditServiceTest, PointsThatAreShownDecide) {
  model::LoadedCreditModel loaded = plain_model();
  loaded.model.scorecard.intercept = loaded.model.scorecard.scale.margin_at(559.7);
  const auto service = CreditService::make(loaded);
  ASSERT_TRUE(service);
  // 559.7 - 20 - 40 - 50 = 449.7: rounded it would be class D.
  const CreditDecision decision = (*service)->decide(plain_applicant(25, 10'000, 1));
  EXPECT_EQ(decision.points, 449);
  EXPECT_EQ(decision.credit_class, CreditClass::kE);
  EXPECT_THAT(credit_message(decision, false), HasSubstr("449 points, class E"));
}

// Some of the values, by chance, and both ends; whole ones where a request may have no others.
std::vector<double> some_of(const WantedValues& wanted, const schema::Field& field, Random& random) {
  std::vector<double> values = {wanted.nearest};
  if (std::isfinite(wanted.furthest)) values.push_back(wanted.furthest);
  for (int i = 0; i < 20; ++i) {
    double value = 0;
    if (wanted.furthest == kInfinity) {
      value = wanted.nearest + random.exponential(wanted.nearest + 10);
    } else {
      const double end = std::max(wanted.furthest, field.minimum);
      value = end + random.uniform() * (wanted.nearest - end);
    }
    if (field.type == schema::FieldType::kInteger) value = std::round(value);
    if (schema::accepts(field, value)) values.push_back(value);
  }
  return values;
}

// Every reason of many applicants: giving its field the average changes the sum by its points, and each of the values
// that are wanted does exactly what is said of it. Thresholds at the ends of the scale and between its points, too.
TEST(CreditServiceTest, ReasonsAndCounterfactualsHold) {
  std::size_t kept = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const GivenThresholds given =
        seed % 3 == 0 ? GivenThresholds{.low = 300, .accepted = 620.5, .excellent = 850} : GivenThresholds{};
    const auto service = CreditService::make(random_credit_model(seed, 5), given);
    ASSERT_TRUE(service) << service.error().to_string();
    const model::Scorecard& scorecard = (*service)->model().scorecard;
    Random random(seed + 100);
    std::size_t reached = 0;
    for (int i = 0; i < 300; ++i) {
      const ApplicantRow applicant = random_applicant(random);
      const CreditDecision decision = (*service)->decide(applicant);
      EXPECT_EQ(decision.points, std::floor(decision.points));
      const auto bounds = (*service)->thresholds().bounds();
      for (std::size_t bound = 0; bound < bounds.size(); ++bound) {
        EXPECT_EQ(decision.points >= bounds[bound], static_cast<std::size_t>(decision.credit_class) <= bound);
      }
      EXPECT_THAT(credit_message(decision, false),
                  HasSubstr(": " + std::to_string(static_cast<int>(decision.points)) + " points, class " +
                            std::string(model::to_string(decision.credit_class))));
      EXPECT_DOUBLE_EQ(decision.score + decision.default_probability, 1);
      // The sum, field after field.
      const auto margin_of = [&](const ApplicantRow& row, std::size_t averaged) {
        double margin = scorecard.intercept;
        for (std::size_t f = 0; f < scorecard.fields.size(); ++f) {
          const auto& field = scorecard.fields[f];
          const auto place = schema::find(schema::applicant_fields(), field.name);
          if (place && *place == averaged) {
            double sum = 0;
            double rows = 0;
            for (const auto& bin : field.bins) {
              sum += (bin.good + bin.bad) * bin.log_odds;
              rows += bin.good + bin.bad;
            }
            margin += sum / rows;
          } else {
            margin += field.bins[field.bin_of(place ? row[*place] : kNan)].log_odds;
          }
        }
        return margin;
      };
      const double points = scorecard.scale.points_of(margin_of(applicant, schema::kApplicantFields));
      for (std::size_t r = 0; r < decision.reason_count; ++r) {
        const CreditReason& reason = decision.reasons[r];
        EXPECT_GT(reason.points_lost, 0);
        EXPECT_LE(reason.points_lost, r > 0 ? decision.reasons[r - 1].points_lost : reason.points_lost);
        EXPECT_NEAR(scorecard.scale.points_of(margin_of(applicant, reason.field)) - points, reason.points_lost, 1e-9);
        EXPECT_FALSE(reason.wanted && !can_change(reason.field));
        if (!reason.wanted) continue;
        const schema::Field& field = schema::applicant_fields()[reason.field];
        for (const double value : some_of(*reason.wanted, field, random)) {
          SCOPED_TRACE(reason_text(reason, false) + " " + std::to_string(value));
          EXPECT_TRUE(schema::accepts(field, value));
          EXPECT_TRUE(reason.kind != CreditReason::Kind::kLow || value > reason.value);
          EXPECT_TRUE(reason.kind != CreditReason::Kind::kHigh || value < reason.value);
          ApplicantRow changed = applicant;
          changed[reason.field] = value;
          const CreditDecision other = (*service)->decide(changed);
          ++kept;
          if (reason.reaches) {
            ++reached;
            EXPECT_LT(*reason.reaches, decision.credit_class);
            EXPECT_EQ(other.credit_class, *reason.reaches);
          } else {
            for (const CreditReason& left : other.given()) EXPECT_NE(left.field, reason.field);
          }
        }
      }
    }
    EXPECT_GT(reached, 0u) << seed;
  }
  EXPECT_GT(kept, 50'000u);
}

// The challenger's points add up from its base, and what its reasons name is in that sum.
TEST(CreditServiceTest, TheChallengersPointsAddUp) {
  const auto service = CreditService::make(random_credit_model(3, 20));
  ASSERT_TRUE(service);
  const model::CreditModel& model = (*service)->model();
  const auto explainer = scoring::Explainer::boosted(model.boosted);
  ASSERT_TRUE(explainer);
  Random random(5);
  for (int i = 0; i < 100; ++i) {
    const ApplicantRow applicant = random_applicant(random);
    const CreditChallenge challenge = (*service)->challenge(applicant);
    std::vector<float> row;
    for (const auto& field : model.fields) {
      const auto place = schema::find(schema::applicant_fields(), field.name);
      row.push_back(static_cast<float>(place ? applicant[*place] : kNan));
    }
    std::vector<double> shares(row.size());
    explainer->contributions(row, shares);
    double lost = 0;
    for (const double share : shares) lost += model.scorecard.scale.factor() * model.calibration.slope * share;
    const double margin = model.calibration.slope * model::logit(scoring::reference_score(model.boosted, row)) +
                          model.calibration.intercept;
    EXPECT_NEAR(challenge.default_probability, model::sigmoid(margin), 1e-12);
    EXPECT_NEAR(challenge.base_points - lost, model.scorecard.scale.points_of(margin), 1e-2);
    for (std::size_t r = 0; r < challenge.reason_count; ++r) {
      const auto place = schema::applicant_fields()[challenge.reasons[r].field].name;
      for (std::size_t f = 0; f < model.fields.size(); ++f) {
        if (model.fields[f].name != place) continue;
        EXPECT_NEAR(challenge.reasons[r].points_lost,
                    model.scorecard.scale.factor() * model.calibration.slope * shares[f], 1e-9);
      }
    }
  }
}

// The scorecard has a bin of its own for 98: the challenger does not call it high either.
TEST(CreditServiceTest, ASpecialValueIsOneToTheChallengerToo) {
  const auto service = CreditService::make(random_credit_model(3, 20));
  ASSERT_TRUE(service);
  Random random(5);
  std::size_t special = 0;
  for (int i = 0; i < 300; ++i) {
    ApplicantRow applicant = random_applicant(random);
    applicant[schema::kImpayes] = 98;
    const CreditChallenge challenge = (*service)->challenge(applicant);
    for (std::size_t r = 0; r < challenge.reason_count; ++r) {
      if (challenge.reasons[r].field != schema::kImpayes) continue;
      EXPECT_EQ(reason_code(challenge.reasons[r]), "historique_impaye_particulier");
      ++special;
    }
  }
  EXPECT_GT(special, 0u);
}

TEST(CreditServiceTest, RefusesAModelThatNoRequestCanFeed) {
  model::LoadedCreditModel loaded = plain_model();
  loaded.model.fields = {{.name = "x"}, {.name = "y"}, {.name = "z"}};
  for (std::size_t i = 0; i < 3; ++i) loaded.model.scorecard.fields[i].name = loaded.model.fields[i].name;
  const auto service = CreditService::make(loaded);
  ASSERT_FALSE(service);
  EXPECT_THAT(service.error().to_string(), HasSubstr("no field that a request has"));
  EXPECT_FALSE(CreditService::load("/nowhere"));
  const auto random = CreditService::make(random_credit_model(1, 3));
  ASSERT_TRUE(random);
  EXPECT_THAT((*random)->unasked(), testing::ElementsAre("duration"));
}

TEST(CreditTextsTest, EveryFieldAndKindHasACodeAndWordsOfItsOwn) {
  std::set<std::string_view> codes;
  std::set<std::string> texts;
  for (std::size_t field = schema::kAge; field < schema::kApplicantFields; ++field) {
    for (int kind = 0; kind < 5; ++kind) {
      const CreditReason reason{.field = static_cast<schema::ApplicantField>(field),
                                .kind = static_cast<CreditReason::Kind>(kind),
                                .value = 1234.5,
                                .wanted = WantedValues{2000, kInfinity},
                                .reaches = CreditClass::kB};
      EXPECT_TRUE(reason_code(reason).starts_with(schema::applicant_fields()[field].name));
      codes.insert(reason_code(reason));
      texts.insert(reason_text(reason, false));
      texts.insert(reason_text(reason, true));
      EXPECT_THAT(reason_text(reason, false), HasSubstr("1,234.5"));
      EXPECT_THAT(reason_text(reason, true), HasSubstr("1\u202F234,5"));
      EXPECT_THAT(reason_text(reason, true), HasSubstr("à partir de 2\u202F000, la classe B serait atteinte."));
    }
  }
  EXPECT_EQ(reason_text({.field = schema::kTauxEndettement, .kind = CreditReason::Kind::kMissing, .value = kNan}, true),
            "Charges de dette rapportées au revenu\u00A0: non communiquées.");
  EXPECT_EQ(codes.size(), 35u);
  EXPECT_EQ(texts.size(), 70u);
}

}  // namespace
}  // namespace vigie::decision
