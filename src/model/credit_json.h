// The files of a credit model that only it has: model.json, fairness.json and reference.json (docs/model-package.md).
#pragma once

#include <string>

#include "base/json_writer.h"
#include "base/result.h"
#include "model/credit_model.h"

namespace vigie::model {

class JsonReader;

// What the model is and how it was made; its members, figures, fairness and reference are in files of their own.
std::string credit_model_json(const CreditModel& model);
void write_credit_model(JsonWriter& json, const CreditModel& model);  // the same, inside another document
Result<CreditModel> parse_credit_model_json(const JsonReader& json);

std::string fairness_json(const std::vector<FairnessTable>& tables);
// Counts are finite, none above those of its group, and `reference` is one of the groups.
Result<std::vector<FairnessTable>> parse_fairness_json(const JsonReader& json);

std::string points_reference_json(const PointsReference& reference);
// Edges rise, and there are as many counts as ranges, none below 0.
Result<PointsReference> parse_points_reference_json(const JsonReader& json);

}  // namespace vigie::model
