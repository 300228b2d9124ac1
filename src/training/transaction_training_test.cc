#include "training/transaction_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>

#include "dataset/read.h"
#include "dataset/simulate_transactions.h"
#include "model/transaction_contents.h"
#include "training/transaction_members.h"
#include "training/transaction_replay.h"

namespace vigie::training {
namespace {

using testing::HasSubstr;

// 300 customers, 65 days.
const dataset::TransactionRows& simulated() {
  static const dataset::TransactionRows rows = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "vigie-transactions-XXXXXX").native();
    const std::filesystem::path folder = ::mkdtemp(pattern.data());
    const auto table = dataset::simulate_transactions({.seed = 3, .customers = 300, .terminals = 600, .days = 65});
    EXPECT_TRUE(table);
    EXPECT_TRUE(dataset::write_table(*table, folder / "a.csv"));
    auto read = dataset::read_transaction_rows(folder / "a.csv");
    EXPECT_TRUE(read);
    std::filesystem::remove_all(folder);
    return std::move(*read);
  }();
  return rows;
}

TransactionTrainingOptions quick() {
  TransactionTrainingOptions options;
  options.boosted.rounds = 40;
  options.boosted.max_bin = 64;
  options.isolation_trees = 30;
  options.replicates = 20;
  options.lanes = 1;
  return options;
}

TEST(TransactionTraining, FindsSimulatedFraudsAndItsPackageIsWhole) {
  const auto result = train_transaction(simulated(), quick());
  ASSERT_TRUE(result) << result.error().to_string();
  const model::TransactionModel& model = result->model;
  EXPECT_EQ(model.inputs, transaction_input_defaults());
  ASSERT_EQ(model.evaluation.scorers.size(), 3u);
  EXPECT_GT(model::find_scorer(model.evaluation, model::kEnsemble)->roc_auc.value, 0.6);
  EXPECT_EQ(model::find_scorer(model.evaluation, model::kEnsemble)->threshold, model.threshold.value);
  ASSERT_TRUE(model.evaluation.prequential);
  EXPECT_EQ(model.evaluation.prequential->folds.size(), 4u);
  ASSERT_EQ(model.evaluation.prequential->scorers.size(), 2u);
  EXPECT_GT(model.evaluation.prequential->scorers[0].mean.roc_auc, 0.6);
  EXPECT_GT(model.data.positives, 0u);
  ASSERT_TRUE(model.reference.contributions);
  EXPECT_EQ(model.reference.contributions->mean_absolute.size(), model.inputs.size());
  EXPECT_FALSE(model.reference.contributions->dependence.empty());
  EXPECT_LT(model.data.rows, simulated().rows());
  EXPECT_THAT(result->notes, testing::Contains(HasSubstr("every transaction is taken as paiement")));
  const auto contents = model::make_contents(model);
  ASSERT_TRUE(contents) << contents.error().to_string();
  EXPECT_TRUE(model::read_transaction_contents(*contents));
}

TEST(TransactionTraining, EqualRowsAndOptionsGiveEqualBytesForAnyNumberOfThreads) {
  auto options = quick();
  options.prequential = false;
  std::vector<model::PackageContents> contents;
  for (const std::size_t threads : {1u, 2u, 1u}) {
    options.threads = threads;
    options.seed = contents.size() < 2 ? 1 : 2;
    const auto result = train_transaction(simulated(), options);
    ASSERT_TRUE(result) << result.error().to_string();
    EXPECT_FALSE(result->model.evaluation.prequential);
    contents.push_back(*model::make_contents(result->model));
  }
  EXPECT_EQ(contents[0], contents[1]);
  EXPECT_NE(contents[0], contents[2]) << "another seed, another model";
}

TEST(TransactionTraining, TakesTheInputsThatItIsTold) {
  auto options = quick();
  options.prequential = false;
  options.inputs = {"heure", "montant", "montant_ratio_30j"};
  const auto result = train_transaction(simulated(), options);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->model.inputs, options.inputs);
  EXPECT_EQ(result->model.reference.features.size(), 3u);
  options.inputs = {"humeur"};
  EXPECT_THAT(train_transaction(simulated(), options).error().to_string(), HasSubstr("\"humeur\" is no input"));
  options.inputs = {"montant", "montant"};
  EXPECT_THAT(train_transaction(simulated(), options).error().to_string(), HasSubstr("given twice"));
  options.inputs.clear();
  EXPECT_FALSE(train_transaction(simulated(), options));
}

