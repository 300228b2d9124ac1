// scorecard.json: fields in order, each with its bins (docs/model-package.md).
#pragma once

#include <string>

#include "base/result.h"
#include "model/scorecard.h"

namespace vigie::model {

class JsonReader;

std::string scorecard_json(const Scorecard& scorecard);
// The result has passed validate().
Result<Scorecard> parse_scorecard_json(const JsonReader& json);

}  // namespace vigie::model
