// Give Me Some Credit and German credit, where they are: they may not be redistributed, so the tests read them from
// VIGIE_DATA_DIR.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/sanitized.h"
#include "model/credit_contents.h"
#include "training/credit_rows.h"
#include "training/credit_training.h"

namespace vigie::training {
namespace {

std::filesystem::path credit_file(const char* name) {
  const char* const folder = std::getenv("VIGIE_DATA_DIR");
  return std::filesystem::path(folder != nullptr ? folder : "../shared/data") / "credit" / name;
}

Result<CreditTrainingResult> train(const std::filesystem::path& file, const CreditReading& reading,
                                   CreditTrainingOptions options = {}) {
  const CreditRows rows = VIGIE_TRY(read_credit_rows(file, reading));
  options.threads = 2;
  options.replicates = 0;
  return train_credit({.data = {.columns = rows.columns, .labels = rows.labels}, .groups = rows.groups}, options);
}

TEST(CreditData, GiveMeSomeCreditOverFiveFolds) {
  const auto file = credit_file("give-me-some-credit-train.csv.xz");
  if (!std::filesystem::exists(file))
    GTEST_SKIP() << file << " is absent: set VIGIE_DATA_DIR to the folder that has it";
  CreditReading reading{.map = {{"age", "age"},
                                {"revenu", "MonthlyIncome", 12},
                                {"historique_impaye", "NumberOfTimes90DaysLate"},
                                {"taux_endettement", "DebtRatio"},
                                {"credits_ouverts", "NumberOfOpenCreditLinesAndLoans"},
                                {"personnes_a_charge", "NumberOfDependents"}},
                        .extra = {"RevolvingUtilizationOfUnsecuredLines", "NumberOfTime30-59DaysPastDueNotWorse",
                                  "NumberOfTime60-89DaysPastDueNotWorse", "NumberRealEstateLoansOrLines"},
                        .target = "SeriousDlqin2yrs"};
  // Above some tens it is no utilization any more, and its risk falls again.
  reading.trends = {{"RevolvingUtilizationOfUnsecuredLines", model::Trend::kPeak}};
  for (const char* late :
       {"historique_impaye", "NumberOfTime30-59DaysPastDueNotWorse", "NumberOfTime60-89DaysPastDueNotWorse"}) {
    reading.special.push_back({late, {96, 98}});
  }
  CreditTrainingOptions options;
  if (kSanitized) options.folds = 2;  // the same code, two minutes less; what five give is for the other builds
  const auto all = train(file, reading, options);
  ASSERT_TRUE(all) << all.error().to_string();
  EXPECT_EQ(all->model.data.rows, 120'000u);
  if (kSanitized) return;
  EXPECT_GE(all->model.folds[0].mean, 0.857) << "scorecard";
  EXPECT_GE(all->model.folds[1].mean, 0.863) << "XGBoost";
  EXPECT_LE(all->model.evaluation.scorers[0].calibration_error.value, 0.003);
  EXPECT_LE(all->model.evaluation.scorers[1].calibration_error.value, 0.005);

  reading.map.resize(3);
  reading.extra.clear();
  reading.special.resize(1);
  reading.trends.clear();
  const auto core = train(file, reading);
  ASSERT_TRUE(core) << core.error().to_string();
  EXPECT_GE(core->model.folds[0].mean, 0.74);
}

TEST(CreditData, GermanCreditTrainsFromItsOwnFile) {
  const auto file = credit_file("german.data");
  if (!std::filesystem::exists(file))
    GTEST_SKIP() << file << " is absent: set VIGIE_DATA_DIR to the folder that has it";
  CreditReading reading{
      .map = {{"montant_credit", "5"}, {"age", "13"}, {"credits_ouverts", "16"}, {"personnes_a_charge", "18"}},
      .fairness = {"9", "20"},
      .target = "21",
      .bad = "2",
      .delimiter = ' ',
      .header = false};
  for (const char* column : {"1", "2", "3", "4", "6", "7", "8", "10", "11", "12", "14", "15", "17", "19"}) {
    reading.extra.push_back(column);
  }
  const auto german = train(file, reading);
  ASSERT_TRUE(german) << german.error().to_string();
  EXPECT_EQ(german->model.data.positives, 300u);
  EXPECT_GE(german->model.folds[0].mean, 0.75);
  EXPECT_GE(german->model.folds[1].mean, 0.75);
  EXPECT_EQ(german->model.fairness.size(), 6u) << "age bands, status and sex, foreign worker, by both members";
  EXPECT_TRUE(model::make_contents(german->model));
}

}  // namespace
}  // namespace vigie::training
