// Give Me Some Credit, where it is: it may not be redistributed, so the test reads it from VIGIE_DATA_DIR.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "base/random.h"
#include "dataset/read.h"
#include "model/combination.h"
#include "training/metrics.h"
#include "training/scorecard_fit.h"

namespace vigie::training {
namespace {

const std::vector<std::string> kFields = {"RevolvingUtilizationOfUnsecuredLines",
                                          "age",
                                          "NumberOfTime30-59DaysPastDueNotWorse",
                                          "DebtRatio",
                                          "MonthlyIncome",
                                          "NumberOfOpenCreditLinesAndLoans",
                                          "NumberOfTimes90DaysLate",
                                          "NumberRealEstateLoansOrLines",
                                          "NumberOfTime60-89DaysPastDueNotWorse",
                                          "NumberOfDependents"};
const std::string kLabel = "SeriousDlqin2yrs";

std::optional<dataset::Table> credit_rows() {
  const char* const folder = std::getenv("VIGIE_DATA_DIR");
  const std::filesystem::path file = std::filesystem::path(folder != nullptr ? folder : "../shared/data") / "credit" /
                                     "give-me-some-credit-train.csv.xz";
  if (!std::filesystem::exists(file)) return std::nullopt;
  std::vector<std::string> columns = kFields;
  columns.push_back(kLabel);
  auto reading = dataset::read_table(file, {.columns = columns});
  if (!reading) throw std::runtime_error(reading.error().to_string());
  return std::move(reading->table);
}

TEST(ScorecardData, GiveMeSomeCreditOverFiveFolds) {
  const auto table = credit_rows();
  if (!table) GTEST_SKIP() << "Give Me Some Credit is absent: set VIGIE_DATA_DIR to the folder that has it";
  std::vector<std::vector<double>> values;
  for (const std::string& name : kFields) values.push_back(*table->find(name)->to_numbers());
  const std::vector<double> outcomes_of_all = *table->find(kLabel)->to_numbers();
  std::vector<std::uint8_t> labels;
  for (const double number : outcomes_of_all) labels.push_back(number == 1 ? 1 : 0);
  ASSERT_EQ(labels.size(), 120'000u);

  constexpr std::size_t kFolds = 5;
  std::vector<std::uint32_t> order(labels.size());
  std::iota(order.begin(), order.end(), 0u);
  Random(1).shuffle(std::span(order));
  double mean_auc = 0;
  std::vector<double> forecasts(labels.size());
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<std::vector<double>> train(kFields.size());
    std::vector<std::uint8_t> train_labels;
    std::vector<std::uint32_t> held_out;
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i % kFolds == fold) {
        held_out.push_back(order[i]);
        continue;
      }
      for (std::size_t c = 0; c < kFields.size(); ++c) train[c].push_back(values[c][order[i]]);
      train_labels.push_back(labels[order[i]]);
    }
    std::vector<ScorecardColumn> columns;
    for (std::size_t c = 0; c < kFields.size(); ++c) {
      columns.push_back({.name = kFields[c], .values = train[c]});
      // Codes of the bureau, no numbers of payments.
      if (kFields[c].starts_with("NumberOfTime")) columns.back().binning.special = {96, 98};
    }
    const auto fit = fit_scorecard(columns, train_labels, {}, {});
    ASSERT_TRUE(fit) << fit.error().to_string();
    std::vector<double> scores;
    std::vector<std::uint8_t> outcomes;
    for (const std::uint32_t row : held_out) {
      std::vector<double> applicant;
      for (const std::size_t column : fit->used) applicant.push_back(values[column][row]);
      scores.push_back(model::sigmoid(fit->scorecard.margin(applicant)));
      outcomes.push_back(labels[row]);
      forecasts[row] = scores.back();
    }
    mean_auc += roc_auc(rank(scores, outcomes, {})) / kFolds;
  }
  const auto all = evaluate_scorer("scorecard", forecasts, labels, {}, 0.5, {.replicates = 0});
  ASSERT_TRUE(all) << all.error().to_string();
  const double error = all->calibration_error.value;
  RecordProperty("auc", std::to_string(mean_auc));
  RecordProperty("calibration_error", std::to_string(error));
  EXPECT_GE(mean_auc, 0.857);
  EXPECT_LE(error, 0.005);
}

}  // namespace
}  // namespace vigie::training
