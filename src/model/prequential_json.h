// The part of evaluation.json that says what a model is worth as time goes on (docs/model-package.md).
#pragma once

#include "base/json_writer.h"
#include "base/result.h"
#include "model/prequential.h"

namespace vigie::model {

class JsonReader;

void write_prequential(JsonWriter& json, const Prequential& prequential);
// Checked: at least one fold, and figures of every fold for every scorer.
Result<Prequential> parse_prequential(const JsonReader& json);

}  // namespace vigie::model
