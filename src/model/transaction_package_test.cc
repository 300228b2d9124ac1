#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "base/file.h"
#include "model/card.h"
#include "model/json_reader.h"
#include "model/model_json.h"
#include "model/prequential_json.h"
#include "model/sample_model.h"
#include "model/transaction_contents.h"
#include "model/transaction_model.h"

namespace vigie::model {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> kInputs = {"montant", "nb_transactions_24h", "montant_ratio_30j", "nuit"};

class TransactionPackageTest : public testing::Test {
 protected:
  TransactionPackageTest() {
    std::string pattern = (fs::temp_directory_path() / "vigie-transaction-package-XXXXXX").native();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~TransactionPackageTest() override { fs::remove_all(folder_); }

  fs::path folder_;
};

template <typename T>
std::string error_of(const Result<T>& result) {
  return result ? "accepted" : result.error().to_string();
}

// Why a package with one file changed, and sealed again, is refused.
std::string refusal(std::string_view file, const std::string& text, const std::string& by) {
  auto contents = make_contents(sample_transaction_model(kInputs));
  if (!contents) return "no contents";
  std::string& bytes = contents->find(file)->second;
  const auto at = bytes.find(text);
  if (at == std::string::npos) return "there is no " + text;
  bytes.replace(at, text.size(), by);
  contents->erase(contents->find(kMarker));
  add_marker(*contents, kTransactionKind);
  return error_of(read_transaction_contents(*contents));
}

TEST_F(TransactionPackageTest, ReadsBackWhatItWrote) {
  const TransactionModel model = sample_transaction_model(kInputs);
  for (const std::string name : {"transaction", "transaction.tar.zst"}) {
    const auto written = write_package(folder_ / name, model);
    ASSERT_TRUE(written) << error_of(written);
    EXPECT_EQ(written->kind, "transaction");
    const auto read = read_transaction_package(folder_ / name);
    ASSERT_TRUE(read) << error_of(read);
    EXPECT_EQ(read->info.version, written->version);
    EXPECT_EQ(read->model.inputs, kInputs);
    EXPECT_EQ(model_json(read->model), model_json(model));
    EXPECT_EQ(read->model.boosted.forest, model.boosted.forest);
    EXPECT_EQ(read->model.isolation.forest, model.isolation.forest);
    ASSERT_TRUE(read->model.evaluation.prequential);
    EXPECT_EQ(read->model.evaluation.prequential->folds.size(), 2u);
    EXPECT_EQ(read->model.evaluation.prequential->scorers.at(0).mean.card_precision, 0.31);
    EXPECT_TRUE(verify_package(folder_ / name));
  }
}

TEST_F(TransactionPackageTest, KindsAreNotMistakenForEachOther) {
  ASSERT_TRUE(write_package(folder_ / "transaction", sample_transaction_model(kInputs)));
  ASSERT_TRUE(write_package(folder_ / "card", sample_card_model()));
  EXPECT_THAT(error_of(read_package(folder_ / "transaction")),
              HasSubstr("this is a transaction model, and a card model is needed"));
  EXPECT_THAT(error_of(read_transaction_package(folder_ / "card")),
              HasSubstr("this is a card model, and a transaction model is needed"));
  EXPECT_THAT(refusal("model.json", "\"kind\": \"transaction\"", "\"kind\": \"card\""),
              HasSubstr("\"card\" is not \"transaction\""));
}

TEST_F(TransactionPackageTest, InputsThatMembersDoNotHaveAreRefused) {
  const std::string first = "\"montant\"";
  EXPECT_THAT(refusal("model.json", first, "\"montants\""), HasSubstr("feature 0 is not montants"));
  EXPECT_THAT(refusal("model.json", first + ",", ""), HasSubstr("it takes 4 features, the model has 3"));
  EXPECT_THAT(refusal("model.json", first, "\"nuit\""), HasSubstr("\"nuit\" is there twice"));
  for (const std::string bad : {"\"\"", "\"<b>\"", "\"Montant\"", "\"a b\"", "\"é\"", "7", "null", "[]"}) {
    EXPECT_THAT(refusal("model.json", first, bad), HasSubstr("model.json")) << bad;
  }
  EXPECT_THAT(refusal("model.json", first, "\"" + std::string(65, 'a') + "\""), HasSubstr("1 to 64"));
  EXPECT_THAT(refusal("isolation_forest.json", first, "\"nuit\""), HasSubstr("feature 0 is not montant"));
  EXPECT_THAT(refusal("reference.json", first, "\"nuit\""), HasSubstr("not the 4 fields of the model in order"));
}

TEST_F(TransactionPackageTest, HostilePrequentialFiguresAreRefused) {
  const auto refused = [](const std::string& text, const std::string& by) {
    return refusal("evaluation.json", text, by);
  };
  EXPECT_THAT(refused("\"card_precision\": 0.31", "\"card_precision\": 1.5"), HasSubstr("not between 0 and 1"));
  EXPECT_THAT(refused("\"card_precision\": 0.31", "\"card_precision\": null"), HasSubstr("card_precision"));
  EXPECT_THAT(refused("\"cards\": 100", "\"cards\": 100000000000"), HasSubstr("above a million"));
  EXPECT_THAT(refused("\"cards\": 100", "\"cards\": -1"), HasSubstr("cards"));
  EXPECT_THAT(refused("\"train_from\": \"2018-08-15\"", "\"train_from\": 7"), HasSubstr("train_from"));
}

TEST_F(TransactionPackageTest, AFoldWithoutFiguresIsRefused) {
  TransactionModel model = sample_transaction_model(kInputs);
  model.evaluation.prequential->scorers.front().folds.pop_back();
  EXPECT_THAT(error_of(make_contents(model)), HasSubstr("not one a fold"));
  model.evaluation.prequential->folds.clear();
  EXPECT_THAT(error_of(make_contents(model)), HasSubstr("there is none"));
}

TEST_F(TransactionPackageTest, ItsCardSaysWhatItIs) {
  const TransactionModel model = sample_transaction_model(kInputs);
  const std::string html = card_html(model, {});
  EXPECT_THAT(html, HasSubstr("Model card · transaction fraud"));
  EXPECT_THAT(html, HasSubstr("Fiche de modèle · fraude à la transaction"));
  EXPECT_THAT(html, HasSubstr("As time goes on"));
  EXPECT_THAT(html, HasSubstr("2018-08-15"));
  EXPECT_THAT(html, HasSubstr("on scores of later days that the members had not learnt from"));
  EXPECT_THAT(html, Not(HasSubstr("V1..V28")));
  EXPECT_THAT(html, Not(HasSubstr("30 fields")));
  EXPECT_THAT(html, Not(HasSubstr("Scaler")));
  EXPECT_THAT(card_html(sample_card_model(), {}), Not(HasSubstr("As time goes on")));

  TransactionModel hostile = model;
  hostile.evaluation.prequential->scorers.front().name = "<script>";
  for (auto& fold : hostile.evaluation.prequential->folds) fold.test_from = "<script>";
  EXPECT_THAT(card_html(hostile, {}), Not(HasSubstr("<script")));

  const auto contents = make_contents(model);
  ASSERT_TRUE(contents) << error_of(contents);
  const auto loaded = read_transaction_contents(*contents);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(card_html(loaded->model, loaded->info.files), contents->find(kCardFile)->second);
}

}  // namespace
}  // namespace vigie::model
