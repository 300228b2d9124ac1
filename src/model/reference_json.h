// reference.json: what features and score looked like in training (docs/model-package.md).
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "model/package.h"

namespace vigie::model {

class JsonReader;

std::string reference_json(const Reference& reference);
// Every histogram is sound: finite, edges in order, as many counts as bins, nine quantiles in order. Contributions,
// where there are any, have one figure for each of the model's `inputs`, and dependences name inputs, no two the same,
// with bins in order.
Result<Reference> parse_reference_json(const JsonReader& json, std::span<const std::string> inputs);

}  // namespace vigie::model
