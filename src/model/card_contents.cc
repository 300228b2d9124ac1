#include "model/card_contents.h"

#include "model/card.h"
#include "model/ensemble_contents.h"
#include "model/json_reader.h"
#include "model/model_json.h"
#include "schema/card.h"

namespace vigie::model {
namespace {

std::vector<std::string> names_of(std::span<const schema::Field> fields) {
  std::vector<std::string> names;
  for (const schema::Field& field : fields) names.emplace_back(field.name);
  return names;
}

Result<CardModel> parse(const PackageContents& contents) {
  const auto document = VIGIE_TRY(open_document(contents, kModelFile));
  CardModel model = VIGIE_TRY(parse_card_json(document.root()));
  const EnsembleNames names{.inputs = names_of(schema::card_input_fields()), .fields = names_of(schema::card_fields())};
  VIGIE_TRY(read_ensemble_files(contents, names, model));
  return model;
}

}  // namespace

Result<PackageContents> make_contents(const CardModel& model) {
  PackageContents contents;
  contents.emplace(kModelFile, model_json(model));
  add_ensemble_files(model, contents);
  const auto back = VIGIE_TRY(parse(contents));
  VIGIE_TRY(check_same_members(model, back));
  contents.emplace(kCardFile, card_html(model, seal(contents, kCardKind).files));
  add_marker(contents, kCardKind);
  return contents;
}

Result<LoadedCardModel> read_card_contents(const PackageContents& contents) {
  LoadedCardModel loaded;
  loaded.info = VIGIE_TRY(verify_contents(contents, kCardKind));
  loaded.model = VIGIE_TRY(parse(contents));
  return loaded;
}

}  // namespace vigie::model
