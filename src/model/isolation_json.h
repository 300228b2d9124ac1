// isolation_forest.json: one array a field and tree (docs/model-package.md).
#pragma once

#include <string>

#include "base/result.h"
#include "model/forest.h"

namespace vigie::model {

class JsonReader;

std::string isolation_json(const IsolationForest& isolation);
// The result has passed validate().
Result<IsolationForest> parse_isolation_json(const JsonReader& json);

}  // namespace vigie::model
