// A credit model's figures for a terminal: shared by train and model show.
#pragma once

#include <string>

#include "base/json_writer.h"
#include "model/credit_model.h"

namespace vigie::cli {

// Held-out figures of both members, means over folds, and how age bands and other groups fare.
std::string credit_figures_text(const model::CreditModel& model);

// {"scorecard": {"roc_auc": {"mean", "deviation", "values"}, ...}, "xgboost": ...}
void write_folds(JsonWriter& json, const model::CreditModel& model);
// An array of groups a table, with rates, impact ratio and opportunity difference.
void write_fairness(JsonWriter& json, const model::CreditModel& model);

}  // namespace vigie::cli
