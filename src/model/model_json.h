// model.json: what a model is, how it was made, how its members combine (docs/model-package.md). Members,
// reference and evaluation are in files of their own; their figures appear here only as a summary for people.
#pragma once

#include <string>

#include "base/json_writer.h"
#include "base/result.h"
#include "model/package.h"
#include "model/transaction_model.h"

namespace vigie::model {

class JsonReader;

std::string model_json(const CardModel& model);
std::string model_json(const TransactionModel& model);
// The same, inside another document.
void write_model(JsonWriter& json, const CardModel& model);
void write_model(JsonWriter& json, const TransactionModel& model);

// Fills everything of the model that model.json holds, checked: finite numbers, 35 scaler columns, terms that name the
// members in order.
Result<CardModel> parse_card_json(const JsonReader& json);
// The same, and names of inputs that are no two the same, of at most 64 of a-z, 0-9 and _.
Result<TransactionModel> parse_transaction_json(const JsonReader& json);

}  // namespace vigie::model