TEST(TransactionTraining, SaysWhatTheRowsLack) {
  auto options = quick();
  options.protocol.test_days = 14;
  options.protocol.delay_days = 14;
  const auto few_days = train_transaction(simulated(), options);
  ASSERT_FALSE(few_days);
  EXPECT_THAT(few_days.error().to_string(), HasSubstr("and training needs 70 days"));
  auto no_fraud = simulated();
  std::ranges::fill(no_fraud.labels, 0);
  const auto one_class = train_transaction(no_fraud, quick());
  ASSERT_FALSE(one_class);
  EXPECT_THAT(one_class.error().to_string(), HasSubstr("have no row of class 1"));
  EXPECT_FALSE(train_transaction({}, quick()));
}

TEST(TransactionMembers, AMissingValueGoesWhereTheMedianGoes) {
  TransactionMatrix matrix{.inputs = {0, 1}, .first = 0, .values = {}};
  std::vector<std::uint32_t> rows;
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  for (std::uint32_t i = 0; i < 300; ++i) {
    matrix.values.push_back(i % 3 == 0 ? kNone : static_cast<float>(i));
    matrix.values.push_back(static_cast<float>(i % 7));
    rows.push_back(i);
  }
  const std::vector<std::size_t> columns = {0, 1};
  const auto fitted = fit_transaction_isolation(matrix, rows, columns, {.trees = 20, .sample_size = 64});
  ASSERT_TRUE(fitted) << fitted.error().to_string();
  const std::vector<float> two = {kNone, 3, 151, 3};  // 151 is the median of what is there
  std::vector<double> scores(2);
  fitted->scorer->score(two, scores);
  EXPECT_EQ(scores[0], scores[1]);
}

// The book's transactions, where they are beside the project: one of its folds, by its own inputs and by ours.
TEST(TransactionTraining, OneOfTheBooksFolds) {
  const char* const folder = std::getenv("VIGIE_DATA_DIR");
  const auto file = std::filesystem::path(folder != nullptr ? folder : "../shared/data") / "transaction" /
                    "handbook-transactions.csv.xz";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no transactions beside the project: set VIGIE_DATA_DIR";
  const auto rows = dataset::read_transaction_rows(file);
  ASSERT_TRUE(rows) << rows.error().to_string();
  const auto folds = prequential_folds(*rows, {.start = kBookStartDay - 21, .folds = 1});
  ASSERT_TRUE(folds) << folds.error().to_string();
  const PrequentialSplit& fold = folds->front();
  EXPECT_EQ(fold.train.size(), 67'240u) << "as the book prints of this fold";
  EXPECT_EQ(fold.test.size(), 58'264u);
  std::vector<std::size_t> inputs;
  for (const std::string& name : transaction_input_defaults()) {
    inputs.push_back(features::find_transaction_input(name).value());
  }
  const auto matrix = transaction_matrix(*rows, 7 * 86'400, inputs, fold.train.front());
  ASSERT_TRUE(matrix);
  std::vector<std::size_t> columns(inputs.size());
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = i;
  BoostedOptions options = transaction_boosted_defaults();
  options.lanes = 1;
  const auto fit = [&](std::span<const std::size_t> chosen) {
    const auto boosted = fit_transaction_boosted(*matrix, *rows, fold.train, chosen, options);
    EXPECT_TRUE(boosted) << boosted.error().to_string();
    const auto scores = score_transactions(*boosted->scorer, *matrix, fold.test, chosen, 1);
    return *prequential_figures(*rows, fold.test, scores, 100);
  };
  const model::PrequentialFigures ours = fit(columns);
  const model::PrequentialFigures books = fit(std::span(columns).first(handbook_inputs().size()));
  EXPECT_GT(ours.roc_auc, 0.875);
  EXPECT_GT(ours.average_precision, 0.70);
  EXPECT_GT(ours.card_precision, 0.29);
  EXPECT_GT(ours.average_precision, books.average_precision);
  EXPECT_GT(books.average_precision, 0.65);
}

}  // namespace
}  // namespace vigie::training
