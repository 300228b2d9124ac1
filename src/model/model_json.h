// model.json: what a card model is, how it was made, how its members combine (docs/model-package.md). Members,
// reference and evaluation are in files of their own; their figures appear here only as a summary for people.
#pragma once

#include <string>

#include "base/json_writer.h"
#include "base/result.h"
#include "model/package.h"

namespace vigie::model {

class JsonReader;

std::string model_json(const CardModel& model);
void write_model(JsonWriter& json, const CardModel& model);  // the same, inside another document

// Fills everything of the model that model.json holds, checked: finite numbers, 35 scaler columns, terms that name the
// members in order.
Result<CardModel> parse_model_json(const JsonReader& json);

}  // namespace vigie::model
