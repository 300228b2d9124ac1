// XGBoost's JSON model format (schema of XGBoost 1.x and 2.x, "learner" object) to a canonical forest.
// https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
#pragma once

#include <string_view>

#include "base/result.h"
#include "model/forest.h"

namespace vigie::model {

// binary:logistic with the gbtree booster and numerical splits; anything else is kUnsupported and named. Strangers'
// bytes are welcome: the result has passed validate().
Result<BoostedForest> parse_xgboost_json(std::string_view json);

}  // namespace vigie::model
