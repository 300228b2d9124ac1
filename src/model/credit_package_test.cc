#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <functional>
#include <limits>

#include "base/file.h"
#include "model/card_contents.h"
#include "model/credit_card.h"
#include "model/credit_contents.h"
#include "model/credit_json.h"
#include "model/evaluation_json.h"
#include "model/json_reader.h"
#include "model/sample_credit_model.h"
#include "model/scorecard_json.h"

namespace vigie::model {
namespace {

using testing::HasSubstr;

// Everything that a package holds as the text that it is stored as: equal texts, equal models.
std::string all_of(const CreditModel& model) {
  return credit_model_json(model) + scorecard_json(model.scorecard) + fairness_json(model.fairness) +
         points_reference_json(model.reference) + evaluation_json(model.evaluation) + model.boosted_source;
}

template <typename T>
std::string error_of(const Result<T>& result) {
  return result ? "accepted" : result.error().to_string();
}

TEST(CreditPackageTest, ReadsBackWhatItWroteAsFolderAndAsArchive) {
  std::string pattern = (std::filesystem::temp_directory_path() / "vigie-credit-XXXXXX").native();
  const std::filesystem::path folder = ::mkdtemp(pattern.data());
  const CreditModel model = sample_credit_model();
  for (const char* name : {"credit", "credit.tar.zst"}) {
    const auto written = write_package(folder / name, model);
    ASSERT_TRUE(written) << written.error().to_string();
    EXPECT_EQ(written->kind, "credit");
    EXPECT_EQ(written->files.size(), 7u);
    const auto read = read_credit_package(folder / name);
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(all_of(read->model), all_of(model));
    EXPECT_EQ(read->info.version, written->version);
    EXPECT_EQ(verify_package(folder / name)->version, written->version);
    EXPECT_THAT(error_of(read_package(folder / name)), HasSubstr("this is a credit model, and a card model is needed"));
  }
  EXPECT_THAT(error_of(read_credit_package(folder / "absent")), HasSubstr("No such file"));
  std::filesystem::remove_all(folder);
}

TEST(CreditPackageTest, EqualModelsGiveEqualBytes) {
  EXPECT_EQ(*make_contents(sample_credit_model()), *make_contents(sample_credit_model()));
  CreditModel other = sample_credit_model();
  other.scorecard.intercept = std::nextafter(-3, 0);
  EXPECT_NE(make_contents(other)->at("PACKAGE"), make_contents(sample_credit_model())->at("PACKAGE"));
}

TEST(CreditPackageTest, AChangedFileIsNamed) {
  const auto contents = make_contents(sample_credit_model());
  ASSERT_TRUE(contents);
  for (const auto& [name, bytes] : *contents) {
    PackageContents changed = *contents;
    changed[name][bytes.size() / 2] ^= 1;
    EXPECT_FALSE(read_credit_contents(changed)) << name;
    changed.erase(name);
    EXPECT_THAT(error_of(read_credit_contents(changed)), HasSubstr(name));
  }
}

TEST(CreditPackageTest, DoesNotWriteWhatItCouldNotRead) {
  const auto refusal = [](const std::function<void(CreditModel&)>& change) {
    CreditModel model = sample_credit_model();
    change(model);
    return error_of(make_contents(model));
  };
  EXPECT_EQ(refusal([](CreditModel&) {}), "accepted");
  EXPECT_THAT(refusal([](CreditModel& m) { m.fields.clear(); }), HasSubstr("fields: there are none"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.fields[1].name = "age"; }), HasSubstr("\"age\" is there twice"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.fields[1].factor = 0; }), HasSubstr("fields[1].factor"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.fields[0].name = "years"; }), HasSubstr("none of the model's fields"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.fields[2].categories.pop_back(); }), HasSubstr("other categories"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.fields.emplace_back(m.fields[0]).name = "more"; }),
              HasSubstr("it takes 3 features where the model has 4 fields"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.scorecard.fields[1].categories[1] = "own"; }), HasSubstr("there twice"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.scorecard.fields[1].edges = {0, 2}; }),
              HasSubstr("not between the first and the last category"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.calibration.slope = -1; }), HasSubstr("not a line that rises"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.calibration.intercept = std::numeric_limits<double>::quiet_NaN(); }),
              HasSubstr("model.json: calibration"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.forecast.low_slope = -0.1; }), HasSubstr("not a curve that rises"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.forecast = {0, 0, 1}; }), HasSubstr("not a curve that rises"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.thresholds.low = 700; }), HasSubstr("low, accepted, excellent"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.boosted_source = "{}"; }), HasSubstr("xgboost.json"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.boosted.base_margin += 1; }), HasSubstr("not the one in its source"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.evaluation.scorers.pop_back(); }), HasSubstr("not scorecard and xgboost"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.fairness[0].reference = 2; }), HasSubstr("there is no such group"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.fairness[0].groups[0].approved = 101; }),
              HasSubstr("tables[0].groups: the counts of \"under 30\""));
  EXPECT_THAT(refusal([](CreditModel& m) { m.reference.edges[1] = 900; }), HasSubstr("edges: they do not rise"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.reference.bad.pop_back(); }), HasSubstr("bad: not one count a range"));
  EXPECT_THAT(refusal([](CreditModel& m) { m.reference.good[0] = -1; }), HasSubstr("good: a count is negative"));
}

