// evaluation.json: an Evaluation whole, curves included (docs/model-package.md).
#pragma once

#include <string>

#include "base/result.h"
#include "model/evaluation.h"

namespace vigie::model {

class JsonReader;

std::string evaluation_json(const Evaluation& evaluation);
Result<Evaluation> parse_evaluation_json(const JsonReader& json);

}  // namespace vigie::model
