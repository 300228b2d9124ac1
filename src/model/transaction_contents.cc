#include "model/transaction_contents.h"

#include "model/card.h"
#include "model/ensemble_contents.h"
#include "model/json_reader.h"
#include "model/model_json.h"

namespace vigie::model {
namespace {

Result<TransactionModel> parse(const PackageContents& contents) {
  const auto document = VIGIE_TRY(open_document(contents, kModelFile));
  TransactionModel model = VIGIE_TRY(parse_transaction_json(document.root()));
  VIGIE_TRY(read_ensemble_files(contents, {.inputs = model.inputs, .fields = model.inputs}, model));
  return model;
}

}  // namespace

Result<PackageContents> make_contents(const TransactionModel& model) {
  PackageContents contents;
  contents.emplace(kModelFile, model_json(model));
  add_ensemble_files(model, contents);
  const auto back = VIGIE_TRY(parse(contents));
  VIGIE_TRY(check_same_members(model, back));
  contents.emplace(kCardFile, card_html(model, seal(contents, kTransactionKind).files));
  add_marker(contents, kTransactionKind);
  return contents;
}

Result<LoadedTransactionModel> read_transaction_contents(const PackageContents& contents) {
  LoadedTransactionModel loaded;
  loaded.info = VIGIE_TRY(verify_contents(contents, kTransactionKind));
  loaded.model = VIGIE_TRY(parse(contents));
  return loaded;
}

}  // namespace vigie::model