TEST(CreditPackageTest, ReadersRefuseOtherDocuments) {
  const auto outcome = [](std::string_view text, auto parse) {
    const auto json = JsonDocument::parse(text, "file.json");
    return json ? error_of(parse(json->root())) : json.error().to_string();
  };
  for (const std::string_view text : {"{}", "[]", "null", "{\"kind\": \"card\", \"format\": \"vigie.forest\"}"}) {
    EXPECT_NE(outcome(text, parse_credit_model_json), "accepted");
    EXPECT_NE(outcome(text, parse_fairness_json), "accepted");
    EXPECT_NE(outcome(text, parse_points_reference_json), "accepted");
  }
  EXPECT_THAT(outcome(R"({"format": "vigie.credit_fairness", "format_version": 2})", parse_fairness_json),
              HasSubstr("format_version: 2 is not 1"));
}

TEST(CreditModelTest, ClassesUseAllThreeThresholds) {
  const CreditThresholds thresholds;
  EXPECT_EQ(thresholds.bounds(), (std::array<double, 4>{800, 700, 600, 450}));
  EXPECT_EQ(to_string(thresholds.class_of(850)), "A");
  EXPECT_EQ(to_string(thresholds.class_of(799.99)), "B");
  EXPECT_EQ(to_string(thresholds.class_of(600)), "C");
  EXPECT_EQ(to_string(thresholds.class_of(450)), "D");
  EXPECT_EQ(to_string(thresholds.class_of(300)), "E");
  EXPECT_EQ(to_string(outcome_of(CreditClass::kC)), "accepté");
  EXPECT_EQ(to_string(outcome_of(CreditClass::kD)), "étude");
  EXPECT_EQ(to_string(outcome_of(CreditClass::kE)), "refusé");
}

TEST(CreditModelTest, TheForecastCurveIsTheLineAtBothEndsAndNothingByDefault) {
  for (const double margin : {-700.0, -5.0, -0.3, 0.0, 1.0, 30.0, 900.0}) {
    EXPECT_NEAR(ForecastCurve()(margin), margin, 1e-12 * (1 + std::abs(margin)));
    const double p = sigmoid(margin);
    const ForecastCurve curve{.low_slope = 1.2, .high_slope = 0.7, .intercept = 0.1};
    if (std::abs(margin) <= 30) {
      EXPECT_NEAR(curve(margin), 1.2 * std::log(p) - 0.7 * std::log1p(-p) + 0.1, 1e-3) << margin;
    }
    EXPECT_NEAR(curve(-700), 1.2 * -700 + 0.1, 1e-9);
    EXPECT_NEAR(curve(700), 0.7 * 700 + 0.1, 1e-9);
  }
}

TEST(CreditModelTest, FairnessByHand) {
  const FairnessTable table = sample_credit_model().fairness[0];
  EXPECT_DOUBLE_EQ(table.groups[0].approval_rate(), 0.4);
  EXPECT_DOUBLE_EQ(table.impact_ratio(0), 0.5);  // 0.4 / 0.8
  EXPECT_DOUBLE_EQ(table.impact_ratio(1), 1);
  EXPECT_DOUBLE_EQ(table.opportunity_difference(0), 36.0 / 80 - 157.0 / 190);
  EXPECT_EQ(table.opportunity_difference(1), 0);
}

TEST(CreditCardTest, ShowsPointsAndGroupsInBothLanguagesAndEscapes) {
  CreditModel model = sample_credit_model();
  model.name = "<b>credit</b>";
  model.scorecard.fields[1].categories[1] = model.fields[2].categories[1] = "<i>rent";
  const std::string html = credit_card_html(model, {});
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, HasSubstr("&lt;b&gt;credit&lt;/b&gt;"));
  EXPECT_THAT(html, HasSubstr("&lt;i&gt;rent"));
  EXPECT_THAT(html, testing::Not(HasSubstr("<i>rent")));
  EXPECT_THAT(html, HasSubstr("up to 30"));
  EXPECT_THAT(html, HasSubstr("jusqu’à 30"));
  EXPECT_THAT(html, HasSubstr("-43.3"));  // 0.6 / ln 2 * 50 points
  EXPECT_THAT(html, HasSubstr("under 30"));
  EXPECT_THAT(html, HasSubstr("0.500"));  // the impact ratio
  EXPECT_THAT(html, HasSubstr("MonthlyIncome × 12"));
}

}  // namespace
}  // namespace vigie::model
