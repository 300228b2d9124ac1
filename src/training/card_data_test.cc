// The genuine card data, where it is: it may not be redistributed, so the test reads it from VIGIE_DATA_DIR.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "dataset/card_rows.h"
#include "features/card.h"
#include "scoring/scorer.h"
#include "training/card_training.h"
#include "training/libxgboost_scores.h"

namespace vigie::training {
namespace {

TEST(CardData, GenuineTransactionsGiveAModelWorthHaving) {
  const char* const folder = std::getenv("VIGIE_DATA_DIR");
  const std::filesystem::path file =
      std::filesystem::path(folder != nullptr ? folder : "../shared/data") / "card" / "creditcard-train.csv.xz";
  if (!std::filesystem::exists(file))
    GTEST_SKIP() << file << " is absent: set VIGIE_DATA_DIR to the folder that has it";
  const auto rows = dataset::read_card_rows(file, {});
  ASSERT_TRUE(rows) << rows.error().to_string();
  ASSERT_EQ(rows->rows(), 32'710u);

  CardTrainingOptions options;
  options.prevalence = 0.00172749;
  options.threads = 2;
  options.replicates = 0;
  options.refit = Refit::kNever;
  options.weights.reset();
  const auto result = train_card({.raw = rows->values, .labels = rows->labels}, options);
  ASSERT_TRUE(result) << result.error().to_string();
  // Three standard errors of 76 held-out frauds below what five seeds give as means (docs/card-models.md).
  const auto& scorers = result->model.evaluation.scorers;
  EXPECT_GT(scorers[0].roc_auc.value, 0.89);
  EXPECT_GT(scorers[1].roc_auc.value, 0.95);
  EXPECT_GT(scorers[1].average_precision.value, 0.74);
  EXPECT_GE(scorers[2].average_precision.value, scorers[1].average_precision.value - 0.002);
  EXPECT_GT(scorers[2].f1.value, 0.72);

  // The packaged trees give what libxgboost gives, on every row of the file.
  constexpr std::size_t kInputs = schema::kCardInputs;
  std::vector<float> inputs(rows->rows() * kInputs);
  for (std::size_t i = 0; i < rows->rows(); ++i) {
    features::card_inputs(std::span(rows->values).subspan(i * schema::kCardRaw).first<schema::kCardRaw>(),
                          result->model.inputs, std::span(inputs).subspan(i * kInputs).first<kInputs>());
  }
  const auto scorer = scoring::make_boosted_scorer(result->model.boosted);
  ASSERT_TRUE(scorer);
  std::vector<double> ours(rows->rows());
  (*scorer)->score(inputs, ours);
  EXPECT_EQ(ours, libxgboost_scores(result->model.boosted_source, inputs, kInputs));
}

}  // namespace
}  // namespace vigie::training
